#include "policy/airlock/compare/names.h"

#include <string.h>
#include <strings.h>

#include "gateway/base/own.h"
#include "gateway/base/visible.h"

/* In front of the last extension these would promise something else. */
static const char *const inner[] = {
	"csv", "tsv", "txt",  "md",  "log",  "json", "png", "svg", "pdf", "zip",
	"gz",  "doc", "docx", "xls", "xlsx", "html", "exe", "jpg", "rds",
};

/* "a.csv.txt": one of two would be believed. */
static bool two_extensions(const char *name)
{
	const char *last = strrchr(name, '.');

	for (size_t i = 0; last && i < ARRAY_LEN(inner); i++) {
		size_t len = strlen(inner[i]);

		if ((size_t)(last - name) > len &&
		    last[-1 - (long)len] == '.' &&
		    strncasecmp(last - len, inner[i], len) == 0)
			return true;
	}
	return false;
}

bool name_is_plain(const char *name)
{
	size_t len = strlen(name);
	unsigned int code;

	if (len == 0 || len > 255 || name[0] == '.' || name[0] == ' ' ||
	    name[0] == '-' || name[len - 1] == ' ' || name[len - 1] == '.')
		return false;
	for (size_t at = 0; at < len;) {
		size_t n = utf8_decode((const unsigned char *)name + at,
				       len - at, &code);

		if (n == 0 || visible_hides(code) || strchr("/\\", name[at]))
			return false;
		at += n;
	}
	return !two_extensions(name);
}
