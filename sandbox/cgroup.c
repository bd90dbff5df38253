#include "sandbox/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "sandbox/cgroup_roots.h"

enum { PERIOD_US = 100000, TICK_MS = 5, FREEZE_MS = 2000, SWEEP_MS = 5000 };

/* --- Small files ----------------------------------------------------------- */

static int put(int folder, const char *file, const char *value, struct err *err)
{
	AUTO_FD int fd = openat(folder, file, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(value);

	if (fd < 0 || write(fd, value, len) != (ssize_t)len)
		return err_sys(err, "write '%s' to %s", value, file);
	return 0;
}

static int put_number(int folder, const char *file, uint64_t value,
		      struct err *err)
{
	char text[32];

	snprintf(text, sizeof text, "%" PRIu64, value);
	return put(folder, file, text, err);
}

/* The file's text, or "" if it cannot be read. */
static void get(int folder, const char *file, char *text, size_t size)
{
	AUTO_FD int fd = openat(folder, file, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);

	text[len < 0 ? 0 : len] = '\0';
}

/* "key N" in a file of such lines, or 0. */
static uint64_t get_key(int folder, const char *file, const char *key)
{
	char text[2048];
	const char *at = text;
	uint64_t value = 0;

	get(folder, file, text, sizeof text);
	while (at && sscanf(at, "%*s %" SCNu64, &value) == 1) {
		size_t len = strlen(key);

		if (strncmp(at, key, len) == 0 && at[len] == ' ')
			return value;
		at = strchr(at, '\n');
		if (at)
			at++;
	}
	return 0;
}

static void tick(void)
{
	struct timespec pause = { .tv_nsec = TICK_MS * 1000000 };

	nanosleep(&pause, NULL);
}

/* --- Making ---------------------------------------------------------------- */

static int make_folder(int root, const char *path, struct err *err)
{
	if (mkdirat(root, path, 0755) < 0 && errno != EEXIST)
		return err_sys(err, "make the cgroup %s", path);

	int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "open the cgroup %s", path);
	return fd;
}

/* In v2 a controller works in a folder only if the one above hands it down. */
static int hand_down(const struct cgroup_roots *roots, int folder,
		     struct err *err)
{
	for (enum cgroup_controller c = 0; c < CGROUP_N; c++) {
		char word[16];

		if (roots->v1[c] >= 0)
			continue;
		snprintf(word, sizeof word, "+%s", cgroup_controller_name(c));
		if (put(folder, "cgroup.subtree_control", word, err) < 0)
			return -1;
	}
	return 0;
}

static int limit_memory(int folder, bool v1, uint64_t bytes, struct err *err)
{
	struct err ignored;

	if (!v1) {
		if (put_number(folder, "memory.max", bytes, err) < 0)
			return -1;
		/* A kernel without swap has no such file. */
		if (faccessat(folder, "memory.swap.max", F_OK, 0) < 0)
			return 0;
		return put(folder, "memory.swap.max", "0", err);
	}
	if (put_number(folder, "memory.limit_in_bytes", bytes, err) < 0)
		return -1;
	put(folder, "memory.swappiness", "0", &ignored);
	if (faccessat(folder, "memory.memsw.limit_in_bytes", F_OK, 0) < 0)
		return 0;
	return put_number(folder, "memory.memsw.limit_in_bytes", bytes, err);
}

static int limit_cpu(int folder, bool v1, uint32_t percent, struct err *err)
{
	uint64_t quota = (uint64_t)percent * PERIOD_US / 100;
	char text[48];

	if (v1) {
		if (put_number(folder, "cpu.cfs_period_us", PERIOD_US, err) < 0)
			return -1;
		return put_number(folder, "cpu.cfs_quota_us", quota, err);
	}
	snprintf(text, sizeof text, "%" PRIu64 " %d", quota, PERIOD_US);
	return put(folder, "cpu.max", text, err);
}

static int limit(int folder, bool v1, enum cgroup_controller controller,
		 const struct plan *plan, struct err *err)
{
	switch (controller) {
	case CGROUP_MEMORY:
		return limit_memory(folder, v1, plan->memory_bytes, err);
	case CGROUP_PIDS:
		return put_number(folder, "pids.max", plan->processes, err);
	case CGROUP_CPU:
		return limit_cpu(folder, v1, plan->cpu_percent, err);
	case CGROUP_N:
		break;
	}
	return err_set(err, "no such controller");
}

