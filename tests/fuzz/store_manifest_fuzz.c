/* links: policy/airlock/store gateway/base; -lcrypto */
/*
 * store_manifest - a manifest of any bytes is refused, or lists files in order
 * with paths that stay in their folder.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/airlock/store/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->nfiles; i++) {
		const struct manifest_file *file = &manifest->files[i];

		if (!names_path(file->path) ||
		    (i > 0 && strcmp(file[-1].path, file->path) >= 0) ||
		    manifest_find(manifest, file->path) != file)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest manifest;
	struct err err;
	char *bytes = malloc(size + 1);

	if (!bytes)
		abort();
	if (size > 0)
		memcpy(bytes, data, size);
	if (manifest_read(&manifest, bytes, size, &err) == 0)
		check(&manifest);
	manifest_clear(&manifest);
	return 0;
}
