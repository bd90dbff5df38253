/*
 * shell_child - from the fork in sekisho-init to the exec of the user's shell.
 */
#ifndef SANDBOX_SHELL_CHILD_H
#define SANDBOX_SHELL_CHILD_H

#include "sandbox/shell.h"

/*
 * Give up everything and exec. inside: one terminal, or three pipe ends. gate:
 * takes READY with the filter's listener, or FAILED; exec waits for an answer.
 * A program that cannot be started ends with status 127.
 */
_Noreturn void shell_child_live(const struct shell_order *order,
				const int inside[SHELL_ENDS], int gate);

#endif
