/*
 * closure - read a policy folder, beneath its descriptor and nowhere else.
 *
 * Runs in sekisho-policy and sekishoctl. The folder is the operator's, but a
 * link, a pipe or a huge file in it must do no harm.
 */
#include "policy/closure.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/yaml.h"

static const char *const folders[] = { "people", "permits", "datasets" };

struct reading {
	struct closure *closure;
	int folder;
	struct problems *problems;
};

static int open_beneath(int folder, const char *name, int flags)
{
	struct open_how how = {
		.flags = (uint32_t)(flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK |
				    O_NOCTTY),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};

	return (int)syscall(SYS_openat2, folder, name, &how, sizeof how);
}

static void wrong(const struct reading *r, const char *name, enum text_id id,
		  const char *first)
{
	problems_add(r->problems, name, 0, id, first, NULL, NULL);
}

int closure_add(struct closure *closure, const char *name, const uint8_t *bytes,
		size_t len)
{
	size_t at = closure->count;
	struct closure_file *grown;
	uint8_t *copy;

	if (closure->count == CLOSURE_FILES || len > YAML_SIZE ||
	    closure->bytes + len > CLOSURE_BYTES ||
	    strlen(name) >= sizeof closure->files->name)
		return -1;
	grown = reallocarray(closure->files, closure->count + 1, sizeof *grown);
	copy = malloc(len + 1);
	if (grown)
		closure->files = grown;
	if (!grown || !copy)
		die("out of memory");
	while (at > 0 && strcmp(grown[at - 1].name, name) > 0)
		at--;
	memmove(&grown[at + 1], &grown[at],
		(closure->count - at) * sizeof *grown);
	if (len > 0)
		memcpy(copy, bytes, len);
	grown[at] = (struct closure_file){ .bytes = copy, .len = len };
	memcpy(grown[at].name, name, strlen(name) + 1);
	closure->count++;
	closure->bytes += len;
	return 0;
}

/* At most YAML_SIZE + 1 bytes, so that a file that grows is seen to. */
static ssize_t read_all(int fd, uint8_t *bytes)
{
	size_t len = 0;

	while (len < YAML_SIZE + 1) {
		ssize_t n = read(fd, bytes + len, YAML_SIZE + 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

static void read_file(const struct reading *r, const char *name)
{
	AUTO_FREE uint8_t *bytes = malloc(YAML_SIZE + 1);
	AUTO_FD int fd = open_beneath(r->folder, name, 0);
	struct stat st;
	ssize_t len;

	if (!bytes)
		die("out of memory");
	if (fd < 0 && errno == ELOOP) {
		wrong(r, name, TEXT_FILE_REGULAR, NULL);
	} else if (fd < 0 || fstat(fd, &st) < 0) {
		wrong(r, name, TEXT_FILE_OPEN, strerrordesc_np(errno));
	} else if (!S_ISREG(st.st_mode)) {
		wrong(r, name, TEXT_FILE_REGULAR, NULL);
	} else if (st.st_size > YAML_SIZE) {
		wrong(r, name, TEXT_FILE_LARGE, NULL);
	} else if ((len = read_all(fd, bytes)) < 0) {
		wrong(r, name, TEXT_FILE_OPEN, strerrordesc_np(errno));
	} else if (len > YAML_SIZE) {
		wrong(r, name, TEXT_FILE_LARGE, NULL);
	} else if (closure_add(r->closure, name, bytes, (size_t)len) < 0) {
		wrong(r, name, TEXT_FOLDER_FULL, NULL);
	}
}

static bool ends_in_yaml(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && len < 100 && strcmp(name + len - 5, ".yaml") == 0;
}

static DIR *list_folder(const struct reading *r, const char *name)
{
	AUTO_FD int fd = open_beneath(r->folder, name, O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir)
		take_fd(&fd);
	return dir;
}

/* A folder that is not there holds no file. */
static void read_folder(const struct reading *r, const char *folder)
{
	DIR *dir = list_folder(r, folder);
	struct dirent *entry;
	char name[300];

	if (!dir && errno != ENOENT)
		wrong(r, folder, TEXT_FILE_OPEN, strerrordesc_np(errno));
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
		if (ends_in_yaml(entry->d_name))
			read_file(r, name);
		else
			wrong(r, name, TEXT_FILE_UNEXPECTED, NULL);
	}
	closedir(dir);
}

static bool expected_at_top(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (strcmp(folders[i], name) == 0)
			return true;
	return name[0] == '.' || strcmp(name, "site.yaml") == 0 ||
	       strcmp(name, CLOSURE_WITNESSES) == 0;
}

/* A folder without it has no witnesses. */
static void read_witnesses(const struct reading *r)
{
	struct stat st;

	if (fstatat(r->folder, CLOSURE_WITNESSES, &st, AT_SYMLINK_NOFOLLOW) ==
	    0)
		read_file(r, CLOSURE_WITNESSES);
}

void closure_read(struct closure *closure, int folder,
		  struct problems *problems)
{
	struct reading r = { closure, folder, problems };
	struct dirent *entry;
	DIR *dir = list_folder(&r, ".");

	*closure = (struct closure){ 0 };
	if (!dir) {
		wrong(&r, ".", TEXT_FILE_OPEN, strerrordesc_np(errno));
		return;
	}
	while ((entry = readdir(dir)))
		if (!expected_at_top(entry->d_name))
			wrong(&r, entry->d_name, TEXT_FILE_UNEXPECTED, NULL);
	closedir(dir);
	read_file(&r, "site.yaml");
	read_witnesses(&r);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		read_folder(&r, folders[i]);
}

struct hash closure_hash(const struct closure *closure)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	struct hash hash;

	if (!md || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
		die("SHA-256 is not available");
	for (size_t i = 0; i < closure->count; i++) {
		const struct closure_file *file = &closure->files[i];
		uint8_t size[8];

		for (size_t k = 0; k < sizeof size; k++)
			size[k] = (uint8_t)((uint64_t)file->len >> (8 * k));
		if (EVP_DigestUpdate(md, file->name, strlen(file->name) + 1) !=
			    1 ||
		    EVP_DigestUpdate(md, size, sizeof size) != 1 ||
		    EVP_DigestUpdate(md, file->bytes, file->len) != 1)
			die("SHA-256 failed");
	}
	if (EVP_DigestFinal_ex(md, hash.bytes, NULL) != 1)
		die("SHA-256 failed");
	EVP_MD_CTX_free(md);
	return hash;
}

void closure_clear(struct closure *closure)
{
	for (size_t i = 0; i < closure->count; i++)
		free(closure->files[i].bytes);
	free(closure->files);
	*closure = (struct closure){ 0 };
}
