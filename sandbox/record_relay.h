/*
 * record_relay - bytes between one channel wire and one shell, recorded.
 *
 * Runs in sekisho-record. The wire's client and the shell are both hostile;
 * their bytes are moved and recorded, never looked into. At most one packet
 * waits in each direction, so a side that does not read stops the other side
 * and costs nothing else.
 */
#ifndef SANDBOX_RECORD_RELAY_H
#define SANDBOX_RECORD_RELAY_H

#include "gateway/base/channel.h"
#include "sandbox/recording.h"

enum { RELAY_READ = 32 * 1024, RELAY_SOURCES = 2 };

/* How a step went. */
enum relay_end {
	RELAY_FAILED = -1, /* the recording failed; err says how */
	RELAY_IDLE,	   /* nothing moved */
	RELAY_MOVED,
	RELAY_GONE, /* the client's end is gone or broke the rules */
};

struct relay {
	int wire;
	bool tty;
	int in;			 /* to the shell; -1: closed */
	int from[RELAY_SOURCES]; /* its output and errors; -1: closed */
	struct recording *recording;
	uint64_t bytes[RECORDING_WAYS];
	bool eof;  /* the client said so */
	bool hung; /* no slave is open just now; it may be opened again */
	struct channel_packet packet; /* to the shell, from at on */
	size_t at;
	bool waiting;		/* packet holds bytes */
	enum channel_kind kind; /* to the client: body[0..len) */
	size_t len;
	uint8_t body[RELAY_READ];
};

/*
 * Begin. For a terminal give the master as in and as from[0], each its own
 * descriptor. They become non-blocking and the relay's. 0 or -1.
 */
int relay_init(struct relay *relay, struct recording *recording,
	       struct err *err);

/* Close what leads to the shell: a terminal hangs up. */
void relay_hang_up(struct relay *relay);

/* Take one packet from the wire; only when none is waiting. */
enum relay_end relay_receive(struct relay *relay, struct err *err);

/* Write what waits for the shell, as far as it takes it. */
void relay_write(struct relay *relay);

/* Read from source 0 or 1, record, send; only when nothing waits (len 0). */
enum relay_end relay_read(struct relay *relay, int source, struct err *err);

/* Send what waits for the client. */
enum relay_end relay_flush(struct relay *relay);

#endif