static int make_v2(struct cgroup *g, const struct cgroup_roots *roots,
		   const char *above, const struct plan *limits,
		   struct err *err)
{
	AUTO_FD int parent = make_folder(roots->v2, above, err);

	if (parent < 0 || hand_down(roots, roots->v2, err) < 0 ||
	    hand_down(roots, parent, err) < 0)
		return -1;
	g->v2 = make_folder(roots->v2, g->name, err);
	if (g->v2 < 0)
		return -1;
	for (enum cgroup_controller c = 0; limits && c < CGROUP_N; c++)
		if (roots->v1[c] < 0 && limit(g->v2, false, c, limits, err) < 0)
			return -1;
	return 0;
}

static int make_v1(struct cgroup *g, const struct cgroup_roots *roots,
		   const char *above, const struct plan *limits,
		   struct err *err)
{
	for (enum cgroup_controller c = 0; c < CGROUP_N; c++) {
		if (roots->v1[c] < 0)
			continue;

		AUTO_FD int parent = make_folder(roots->v1[c], above, err);
		AUTO_FD int own =
			parent < 0 ? -1
				   : make_folder(roots->v1[c], g->name, err);

		if (own < 0 || (limits && limit(own, true, c, limits, err) < 0))
			return -1;
		g->v1[g->nv1++] = take_fd(&own);
	}
	return 0;
}

static void close_all(struct cgroup *g)
{
	own_close(&g->v2);
	for (unsigned int i = 0; i < g->nv1; i++)
		own_close(&g->v1[i]);
	g->nv1 = 0;
}

/* Remove the folder from every hierarchy. The first refusal is reported. */
static int remove_all(const struct cgroup_roots *roots, const char *path,
		      struct err *err)
{
	int done = 0;

	for (enum cgroup_controller c = 0; c < CGROUP_N; c++)
		if (roots->v1[c] >= 0 &&
		    unlinkat(roots->v1[c], path, AT_REMOVEDIR) < 0 &&
		    errno != ENOENT)
			done = err_sys(err, "remove the cgroup %s", path);
	if (unlinkat(roots->v2, path, AT_REMOVEDIR) < 0 && errno != ENOENT)
		done = err_sys(err, "remove the cgroup %s", path);
	return done;
}

int cgroup_open(struct cgroup *g, const char *instance, const char *name,
		const struct plan *limits, struct err *err)
{
	struct cgroup_roots roots;
	struct err ignored;
	char above[ID_SIZE + 16];
	int done;

	memset(g, 0, sizeof *g);
	g->v2 = -1;
	if (!id_valid(instance) || !id_valid(name))
		return err_set(err, "not a name for a cgroup");
	if (cgroup_roots_open(&roots, err) < 0)
		return -1;
	snprintf(above, sizeof above, "sekisho-%s", instance);
	if (snprintf(g->name, sizeof g->name, "%s/%s", above, name) >=
	    (int)sizeof g->name)
		done = err_set(err, "cgroup name too long: %s", name);
	else if (make_v2(g, &roots, above, limits, err) < 0 ||
		 make_v1(g, &roots, above, limits, err) < 0)
		done = -1;
	else
		done = 0;
	if (done < 0) {
		close_all(g);
		remove_all(&roots, g->name, &ignored);
	}
	cgroup_roots_clear(&roots);
	return done;
}

unsigned int cgroup_procs(const struct cgroup *g, int fds[8], struct err *err)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i <= g->nv1; i++) {
		int folder = i == 0 ? g->v2 : g->v1[i - 1];

		fds[n] = openat(folder, "cgroup.procs", O_WRONLY | O_CLOEXEC);
		if (fds[n] < 0) {
			err_sys(err, "open cgroup.procs of %s", g->name);
			while (n)
				close(fds[--n]);
			return 0;
		}
		n++;
	}
	return n;
}

int cgroup_add(const struct cgroup *g, pid_t pid, struct err *err)
{
	for (unsigned int i = 0; i <= g->nv1; i++)
		if (put_number(i == 0 ? g->v2 : g->v1[i - 1], "cgroup.procs",
			       (uint64_t)pid, err) < 0)
			return err_within(err, "%s", g->name);
	return 0;
}

/* --- Stopping -------------------------------------------------------------- */

