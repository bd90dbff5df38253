/*
 * spawner - the process from which all boxes and sandboxes descend.
 */
#ifndef GATEWAY_SUPERVISOR_SPAWNER_H
#define GATEWAY_SUPERVISOR_SPAWNER_H

#include "gateway/supervisor/gateway.h"

/* Start it. Must come before the supervisor's filter, which sandboxes must
 * not inherit, and after its mounts, which they are built from. 0 or -1. */
int spawner_start(struct gateway *gateway, struct err *err);

/* Let it start a box. child must be set up as child_adopt() says. 0 or -1. */
int spawner_box(struct gateway *gateway, struct child *box, struct err *err);

#endif
