/*
 * sekisho-erase - overwrites one file, or all in one folder, and says so.
 *
 * Started by the supervisor for one task, as the owner of what goes, with that
 * folder as its root; a file comes as a descriptor. Trusts nothing that it
 * finds.
 */
#include <fcntl.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "sandbox/erase.h"

static int say(const struct erased *erased, struct err *err)
{
	struct msg m;

	msg_start(&m, MSG_ERASED, 0);
	msg_put_u64(&m, erased->files);
	msg_put_u64(&m, erased->bytes);
	return msg_send(PROCESS_LINK, &m, err);
}

int main(void)
{
	static struct process process;
	static struct msg start;
	struct erased erased = { 0 };
	struct err err = { "" };

	if (process_start(&process, &start, &err) < 0)
		process_fail(&err);
	bool is_file = msg_get_u8(&start) == 1;
	int file = is_file ? msg_get_fd(&start) : -1;
	if (!msg_done(&start)) {
		err_set(&err, "malformed START");
		process_fail(&err);
	}
	int folder =
		openat(process.root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0) {
		err_sys(&err, "open the folder");
		process_fail(&err);
	}
	if (process_confine(&process, &err) < 0 || process_ready(&err) < 0)
		process_fail(&err);
	int done = is_file ? erase_file(file, &erased, &err)
			   : erase_folder(folder, &erased, &err);
	if (done < 0 || say(&erased, &err) < 0)
		process_fail(&err);
	return 0;
}
