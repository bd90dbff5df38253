/*
 * shown_mounts - the mounts of a session, as the kernel lists them, beside
 * planned.def and the plan's datasets.
 */
#ifndef POLICY_SHOWN_MOUNTS_H
#define POLICY_SHOWN_MOUNTS_H

#include "policy/shown_rows.h"

void shown_mounts(struct view_rows *rows);

#endif
