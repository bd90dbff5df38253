/*
 * requests_store - rows of the export road.
 *
 * Runs in sekisho-policy. Only this process writes the file; a row that does
 * not say what it must is a damaged file.
 */
#include "policy/requests_store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

static void bind_all(sqlite3_stmt *s, const char *form, va_list arguments)
{
	for (int at = 1; form[at - 1]; at++) {
		if (form[at - 1] == 'i')
			sqlite3_bind_int64(s, at, va_arg(arguments, int64_t));
		else if (form[at - 1] == 't')
			store_bind_text(s, at, va_arg(arguments, const char *));
		else
			sqlite3_bind_blob(
				s, at,
				va_arg(arguments, const struct hash *)->bytes,
				HASH_SIZE, SQLITE_TRANSIENT);
	}
}

sqlite3_stmt *store_bound(struct store *store, enum statement statement,
			  const char *form, ...)
{
	sqlite3_stmt *s = store_statement(store, statement);
	va_list arguments;

	va_start(arguments, form);
	bind_all(s, form, arguments);
	va_end(arguments);
	return s;
}

int store_do(struct store *store, struct err *err, enum statement statement,
	     const char *form, ...)
{
	sqlite3_stmt *s = store_statement(store, statement);
	va_list arguments;

	va_start(arguments, form);
	bind_all(s, form, arguments);
	va_end(arguments);
	return store_run(store, s, err);
}

int store_over(struct store *store, sqlite3_stmt *statement, int step,
	       struct err *err)
{
	sqlite3_reset(statement);
	return step == SQLITE_ROW || step == SQLITE_DONE
		       ? 0
		       : store_failed(store, err);
}

void store_column(sqlite3_stmt *statement, int column, char *out, size_t size)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	snprintf(out, size, "%s", text ? (const char *)text : "");
}

int store_number(struct store *store, enum statement statement,
		 int64_t argument, int64_t *number, struct err *err)
{
	sqlite3_stmt *s = store_statement(store, statement);
	int step;

	if (sqlite3_bind_parameter_count(s) > 0)
		sqlite3_bind_int64(s, 1, argument);
	step = sqlite3_step(s);
	*number = step == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	/* An UPDATE ... RETURNING is done only when it is stepped to its end. */
	while (step == SQLITE_ROW)
		step = sqlite3_step(s);
	return store_over(store, s, step, err);
}

static int add_files(struct store *store, int64_t number,
		     const struct request_files *files, struct err *err)
{
	for (uint32_t i = 0; i < files->count; i++) {
		const struct request_file *file = &files->file[i];

		if (store_do(store, err, STATEMENT_FILE_ADD, "iithi", number,
			     (int64_t)i + 1, file->name, &file->sha256,
			     (int64_t)file->size) < 0)
			return -1;
	}
	return 0;
}

int request_add(struct store *store, struct request *request,
		const struct request_files *files, struct err *err)
{
	sqlite3_stmt *s = store_bound(
		store, STATEMENT_REQUEST_ADD, "tttttii", request->permit,
		request->person, request->actor, request->session,
		request->purpose, request->submitted, (int64_t)files->count);
	int step = sqlite3_step(s);

	request->number = step == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	while (step == SQLITE_ROW)
		step = sqlite3_step(s);
	if (store_over(store, s, step, err) < 0)
		return -1;
	request->state = REQUEST_CHECKING;
	request->files = files->count;
	return add_files(store, request->number, files, err);
}

int request_member_add(struct store *store, int64_t number, const char *person,
		       struct err *err)
{
	return store_do(store, err, STATEMENT_MEMBER_ADD, "it", number, person);
}

int request_member(struct store *store, int64_t number, const char *person,
		   struct err *err)
{
	sqlite3_stmt *s =
		store_bound(store, STATEMENT_MEMBER_IS, "it", number, person);
	int step = sqlite3_step(s);

	if (store_over(store, s, step, err) < 0)
		return -1;
	return step == SQLITE_ROW;
}

