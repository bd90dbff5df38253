/*
 * services - the processes that always run.
 */
#ifndef GATEWAY_SUPERVISOR_SERVICES_H
#define GATEWAY_SUPERVISOR_SERVICES_H

#include "gateway/supervisor/gateway.h"

/* Start every service and our own link to audit. 0 or -1. */
int services_start(struct gateway *gateway, struct err *err);

/* Start those again that died alone; called once a second. */
void services_tend(struct gateway *gateway);

/* Ask every service but audit to stop; audit last (services_stop_audit). */
void services_stop(struct gateway *gateway);
void services_stop_audit(struct gateway *gateway);

/* Send to one of them. */
void services_send(struct gateway *gateway, enum service_id id,
		   const struct msg *m);

/* Tell the anchor whom it is to ask, and audit whose word a release needs, once
 * the site is known. */
void services_tell_witnesses(struct gateway *gateway);

/* Begin START for a process with the given uid, gid and root folder. */
void start_begin(struct msg *m, uint32_t uid, uint32_t gid, int root);

/* The uid and gid of a service. */
uint32_t service_uid(const struct gateway *gateway, enum service_id id);

#endif
