#include "sandbox/cgroup_roots.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"

const char *cgroup_controller_name(enum cgroup_controller controller)
{
	static const char *const names[CGROUP_N] = { "memory", "pids", "cpu" };

	return names[controller];
}

/* Is word one of the list's words? */
static bool has_word(const char *list, char separator, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len) {
		bool begins = at == list || at[-1] == separator;
		bool ends = at[len] == separator || at[len] == '\0' ||
			    at[len] == '\n';

		if (begins && ends)
			return true;
	}
	return false;
}

static bool v2_owns(int v2, enum cgroup_controller controller)
{
	AUTO_FD int fd = openat(v2, "cgroup.controllers", O_RDONLY | O_CLOEXEC);
	char list[512] = "";

	if (fd < 0 || read(fd, list, sizeof list - 1) < 0)
		return false;
	return has_word(list, ' ', cgroup_controller_name(controller));
}

/* A line of mountinfo: point is the 5th field; after " - " come the type, the
 * source and the super block's options. */
static void take_line(struct cgroup_roots *roots, char *line)
{
	char point[256], type[32], options[256];
	char *tail = strstr(line, " - ");

	if (!tail || sscanf(line, "%*s %*s %*s %*s %255s", point) != 1 ||
	    sscanf(tail, " - %31s %*s %255s", type, options) != 2)
		return;
	if (strcmp(type, "cgroup2") == 0 && roots->v2 < 0)
		roots->v2 = open(point, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (strcmp(type, "cgroup") != 0)
		return;
	for (enum cgroup_controller c = 0; c < CGROUP_N; c++)
		if (roots->v1[c] < 0 &&
		    has_word(options, ',', cgroup_controller_name(c)))
			roots->v1[c] =
				open(point, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int check(struct cgroup_roots *roots, struct err *err)
{
	if (roots->v2 < 0)
		return err_set(err, "no cgroup v2 tree is mounted; sessions "
				    "could not be frozen or killed");
	for (enum cgroup_controller c = 0; c < CGROUP_N; c++) {
		if (v2_owns(roots->v2, c))
			own_close(&roots->v1[c]);
		else if (roots->v1[c] < 0)
			return err_set(err, "no cgroup controller '%s'",
				       cgroup_controller_name(c));
	}
	return 0;
}

/* Cut path after the folder of sekishod's own unit; false: there is none. */
static bool cut_at_unit(char *path)
{
	static const char begins[] = "/sekishod", ends[] = ".service";

	for (char *at = path; (at = strstr(at, begins)); at++) {
		size_t len = 1 + strcspn(at + 1, "/");

		if (len < strlen(begins) + strlen(ends) ||
		    strncmp(at + len - strlen(ends), ends, strlen(ends)) != 0)
			continue;
		at[len] = '\0';
		return true;
	}
	return false;
}

static int open_unit(int v2)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[4096];
	int unit = -1;

	while (file && unit < 0 && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::/", 4) == 0 && cut_at_unit(line + 3))
			unit = openat(v2, line + 4,
				      O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	if (file)
		fclose(file);
	return unit;
}

/* Under systemd the tree's root is not ours, but the unit is. */
static void enter_unit(struct cgroup_roots *roots)
{
	int unit = open_unit(roots->v2);

	roots->in_unit = unit >= 0;
	if (unit < 0)
		return;
	own_close(&roots->v2);
	roots->v2 = unit;
}

int cgroup_roots_open(struct cgroup_roots *roots, struct err *err)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[4096];

	roots->v2 = -1;
	roots->in_unit = false;
	for (enum cgroup_controller c = 0; c < CGROUP_N; c++)
		roots->v1[c] = -1;
	if (!mounts)
		return err_sys(err, "read /proc/self/mountinfo");
	while (fgets(line, sizeof line, mounts))
		take_line(roots, line);
	fclose(mounts);
	if (roots->v2 >= 0)
		enter_unit(roots);
	if (check(roots, err) == 0)
		return 0;
	cgroup_roots_clear(roots);
	return -1;
}

void cgroup_roots_clear(struct cgroup_roots *roots)
{
	own_close(&roots->v2);
	for (enum cgroup_controller c = 0; c < CGROUP_N; c++)
		own_close(&roots->v1[c]);
}