static void read_request(sqlite3_stmt *s, struct request *request)
{
	char state[ID_SIZE];

	memset(request, 0, sizeof *request);
	request->number = sqlite3_column_int64(s, 0);
	store_column(s, 1, request->permit, sizeof request->permit);
	store_column(s, 2, request->person, sizeof request->person);
	store_column(s, 3, request->actor, sizeof request->actor);
	store_column(s, 4, request->session, sizeof request->session);
	store_column(s, 5, state, sizeof state);
	request->state = request_of_word(state);
	store_column(s, 6, request->purpose, sizeof request->purpose);
	request->submitted = sqlite3_column_int64(s, 7);
	request->decided = sqlite3_column_int64(s, 8);
	request->released = sqlite3_column_int64(s, 9);
	request->files = (uint32_t)sqlite3_column_int64(s, 10);
	request->checks = (uint32_t)sqlite3_column_int64(s, 11);
	for (int i = 0; i < NUMBERS; i++)
		request->by[i] = (uint32_t)sqlite3_column_int64(s, 12 + i);
	request->cut = (uint32_t)sqlite3_column_int64(s, 15);
	store_column(s, 16, request->problem, sizeof request->problem);
}

int request_get(struct store *store, int64_t number, struct request *request,
		struct err *err)
{
	sqlite3_stmt *s =
		store_bound(store, STATEMENT_REQUEST_GET, "i", number);
	int step = sqlite3_step(s);

	if (step == SQLITE_ROW)
		read_request(s, request);
	if (store_over(store, s, step, err) < 0)
		return -1;
	return step == SQLITE_ROW;
}

int request_files(struct store *store, int64_t number,
		  struct request_files *files, struct err *err)
{
	sqlite3_stmt *s = store_bound(store, STATEMENT_FILES_OF, "i", number);
	int step;

	files->count = 0;
	while ((step = sqlite3_step(s)) == SQLITE_ROW) {
		struct request_file *file = &files->file[files->count];
		char outcome[ID_SIZE];

		if (files->count == REQUEST_FILES ||
		    sqlite3_column_bytes(s, 1) != HASH_SIZE)
			break;
		files->count++;
		store_column(s, 0, file->name, sizeof file->name);
		memcpy(file->sha256.bytes, sqlite3_column_blob(s, 1),
		       HASH_SIZE);
		file->size = (uint64_t)sqlite3_column_int64(s, 2);
		store_column(s, 3, outcome, sizeof outcome);
		file->outcome = vote_of_word(outcome);
	}
	return store_over(store, s, step, err);
}

int request_waiting(struct store *store, const char *permit, uint64_t *bytes,
		    struct err *err)
{
	sqlite3_stmt *s =
		store_bound(store, STATEMENT_FILES_WAITING, "t", permit);
	int step = sqlite3_step(s);

	*bytes = step == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
	return store_over(store, s, step, err);
}

int request_earlier(struct store *store, const char *permit,
		    struct earlier *earlier, uint32_t most, uint32_t *count,
		    struct err *err)
{
	sqlite3_stmt *s = store_bound(store, STATEMENT_FILES_EARLIER, "ti",
				      permit, (int64_t)most);
	int step = SQLITE_DONE;

	*count = 0;
	while (*count < most && (step = sqlite3_step(s)) == SQLITE_ROW) {
		struct earlier *e = &earlier[*count];

		memset(e, 0, sizeof *e);
		e->request = (uint32_t)sqlite3_column_int64(s, 0);
		store_column(s, 1, e->file.name, sizeof e->file.name);
		if (sqlite3_column_bytes(s, 2) == HASH_SIZE)
			memcpy(e->file.sha256.bytes, sqlite3_column_blob(s, 2),
			       HASH_SIZE);
		e->file.size = (uint64_t)sqlite3_column_int64(s, 3);
		++*count;
	}
	return store_over(store, s, step, err);
}

int request_move(struct store *store, struct request *request,
		 enum request_state to, int64_t now, struct err *err)
{
	bool decides = request->decided == 0 && to != REQUEST_REVIEW;

	if (!request_may_move(request->state, to))
		return err_set(err, "request %lld: no way from %s to %s",
			       (long long)request->number,
			       request_word(request->state), request_word(to));
	if (store_do(store, err, STATEMENT_REQUEST_MOVE, "ittii",
		     request->number, request_word(request->state),
		     request_word(to), (int64_t)decides, now) < 0)
		return -1;
	if (sqlite3_changes(store->db) != 1)
		return err_set(err, "request %lld is not in state %s",
			       (long long)request->number,
			       request_word(request->state));
	request->state = to;
	if (decides)
		request->decided = now;
	return 0;
}

