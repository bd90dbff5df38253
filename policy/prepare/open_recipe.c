#include "policy/prepare/open_recipe.h"

#include <fcntl.h>
#include <libgen.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/prepare/disk.h"
#include "policy/prepare/need.h"

int open_recipe(struct recipe *recipe, const char *path, char *hash,
		struct problems *problems, struct fault *fault)
{
	AUTO_FREE char *for_folder = need_copy(path, strlen(path));
	AUTO_FREE char *for_name = need_copy(path, strlen(path));
	const char *name = basename(for_name);
	size_t len;
	AUTO_FREE uint8_t *bytes =
		disk_read(AT_FDCWD, path, YAML_SIZE, &len, fault);

	if (!bytes)
		return -1;
	if (recipe_load(recipe, name, bytes, len, problems) < 0)
		return fault_say(fault, FAULT_RECIPE, name);
	if (hash) {
		uint8_t sum[HASH_BYTES];

		hash_of(bytes, len, sum);
		hex_text(sum, sizeof sum, hash);
	}
	int folder =
		open(dirname(for_folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder < 0 ? fault_sys(fault, path) : folder;
}
