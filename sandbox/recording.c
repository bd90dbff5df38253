#include "sandbox/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/channel.h"
#include "gateway/base/own.h"
#include "gateway/base/visible.h"

enum { EVENT_ROOM = 6 * (CHANNEL_MAX + 4) + 128 };

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int recording_init(struct recording *r, int folder, const char *session,
		   uint32_t shell, struct err *err)
{
	memset(r, 0, sizeof *r);
	r->folder = folder;
	r->file = -1;
	r->shell = shell;
	r->cols = 80;
	r->rows = 24;
	snprintf(r->session, sizeof r->session, "%s", session);
	r->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	r->hash = EVP_MD_CTX_new();
	if (!r->sha256 || !r->hash)
		return err_set(err, "OpenSSL has no SHA-256");
	return 0;
}

void recording_clear(struct recording *r)
{
	own_close(&r->file);
	EVP_MD_CTX_free(r->hash);
	EVP_MD_free(r->sha256);
	r->hash = NULL;
	r->sha256 = NULL;
}

static void piece_name(const struct recording *r, const char *end,
		       char out[PIECE_NAME_SIZE])
{
	snprintf(out, PIECE_NAME_SIZE, "%s-%u-%04u.%s", r->session, r->shell,
		 r->number, end);
}

/* All of it reaches the file and the hash, or the recording has failed. */
static int put(struct recording *r, const char *text, size_t len,
	       struct err *err)
{
	if (EVP_DigestUpdate(r->hash, text, len) != 1)
		return err_set(err, "recording: hashing failed");
	r->bytes += len;
	while (len > 0) {
		ssize_t n = write(r->file, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(err, "write the recording");
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int recording_open(struct recording *r, struct err *err)
{
	char name[PIECE_NAME_SIZE], head[256];

	if (r->file >= 0)
		return 0;
	r->number++;
	piece_name(r, "part", name);
	r->file = openat(r->folder, name,
			 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			 0600);
	if (r->file < 0)
		return err_sys(err, "open the recording %s", name);
	if (EVP_DigestInit_ex2(r->hash, r->sha256, NULL) != 1)
		return err_set(err, "recording: hashing failed");
	r->began = now_ms();
	r->bytes = 0;
	memset(r->moved, 0, sizeof r->moved);
	int n = snprintf(head, sizeof head,
			 "{\"version\": 2, \"width\": %u, \"height\": %u, "
			 "\"timestamp\": %lld, \"title\": \"%s-%u-%04u\"}\n",
			 r->cols, r->rows, (long long)time(NULL), r->session,
			 r->shell, r->number);
	return put(r, head, (size_t)n, err);
}

/* Write "[seconds, "code", "" to out. Returns the length. */
static size_t event_head(const struct recording *r, char code, char *out,
			 size_t size)
{
	int64_t ms = now_ms() - r->began;
	int n = snprintf(out, size, "[%lld.%03d, \"%c\", \"",
			 (long long)(ms / 1000), (int)(ms % 1000), code);

	return (size_t)n;
}

int recording_resize(struct recording *r, uint32_t cols, uint32_t rows,
		     struct err *err)
{
	char line[64];

	r->cols = cols;
	r->rows = rows;
	if (r->file < 0)
		return 0;
	size_t n = event_head(r, 'r', line, sizeof line);
	int more =
		snprintf(line + n, sizeof line - n, "%ux%u\"]\n", cols, rows);
	return put(r, line, n + (size_t)more, err);
}

/* How many bytes at the end begin a character that may still be completed. */
static size_t unfinished(const uint8_t *s, size_t len)
{
	for (size_t n = 1; n <= 3 && n <= len; n++) {
		uint8_t c = s[len - n];

		if ((c & 0xc0) == 0x80)
			continue;
		size_t need = c >= 0xf0 && c < 0xf5   ? 4
			      : c >= 0xe0 && c < 0xf0 ? 3
			      : c >= 0xc2 && c < 0xe0 ? 2
						      : 1;
		return need > n ? n : 0;
	}
	return 0;
}

/* Write s as the inside of a JSON string; *exact: nothing was replaced. */
static size_t json_inside(char *out, const uint8_t *s, size_t len, bool *exact)
{
	static const char hex[] = "0123456789abcdef";
	char *at = out;

	for (size_t i = 0; i < len;) {
		unsigned int code;
		size_t n = utf8_decode(s + i, len - i, &code);

		if (n == 0) {
			memcpy(at, "\\ufffd", 6);
			at += 6;
			i++;
			*exact = false;
			continue;
		}
		if (code < 0x20 || code == 0x7f) {
			memcpy(at, "\\u00", 4);
			at[4] = hex[code >> 4];
			at[5] = hex[code & 15];
			at += 6;
		} else {
			if (code == '"' || code == '\\')
				*at++ = '\\';
			memcpy(at, s + i, n);
			at += n;
		}
		i += n;
	}
	return (size_t)(at - out);
}

static int put_hex(struct recording *r, char *line, const uint8_t *s,
		   size_t len, struct err *err)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = event_head(r, 'x', line, EVENT_ROOM);

	for (size_t i = 0; i < len; i++) {
		line[n++] = hex[s[i] >> 4];
		line[n++] = hex[s[i] & 15];
	}
	memcpy(line + n, "\"]\n", 3);
	return put(r, line, n + 3, err);
}

static int put_event(struct recording *r, enum recording_way way,
		     const uint8_t *s, size_t len, struct err *err)
{
	/* One recorder is one process with one thread; off the stack. */
	static char line[EVENT_ROOM], exactly[EVENT_ROOM];
	bool exact = true;
	size_t n = event_head(r, way == WAY_IN ? 'i' : 'o', line, sizeof line);

	n += json_inside(line + n, s, len, &exact);
	memcpy(line + n, "\"]\n", 3);
	if (!exact && put_hex(r, exactly, s, len, err) < 0)
		return -1;
	return put(r, line, n + 3, err);
}

int recording_bytes(struct recording *r, enum recording_way way,
		    const uint8_t *bytes, size_t len, struct err *err)
{
	static uint8_t whole[CHANNEL_MAX + 4];
	size_t n = r->nrest[way];

	if (r->file < 0 || len > CHANNEL_MAX)
		return err_set(err, "recording: no piece is open");
	memcpy(whole, r->rest[way], n);
	memcpy(whole + n, bytes, len);
	n += len;
	r->moved[way] += len;
	size_t rest = unfinished(whole, n);
	r->nrest[way] = rest;
	memcpy(r->rest[way], whole + n - rest, rest);
	if (n == rest)
		return 0;
	return put_event(r, way, whole, n - rest, err);
}

int recording_due(const struct recording *r)
{
	if (r->file < 0)
		return -1;
	int64_t left = r->began + PIECE_MS - now_ms();
	return left < 0 || r->bytes >= PIECE_BYTES ? 0 : (int)left;
}

/* A character cut by the end of the piece belongs to this piece. */
static int put_rests(struct recording *r, struct err *err)
{
	for (int way = 0; way < RECORDING_WAYS; way++) {
		size_t n = r->nrest[way];

		r->nrest[way] = 0;
		if (n > 0 && put_event(r, (enum recording_way)way, r->rest[way],
				       n, err) < 0)
			return -1;
	}
	return 0;
}

int recording_end(struct recording *r, struct piece *piece, struct err *err)
{
	char part[PIECE_NAME_SIZE], name[PIECE_NAME_SIZE];
	uint8_t hash[32];

	if (put_rests(r, err) < 0)
		return -1;
	piece_name(r, "part", part);
	piece_name(r, "cast", name);
	if (fdatasync(r->file) < 0)
		return err_sys(err, "sync the recording %s", part);
	if (renameat2(r->folder, part, r->folder, name, RENAME_NOREPLACE) < 0)
		return err_sys(err, "name the recording %s", name);
	if (EVP_DigestFinal_ex(r->hash, hash, NULL) != 1)
		return err_set(err, "recording: hashing failed");
	own_close(&r->file);
	for (size_t i = 0; i < sizeof hash; i++)
		snprintf(piece->sha256 + 2 * i, 3, "%02x", hash[i]);
	piece->number = r->number;
	piece->bytes = r->bytes;
	memcpy(piece->moved, r->moved, sizeof piece->moved);
	return 0;
}
