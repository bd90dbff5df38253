/*
 * link - what the supervisor says to a desk after it was made.
 *
 * STOP, or the end of the link, ends the desk. VIEW brings what parse makes
 * of a file that its person opened, LINK_VAULT a link to a new vault.
 */
#ifndef GATEWAY_DESK_LINK_H
#define GATEWAY_DESK_LINK_H

#include "gateway/desk/desk.h"

/*
 * Wait at most so many milliseconds for the view of this number. Its pipe,
 * the caller's; or -1 and err: it did not come, or the desk has to end
 * (desk->leaving).
 */
int link_view(struct desk *desk, uint64_t view, int milliseconds,
	      struct err *err);

/* Something arrived while no view is waited for: one that comes too late is
 * closed, everything else ends the desk (desk->leaving). */
void link_hear(struct desk *desk);

#endif
