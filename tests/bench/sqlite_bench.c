/* links: gateway/base; -lsqlite3 */
/*
 * sqlite_bench - how many rows of a record's size SQLite makes durable.
 *
 *	build/tests/bench/sqlite_bench FOLDER WRITERS
 *
 * Each writer is a process with a connection of its own and a transaction for
 * each row, with a write-ahead log and synchronous=FULL: a sync for each
 * commit. Prints commits a second.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/err.h"

enum { MOST = 64, RECORD = 260 };

static const double seconds = 1.0;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static sqlite3 *open_database(const char *path)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_busy_timeout(db, 60000) != SQLITE_OK ||
	    sqlite3_exec(db,
			 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
			 "CREATE TABLE IF NOT EXISTS log (i INTEGER PRIMARY "
			 "KEY, line TEXT)",
			 NULL, NULL, NULL) != SQLITE_OK)
		die("%s: %s", path, sqlite3_errmsg(db));
	return db;
}

static _Noreturn void write_on(const char *path, _Atomic long *done)
{
	sqlite3 *db = open_database(path);
	sqlite3_stmt *insert;
	char line[RECORD];

	memset(line, 'x', sizeof line);
	if (sqlite3_prepare_v2(db, "INSERT INTO log (line) VALUES (?)", -1,
			       &insert, NULL) != SQLITE_OK)
		_exit(1);
	sqlite3_bind_text(insert, 1, line, sizeof line, SQLITE_STATIC);
	for (;;) {
		if (sqlite3_step(insert) == SQLITE_DONE)
			++*done;
		sqlite3_reset(insert);
	}
}

int main(int argc, char **argv)
{
	_Atomic long *done = mmap(NULL, sizeof *done, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int writers = argc == 3 ? atoi(argv[2]) : 0;
	pid_t pids[MOST];
	char path[4096];

	if (writers < 1 || writers > MOST || done == MAP_FAILED)
		die("usage: sqlite_bench FOLDER WRITERS");
	snprintf(path, sizeof path, "%s/sqlite-%d.db", argv[1], writers);
	sqlite3_close(open_database(path));
	double begin = now();
	for (int i = 0; i < writers; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			write_on(path, done);
	}
	usleep((useconds_t)(seconds * 1e6));
	printf("%.0f\n", (double)*done / (now() - begin));
	for (int i = 0; i < writers; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	return 0;
}
