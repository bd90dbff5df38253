/*
 * server - answer a client's sftp requests over a view.
 *
 * Runs in sekisho-files, one client. Requests are not trusted: one that is
 * malformed ends the channel, one that is not allowed gets a status. Every
 * act is durable in the log before it is done; bytes of a file are served
 * only after the record of its opening.
 */
#ifndef GATEWAY_FILES_SERVER_H
#define GATEWAY_FILES_SERVER_H

#include "gateway/files/files_trail.h"
#include "gateway/files/listing.h"
#include "gateway/files/quota.h"
#include "gateway/files/sftp.h"
#include "gateway/files/transfer.h"
#include "gateway/files/view.h"

enum { HANDLES = 64 };

#define FILE_LIMIT (1ull << 30) /* bytes of a file that is sent in */

enum handle_kind { HANDLE_FREE = 0, HANDLE_READ, HANDLE_WRITE, HANDLE_FOLDER };

struct handle {
	enum handle_kind kind;
	uint32_t generation; /* so that an old handle is not mistaken */
	int fd;		     /* READ, WRITE */
	struct listing list; /* FOLDER; no folder: one above top folders */
	unsigned int next;   /* FOLDER: top folder that comes next there */
	struct view_path path;
	struct files_name name;
	struct transfer transfer;
	/* WRITE: the file has this name in its top folder until it is whole. */
	char temporary[32];
	uint64_t size; /* WRITE: as far as room was taken for it */
	bool append, exclusive, broken;
};

struct server {
	struct view view;
	struct files_trail trail;
	struct vault_client vault;
	struct quota quota;
	struct handle handles[HANDLES];
	struct sftp_out out;
	EVP_MD *sha256;
	char lang[4];
	bool begun;	/* INIT was answered */
	uint32_t id;	/* of the request being answered */
	struct err err; /* why the outcome was OUTCOME_BROKEN */
};

/* How a request ended; the first three are not told by a STATUS. */
enum outcome {
	OUTCOME_BROKEN = 0, /* nothing more may be served: err says why */
	OUTCOME_MALFORMED,  /* the client broke the rules */
	OUTCOME_ANSWERED,
#define OUTCOME(name, status, text) OUTCOME_##name,
#include "gateway/files/outcomes.def"
#undef OUTCOME
	OUTCOMES
};

/* Prepare; view, trail and lang are filled in. Call before confining. */
int server_init(struct server *s, struct err *err);

/*
 * Handle one packet, its length field taken off. There is room for the
 * answer (sftp_room). BROKEN and MALFORMED end the channel.
 */
enum outcome server_packet(struct server *s, const uint8_t *packet, size_t len);

/*
 * The channel ends: uploads that were not closed vanish. 0, or -1 and s->err.
 */
int server_end(struct server *s);

/* --- Between the files of the server --- */

/* The outcome that says what errno says. */
enum outcome outcome_errno(void);

/* Read a path. ANSWERED: well. Else the outcome to give. */
enum outcome server_path(struct server *s, struct sftp_in *in,
			 struct view_path *path);

/*
 * Does the view have nothing like this, not even above it? Then that is on
 * record, and *outcome is what to give.
 */
bool server_outside(struct server *s, const struct view_path *path,
		    enum outcome *outcome);

void server_attrs(const struct stat *st, bool writable,
		  struct sftp_attrs *attrs);

/* Take room for something new. DONE: well. */
enum outcome server_room(struct server *s, uint64_t bytes, uint64_t entries);

/* handles.c */
struct handle *handle_new(struct server *s, enum handle_kind kind);
struct handle *handle_get(struct server *s, struct sftp_in *in,
			  enum handle_kind kind);
void handle_answer(struct server *s, const struct handle *h);
void handle_free(struct handle *h);

/* upload.c */
enum outcome upload_open(struct server *s, const struct view_path *path,
			 uint32_t flags);
enum outcome upload_write(struct server *s, struct handle *h, uint64_t offset,
			  const uint8_t *bytes, size_t len);
enum outcome upload_resize(struct server *s, struct handle *h, uint64_t size);
enum outcome upload_close(struct server *s, struct handle *h);
/* 0, or -1 and s->err. */
int upload_drop(struct server *s, struct handle *h);
bool upload_under_way(const struct server *s, const struct view_path *path);
/* Remove what a process that was killed left behind. */
void upload_sweep(const struct view_top *top);

/* serve_read.c: the record of a finished read. 0, or -1 and s->err. */
int read_end(struct server *s, struct handle *h);

/* serve_change.c: the pairs of a VERSION that name what extensions.def has. */
void serve_extensions(struct sftp_out *out);

/* The handlers of requests.def: serve_read.c, serve_change.c */
#define REQUEST(name, type, handler)                                           \
	enum outcome handler(struct server *s, struct sftp_in *in);
#include "gateway/files/requests.def"
#undef REQUEST

#endif
