/*
 * sekisho-parse - one hostile file in, typed cells and text out.
 *
 * Started by sekishod for each file of a check or view, under a leased uid,
 * in an empty root, with a descriptor to read, a pipe to write and nothing
 * else. Distrusts every byte of the file. Its memory is fixed; it can ask the
 * kernel for no more.
 */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "policy/airlock/parse/parser.h"

enum {
	NAME_SIZE = 1024,
	CHUNK = 65536,
	MEMORY = 64 << 20,
	SECONDS = 30,
};

struct source {
	int file;
	uint64_t size; /* what the store said, and no other */
};

static int limit(struct err *err)
{
	const struct rlimit memory = { MEMORY, MEMORY };
	const struct rlimit seconds = { SECONDS, SECONDS };
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_AS, &memory) < 0 ||
	    setrlimit(RLIMIT_CPU, &seconds) < 0 ||
	    setrlimit(RLIMIT_CORE, &none) < 0)
		return err_sys(err, "setrlimit");
	return 0;
}

/* As many bytes as there are, up to len. -1 and err. */
static ssize_t read_full(int file, uint8_t *bytes, size_t len, struct err *err)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = read(file, bytes + have, len - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read the file");
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static int parse(struct parser *p, const struct source *source, struct err *err)
{
	static uint8_t bytes[CHUNK];
	uint64_t total = 0;
	ssize_t n;

	while ((n = read_full(source->file, bytes, sizeof bytes, err)) > 0) {
		total += (uint64_t)n;
		parser_feed(p, bytes, (size_t)n);
	}
	if (n < 0)
		return -1;
	if (total != source->size)
		return err_set(err, "the file has another size than it had");
	if (parser_end(p) < 0)
		return err_set(err, "nobody reads what the file holds");
	return 0;
}

int main(void)
{
	static struct parser parser;
	static struct msg m;
	char name[NAME_SIZE];
	struct source source;
	struct process process;
	struct err err;

	if (process_start(&process, &m, &err) < 0)
		process_fail(&err);
	msg_get_str(&m, name, sizeof name);
	source.size = msg_get_u64(&m);
	source.file = msg_get_fd(&m);
	int pipe = msg_get_fd(&m);
	if (!msg_done(&m)) {
		err_set(&err, "malformed START");
		process_fail(&err);
	}
	signal(SIGPIPE, SIG_IGN);
	parser_init(&parser, pipe, name);
	if (limit(&err) < 0 || process_confine(&process, &err) < 0 ||
	    process_ready(&err) < 0 || parse(&parser, &source, &err) < 0)
		process_fail(&err);
	return 0;
}
