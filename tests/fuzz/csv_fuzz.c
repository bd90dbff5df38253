/* links: policy/prepare policy audit gateway/base; -lsqlite3 -lyaml -lutf8proc -lcrypto */
/*
 * csv - of any bytes either a fault is said, or records that read the same
 * when they are written and read again.
 *
 * The first byte chooses line ends, separator and how many fields are kept.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/prepare/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FIELDS = 8 };

/* Write a record and read it back. */
static void check_again(const struct csv_field *fields, long n)
{
	static struct csv_field again[FIELDS];
	struct csv csv = { .separator = ',' };
	struct fault fault;
	size_t room = 64, used = 0;

	for (long i = 0; i < n; i++)
		room += (size_t)fields[i].len * 2 + 3;
	char *bytes = calloc(1, room + CSV_SLACK);
	if (!bytes)
		abort();
	for (long i = 0; i < n; i++) {
		used += csv_write(bytes + used, fields[i].at, fields[i].len);
		bytes[used++] = i + 1 < n ? ',' : '\n';
	}
	csv_begin(&csv, bytes, used, 1);
	if (csv_record(&csv, again, FIELDS, &fault) != n)
		abort();
	for (long i = 0; i < n; i++)
		if (again[i].len != fields[i].len ||
		    memcmp(again[i].at, fields[i].at, fields[i].len) != 0)
			abort();
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct csv_field fields[FIELDS];
	struct csv csv = { .separator = ',' };
	struct fault fault = { .code = FAULT_NONE };
	uint32_t most = FIELDS;
	size_t where;
	long n;

	if (size == 0)
		return 0;
	csv.crlf = data[0] & 1;
	csv.separator = data[0] & 2 ? '\t' : ',';
	most = 1 + (data[0] >> 2 & 7);
	char *bytes = calloc(1, size + CSV_SLACK);
	if (!bytes)
		abort();
	memcpy(bytes, data + 1, size - 1);
	if (csv_check_text(bytes, size - 1, &where) != FAULT_NONE &&
	    where >= size - 1)
		abort();
	csv_begin(&csv, bytes, size - 1, 1);
	while ((n = csv_record(&csv, fields, most, &fault)) > 0)
		if (n <= (long)most)
			check_again(fields, n);
	if (n < 0 && fault.code == FAULT_NONE)
		abort();
	free(bytes);
	return 0;
}