int request_problem(struct store *store, int64_t number, const char *problem,
		    struct err *err)
{
	return store_do(store, err, STATEMENT_REQUEST_PROBLEM, "it", number,
			problem);
}

int request_decide_file(struct store *store, int64_t number, uint32_t file,
			enum vote outcome, struct err *err)
{
	return store_do(store, err, STATEMENT_FILE_DECIDE, "iit", number,
			(int64_t)file, vote_word(outcome));
}

void findings_add(struct findings *findings, const struct finding *finding)
{
	struct finding *grown;

	if (finding->severity < NUMBERS)
		findings->by[finding->severity]++;
	if (findings->count == FINDINGS) {
		findings->cut++;
		return;
	}
	grown = reallocarray(findings->item, findings->count + 1,
			     sizeof *grown);
	if (!grown)
		die("out of memory");
	findings->item = grown;
	grown[findings->count++] = *finding;
}

static int keep_counts(struct store *store, int64_t number,
		       const struct findings *findings, struct err *err)
{
	return store_do(store, err, STATEMENT_REQUEST_COUNTS, "iiiii", number,
			(int64_t)findings->by[NUMBER_BLOCK],
			(int64_t)findings->by[NUMBER_FLAG],
			(int64_t)findings->by[NUMBER_INFO],
			(int64_t)findings->cut);
}

int findings_keep(struct store *store, int64_t number,
		  const struct findings *findings, struct err *err)
{
	for (uint32_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->item[i];

		if (store_do(store, err, STATEMENT_FINDING_ADD, "iiitiiiii",
			     number, (int64_t)i + 1, (int64_t)f->file, f->code,
			     (int64_t)f->severity, (int64_t)f->row,
			     (int64_t)f->column, (int64_t)f->first,
			     (int64_t)f->second) < 0)
			return -1;
	}
	return keep_counts(store, number, findings, err);
}

int findings_get(struct store *store, int64_t number, struct findings *findings,
		 struct err *err)
{
	sqlite3_stmt *s =
		store_bound(store, STATEMENT_FINDINGS_OF, "i", number);
	int step;

	*findings = (struct findings){ 0 };
	while ((step = sqlite3_step(s)) == SQLITE_ROW) {
		struct finding f = { 0 };

		f.file = (uint32_t)sqlite3_column_int64(s, 0);
		store_column(s, 1, f.code, sizeof f.code);
		f.severity = (uint8_t)sqlite3_column_int64(s, 2);
		f.row = (uint32_t)sqlite3_column_int64(s, 3);
		f.column = (uint32_t)sqlite3_column_int64(s, 4);
		f.first = (uint64_t)sqlite3_column_int64(s, 5);
		f.second = (uint64_t)sqlite3_column_int64(s, 6);
		findings_add(findings, &f);
	}
	return store_over(store, s, step, err);
}

static int walk(struct store *store, sqlite3_stmt *s, int64_t *next,
		struct err *err)
{
	int step = sqlite3_step(s);

	*next = step == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	if (store_over(store, s, step, err) < 0)
		return -1;
	return *next > 0;
}

int request_after(struct store *store, enum request_state state, int64_t after,
		  int64_t *next, struct err *err)
{
	return walk(store,
		    store_bound(store, STATEMENT_REQUEST_NEXT, "it", after,
				request_word(state)),
		    next, err);
}

int request_before(struct store *store, enum statement statement,
		   int64_t before, const char *person, int64_t *next,
		   struct err *err)
{
	sqlite3_stmt *s = store_statement(store, statement);

	sqlite3_bind_int64(s, 1, before);
	if (statement == STATEMENT_REQUESTS_OF)
		store_bind_text(s, 2, person);
	return walk(store, s, next, err);
}

int request_place(struct store *store, const struct request *request,
		  int64_t *place, struct err *err)
{
	*place = 0;
	if (request->state != REQUEST_REVIEW)
		return 0;
	return store_number(store, STATEMENT_REQUEST_PLACE, request->number,
			    place, err);
}

int file_is_kept(struct store *store, const struct hash *sha256,
		 struct err *err)
{
	sqlite3_stmt *s = store_bound(store, STATEMENT_FILE_KEPT, "h", sha256);
	int step = sqlite3_step(s);

	if (store_over(store, s, step, err) < 0)
		return -1;
	return step == SQLITE_ROW;
}