int cgroup_halt(const struct cgroup *g, bool on, struct err *err)
{
	if (put(g->v2, "cgroup.freeze", on ? "1" : "0", err) < 0)
		return err_within(err, "%s", g->name);
	return 0;
}

int cgroup_freeze(const struct cgroup *g, bool on, struct err *err)
{
	if (cgroup_halt(g, on, err) < 0)
		return -1;
	for (int waited = 0; waited < FREEZE_MS; waited += TICK_MS) {
		if ((get_key(g->v2, "cgroup.events", "frozen") != 0) == on)
			return 0;
		/* An empty group never says that it is frozen. */
		if (!cgroup_populated(g))
			return 0;
		tick();
	}
	return err_set(err, "%s did not %s in %d ms", g->name,
		       on ? "freeze" : "thaw", FREEZE_MS);
}

int cgroup_kill(const struct cgroup *g, struct err *err)
{
	if (put(g->v2, "cgroup.kill", "1", err) < 0)
		return err_within(err, "%s", g->name);
	return 0;
}

bool cgroup_populated(const struct cgroup *g)
{
	char text[256];

	get(g->v2, "cgroup.events", text, sizeof text);
	return !strstr(text, "populated 0");
}

void cgroup_usage(const struct cgroup *g, uint64_t *cpu_us,
		  uint64_t *peak_bytes)
{
	static const char *const peaks[] = {
		"memory.peak",
		"memory.max_usage_in_bytes",
	};

	*cpu_us = get_key(g->v2, "cpu.stat", "usage_usec");
	*peak_bytes = 0;
	for (unsigned int i = 0; i <= g->nv1; i++) {
		int folder = i == 0 ? g->v2 : g->v1[i - 1];
		char text[64];

		for (size_t j = 0; j < ARRAY_LEN(peaks); j++) {
			get(folder, peaks[j], text, sizeof text);
			if (text[0])
				sscanf(text, "%" SCNu64, peak_bytes);
		}
	}
}

int cgroup_remove(struct cgroup *g, struct err *err)
{
	struct cgroup_roots roots;
	int done;

	if (cgroup_roots_open(&roots, err) < 0)
		return -1;
	done = remove_all(&roots, g->name, err);
	cgroup_roots_clear(&roots);
	if (done == 0)
		close_all(g);
	return done;
}

/* --- Sweeping -------------------------------------------------------------- */

/* Remove every group below the instance's folder in one hierarchy. */
static int sweep_hierarchy(int root, const char *instance, struct err *err)
{
	int folder = openat(root, instance, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = folder < 0 ? NULL : fdopendir(folder);
	struct dirent *entry;
	int done = 0;

	if (!dir)
		return errno == ENOENT ? 0 : err_sys(err, "%s", instance);
	while ((entry = readdir(dir)))
		if (entry->d_type == DT_DIR && id_valid(entry->d_name) &&
		    unlinkat(folder, entry->d_name, AT_REMOVEDIR) < 0)
			done = err_sys(err, "remove the cgroup %s/%s", instance,
				       entry->d_name);
	closedir(dir);
	if (done == 0 && unlinkat(root, instance, AT_REMOVEDIR) < 0)
		done = err_sys(err, "remove the cgroup %s", instance);
	return done;
}

static int sweep_all(const struct cgroup_roots *roots, const char *instance,
		     struct err *err)
{
	int done = sweep_hierarchy(roots->v2, instance, err);

	for (enum cgroup_controller c = 0; c < CGROUP_N; c++)
		if (roots->v1[c] >= 0 &&
		    sweep_hierarchy(roots->v1[c], instance, err) < 0)
			done = -1;
	return done;
}

int cgroup_sweep(const char *instance, struct err *err)
{
	struct cgroup_roots roots;
	char name[ID_SIZE + 16];
	int done = -1;

	if (!id_valid(instance))
		return err_set(err, "not a name for an instance");
	if (cgroup_roots_open(&roots, err) < 0)
		return -1;
	snprintf(name, sizeof name, "sekisho-%s", instance);

	AUTO_FD int folder = openat(roots.v2, name, O_RDONLY | O_CLOEXEC);

	if (folder >= 0 && put(folder, "cgroup.kill", "1", err) < 0)
		note("%s", err->text);
	for (int waited = 0; done < 0 && waited < SWEEP_MS; waited += TICK_MS) {
		done = sweep_all(&roots, name, err);
		if (done < 0)
			tick();
	}
	cgroup_roots_clear(&roots);
	return done;
}
