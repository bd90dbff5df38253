#include "gateway/files/view.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/visible.h"

/* Take away the last name of text[0..used). */
static size_t shorter(const char *text, size_t used)
{
	while (used > 0 && text[--used] != '/')
		;
	return used;
}

static size_t depth(const char *text, size_t used)
{
	size_t n = used > 0;

	for (size_t i = 0; i < used; i++)
		n += text[i] == '/';
	return n;
}

/* Add one name, or act on "." and "..". False: it cannot be. */
static bool add_name(char *text, size_t *used, const char *name, size_t len)
{
	if (len == 0 || (len == 1 && name[0] == '.'))
		return true;
	if (len == 2 && name[0] == '.' && name[1] == '.') {
		*used = shorter(text, *used);
		return true;
	}
	if (len > VIEW_NAME || depth(text, *used) == VIEW_DEPTH ||
	    (len >= sizeof VIEW_HIDDEN - 1 &&
	     memcmp(name, VIEW_HIDDEN, sizeof VIEW_HIDDEN - 1) == 0))
		return false;
	if (*used > 0)
		text[(*used)++] = '/';
	memcpy(text + *used, name, len);
	*used += len;
	return true;
}

/* Is name the path, or above it? */
static bool leads_to(const char *name, const char *path)
{
	size_t len = strlen(name);

	return strncmp(name, path, len) == 0 &&
	       (len == 0 || path[len] == '/' || path[len] == '\0');
}

static void find_top(const struct view *view, struct view_path *path)
{
	path->top = NULL;
	path->rest = path->text + strlen(path->text);
	for (unsigned int i = 0; i < view->n; i++) {
		const struct view_top *top = &view->tops[i];
		size_t len = strlen(top->name);

		if (!leads_to(top->name, path->text))
			continue;
		path->top = top;
		path->rest = path->text + len + (path->text[len] == '/');
	}
}

bool view_path(const struct view *view, const uint8_t *bytes, size_t len,
	       struct view_path *path)
{
	const char *at = (const char *)bytes;
	const char *end = at + len;
	size_t used = 0;

	if (len > VIEW_PATH || memchr(bytes, 0, len))
		return false;
	while (at < end) {
		const char *slash = memchr(at, '/', (size_t)(end - at));
		const char *stop = slash ? slash : end;

		if (!add_name(path->text, &used, at, (size_t)(stop - at)))
			return false;
		at = slash ? slash + 1 : end;
	}
	path->text[used] = '\0';
	find_top(view, path);
	return true;
}

void view_path_copy(struct view_path *to, const struct view_path *from)
{
	memcpy(to->text, from->text, sizeof to->text);
	to->top = from->top;
	to->rest = to->text + (from->rest - from->text);
}

bool view_is_above(const struct view *view, const struct view_path *path)
{
	if (path->text[0] == '\0')
		return true;
	for (unsigned int i = 0; i < view->n && !path->top; i++)
		if (leads_to(path->text, view->tops[i].name))
			return true;
	return false;
}

/* The name that follows path in the name of a top folder below it, if any. */
static bool name_below(const struct view_path *path, const struct view_top *top,
		       char name[ID_SIZE])
{
	size_t len = strlen(path->text);

	if (!leads_to(path->text, top->name) || (len > 0 && !top->name[len]))
		return false;
	const char *from = top->name + len + (len > 0);
	size_t n = strcspn(from, "/");
	memcpy(name, from, n);
	name[n] = '\0';
	return true;
}

bool view_below(const struct view *view, const struct view_path *path,
		unsigned int *next, char name[ID_SIZE],
		const struct view_top **top)
{
	char before[ID_SIZE];

	while (*next < view->n) {
		unsigned int at = (*next)++;
		bool new = name_below(path, &view->tops[at], name);

		for (unsigned int i = 0; i < at && new; i++)
			new = !name_below(path, &view->tops[i], before) ||
			      strcmp(before, name) != 0;
		if (!new)
			continue;
		size_t len = strlen(view->tops[at].name);
		bool last = strlen(path->text) + (path->text[0] != '\0') +
				    strlen(name) ==
			    len;
		*top = last ? &view->tops[at] : NULL;
		return true;
	}
	return false;
}

bool view_top_valid(const char *name)
{
	char first[ID_SIZE];
	size_t len = strcspn(name, "/");

	if (len >= sizeof first)
		return false;
	memcpy(first, name, len);
	first[len] = '\0';
	return id_valid(first) &&
	       (name[len] == '\0' || id_valid(name + len + 1));
}

static int open_beneath(int folder, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, folder, path[0] ? path : ".", &how,
			    sizeof how);
}

int view_open(const struct view_path *path, int flags)
{
	if (!path->top) {
		errno = ENOENT;
		return -1;
	}
	return open_beneath(path->top->folder, path->rest, flags);
}

int view_parent(const struct view_path *path, const char **name)
{
	char folder[VIEW_PATH];
	const char *slash = strrchr(path->rest, '/');
	size_t len = slash ? (size_t)(slash - path->rest) : 0;

	if (!path->top || path->rest[0] == '\0') {
		errno = EPERM;
		return -1;
	}
	*name = slash ? slash + 1 : path->rest;
	memcpy(folder, path->rest, len);
	folder[len] = '\0';
	return open_beneath(path->top->folder, folder, O_PATH | O_DIRECTORY);
}

int view_stat(const struct view_path *path, struct stat *st)
{
	AUTO_FD int fd = view_open(path, O_PATH);

	if (fd < 0 || fstat(fd, st) < 0)
		return -1;
	if (view_shows(st->st_mode))
		return 0;
	errno = ENOENT;
	return -1;
}

bool view_name_good(const char *name)
{
	char shown[VIEW_NAME + 1];
	size_t len = strlen(name);

	return visible_text(shown, sizeof shown, name, len) == len &&
	       memcmp(shown, name, len) == 0;
}

bool view_shows(mode_t mode)
{
	return S_ISREG(mode) || S_ISDIR(mode);
}
