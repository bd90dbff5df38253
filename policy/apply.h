/*
 * apply - put a policy in force: read, record, then act.
 */
#ifndef POLICY_APPLY_H
#define POLICY_APPLY_H

#include "policy/load.h"
#include "policy/server.h"

enum applied {
	APPLY_FAILED = -1, /* policy cannot go on */
	APPLY_NO = 0,	   /* server->problems says why; the old one stays */
	APPLY_WAIT = 1	   /* in force once its record is durable */
};

/* Read the folder and begin to apply it. reason is a word for the record. */
enum applied apply_folder(struct server *server, const char *reason,
			  struct err *err);

/* At start: the folder, else the copy of what was last in force. 0; or -1
 * and err names the first problem, with all of them noted. */
int apply_at_start(struct server *server, struct err *err);

/* The record of the policy that is being applied is durable. */
int apply_recorded(struct server *server, struct err *err);

#endif
