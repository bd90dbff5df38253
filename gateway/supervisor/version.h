/* version - of Sekisho as a whole. */
#ifndef GATEWAY_SUPERVISOR_VERSION_H
#define GATEWAY_SUPERVISOR_VERSION_H

#define SEKISHO_VERSION "0.2"

#endif
