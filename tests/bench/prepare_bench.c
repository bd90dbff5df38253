/* links: policy/prepare policy audit gateway/base; -lsqlite3 -lyaml -lutf8proc -lcrypto */
/*
 * prepare_bench - what preparing one source costs: reading, transforming,
 * writing and hashing, without the database or with it.
 *
 *	prepare_bench RECIPE FOLDER [THREADS [database]]
 *
 * FOLDER: where scratch files and the result go; nothing stays there. Prints
 * rows, processor seconds, wall seconds and the peak of memory in kB.
 */
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/prepare/database.h"
#include "policy/prepare/extract.h"

static double now(clockid_t clock)
{
	struct timespec at;

	clock_gettime(clock, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static int prepare(const char *path, const char *folder, uint32_t threads,
		   bool database)
{
	static const uint8_t key[PRF_KEY] = { 1 };
	static struct problems problems;
	static struct recipe recipe;
	static struct extract extract;
	struct bundle bundle;
	struct spill pseudonyms;
	struct fault fault;
	struct rusage usage;
	char scratch[4096];
	size_t len;
	AUTO_FREE char *copy = strdup(path);
	AUTO_FREE uint8_t *text =
		disk_read(AT_FDCWD, path, YAML_SIZE, &len, &fault);

	if (!text ||
	    recipe_load(&recipe, "recipe.yaml", text, len, &problems) < 0)
		return -1;
	snprintf(scratch, sizeof scratch, "%s/bundle", folder);
	if (bundle_begin(&bundle, scratch, &fault) < 0)
		return -1;
	spill_init(&pseudonyms, &bundle, PSEUDONYM_BYTES);
	struct preparation preparation = {
		.recipe = &recipe,
		.sources = open(dirname(copy), O_RDONLY | O_CLOEXEC),
		.key = key,
		.bundle = &bundle,
		.pseudonyms = &pseudonyms,
		.threads = threads
	};
	double wall = now(CLOCK_MONOTONIC);
	double processor = now(CLOCK_PROCESS_CPUTIME_ID);
	int done = extract_source(&extract, &recipe.sources[0], &preparation,
				  &fault);
	if (done == 0 && database) {
		int fd = database_create(&bundle, "reference", &fault);

		done = fd < 0 ? -1
			      : database_make(&bundle, fd, &extract, 1, &fault);
	}
	if (done == 0)
		done = bundle_hash(&bundle, &fault);
	if (done < 0)
		fault_print(stderr, &fault, "en");
	getrusage(RUSAGE_SELF, &usage);
	printf("rows %llu cpu %.2f wall %.2f peak_kb %ld\n",
	       (unsigned long long)extract.rows.out,
	       now(CLOCK_PROCESS_CPUTIME_ID) - processor,
	       now(CLOCK_MONOTONIC) - wall, usage.ru_maxrss);
	extract_clear(&extract);
	spill_clear(&pseudonyms);
	bundle_clear(&bundle);
	recipe_clear(&recipe);
	close(preparation.sources);
	return done;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	uint32_t threads = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 2;
	return prepare(argv[1], argv[2], threads, argc > 4) < 0;
}
