/*
 * run - one life of the gateway, from the first service to the last sweep.
 */
#ifndef GATEWAY_SUPERVISOR_RUN_H
#define GATEWAY_SUPERVISOR_RUN_H

#include "gateway/supervisor/settings.h"

/* How a life ended, as the process's exit status. */
enum run_end {
	RUN_STOPPED = 0, /* asked to; do not start again */
	RUN_REFUSED = 1, /* could not start; the sentence was printed */
	RUN_FAILED = 2,	 /* something died; start again */
};

/*
 * Run the gateway until it ends. recovered says what ended the life before
 * ("": an ordinary start); it goes into the log.
 */
enum run_end run(const struct settings *settings, const char *recovered);

#endif
