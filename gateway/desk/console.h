/*
 * console - what must be made before the desk is confined: libedit's pty,
 * its description of the terminal, the locale and the time zone.
 */
#ifndef GATEWAY_DESK_CONSOLE_H
#define GATEWAY_DESK_CONSOLE_H

#include "gateway/desk/desk.h"

/* Call once, before process_confine(). 0, or -1 and err. */
int console_prepare(struct desk *desk, struct err *err);

#endif
