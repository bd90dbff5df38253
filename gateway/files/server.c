#include "gateway/files/server.h"

#include <errno.h>
#include <string.h>

#include "gateway/base/text.h"

static const struct {
	uint32_t status;
	enum text_id text;
} outcomes[OUTCOMES] = {
#define OUTCOME(name, status, text) [OUTCOME_##name] = { status, TEXT_##text },
#include "gateway/files/outcomes.def"
#undef OUTCOME
};

static const struct {
	uint8_t type;
	enum outcome (*handle)(struct server *s, struct sftp_in *in);
} requests[] = {
#define REQUEST(name, type, handler) { type, handler },
#include "gateway/files/requests.def"
#undef REQUEST
};

enum { INIT = 1 };

int server_init(struct server *s, struct err *err)
{
	s->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!s->sha256)
		return err_set(err, "OpenSSL has no SHA-256");
	s->trail.vault = &s->vault;
	return vault_client_init(&s->vault, err);
}

enum outcome outcome_errno(void)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
		return OUTCOME_MISSING;
	case EACCES:
	case EPERM:
	case EROFS:
		return OUTCOME_READ_ONLY;
	case ELOOP:
	case EXDEV:
		return OUTCOME_NO_LINKS;
	case EEXIST:
		return OUTCOME_EXISTS;
	case ENOSPC:
	case EDQUOT:
		return OUTCOME_NO_SPACE;
	case EFBIG:
		return OUTCOME_TOO_LARGE;
	case ENOTEMPTY:
		return OUTCOME_NOT_EMPTY;
	default:
		return OUTCOME_FAILED;
	}
}

enum outcome server_path(struct server *s, struct sftp_in *in,
			 struct view_path *path)
{
	size_t len;
	const uint8_t *bytes = sftp_get_string(in, &len);

	if (!bytes)
		return OUTCOME_MALFORMED;
	return view_path(&s->view, bytes, len, path) ? OUTCOME_ANSWERED
						     : OUTCOME_BAD_NAME;
}

enum outcome server_room(struct server *s, uint64_t bytes, uint64_t entries)
{
	switch (quota_take(&s->quota, &s->view, bytes, entries)) {
	case QUOTA_FULL:
		return OUTCOME_QUOTA;
	case QUOTA_NO_DISK:
		return OUTCOME_NO_SPACE;
	case QUOTA_ROOM:
		break;
	}
	return OUTCOME_DONE;
}

bool server_outside(struct server *s, const struct view_path *path,
		    enum outcome *outcome)
{
	if (path->top || view_is_above(&s->view, path))
		return false;
	*outcome = files_trail_refused(&s->trail, path, &s->err) < 0
			   ? OUTCOME_BROKEN
			   : OUTCOME_OUTSIDE;
	return true;
}

static uint32_t seconds(time_t t)
{
	return t < 0 ? 0 : t > UINT32_MAX ? UINT32_MAX : (uint32_t)t;
}

void server_attrs(const struct stat *st, bool writable,
		  struct sftp_attrs *attrs)
{
	bool folder = S_ISDIR(st->st_mode);

	attrs->flags = ATTR_SIZE | ATTR_MODE | ATTR_TIMES;
	attrs->size = folder ? 0 : (uint64_t)st->st_size;
	attrs->mode = folder ? S_IFDIR | (writable ? 0755u : 0555u)
			     : S_IFREG | (writable ? 0644u : 0444u);
	attrs->atime = attrs->mtime = seconds(st->st_mtime);
}

static void answer_status(struct server *s, enum outcome outcome)
{
	const char *words = text(s->lang, outcomes[outcome].text);

	sftp_begin(&s->out, SFTP_STATUS, s->id);
	sftp_put_u32(&s->out, outcomes[outcome].status);
	sftp_put_string(&s->out, words, strlen(words));
	sftp_put_string(&s->out, s->lang, strlen(s->lang));
	sftp_end(&s->out);
}

/* VERSION: the place of the id holds the version. */
static enum outcome on_init(struct server *s, struct sftp_in *in)
{
	uint32_t version = sftp_get_u32(in);
	size_t len;

	while (in->left > 0 && !in->bad)
		sftp_get_string(in, &len);
	if (in->bad || version < SFTP_VERSION || s->begun)
		return OUTCOME_MALFORMED;
	s->begun = true;
	sftp_begin(&s->out, SFTP_VERSION_IS, SFTP_VERSION);
	serve_extensions(&s->out);
	sftp_end(&s->out);
	return OUTCOME_ANSWERED;
}

static enum outcome dispatch(struct server *s, uint8_t type, struct sftp_in *in)
{
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		if (requests[i].type == type)
			return requests[i].handle(s, in);
	return OUTCOME_UNSUPPORTED;
}

enum outcome server_packet(struct server *s, const uint8_t *packet, size_t len)
{
	struct sftp_in in = { packet, len, false };
	uint8_t type = sftp_get_u8(&in);

	if (type == INIT)
		return on_init(s, &in);
	s->id = sftp_get_u32(&in);
	if (in.bad || !s->begun)
		return OUTCOME_MALFORMED;
	enum outcome outcome = dispatch(s, type, &in);
	if (outcome > OUTCOME_ANSWERED)
		answer_status(s, outcome);
	return outcome <= OUTCOME_MALFORMED ? outcome : OUTCOME_ANSWERED;
}

int server_end(struct server *s)
{
	for (int i = 0; i < HANDLES; i++) {
		struct handle *h = &s->handles[i];

		if (h->kind == HANDLE_WRITE && upload_drop(s, h) < 0)
			return -1;
		if (h->kind == HANDLE_READ && read_end(s, h) < 0)
			return -1;
		if (h->kind != HANDLE_FREE)
			handle_free(h);
	}
	return files_trail_close(&s->trail, &s->err);
}
