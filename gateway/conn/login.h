/*
 * login - key, then one-time code; both are judged by policy.
 */
#ifndef GATEWAY_CONN_LOGIN_H
#define GATEWAY_CONN_LOGIN_H

#include <libssh/callbacks.h>

#include "gateway/conn/conn.h"

/* Put the login callbacks into a table that ssh_set_server_callbacks() takes;
 * its userdata must be the conn. */
void login_callbacks(struct ssh_server_callbacks_struct *table);

/*
 * A message of libssh of type SSH_REQUEST_AUTH that no callback took:
 * keyboard-interactive, and every method that does not exist here. 0: it was
 * answered; 1: libssh is to refuse it.
 */
int login_message(struct conn *conn, ssh_message message);

#endif
