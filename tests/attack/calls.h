/*
 * calls - what becomes of a system call, for both ends of calls_attack.
 */
#ifndef TESTS_ATTACK_CALLS_H
#define TESTS_ATTACK_CALLS_H

enum {
	CALLS = 471,	  /* 0 to 470 */
	CALL_KILLED = -2, /* by the filter */
	CALL_ENDED = -3,  /* the process ended and said nothing */
	CALL_WAITS = -4,  /* it did not come back */
	CALL_UNTRIED = -5,
};

#endif
