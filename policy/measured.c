#include "policy/measured.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

struct measured *measured_new(void)
{
	struct measured *measured = calloc(1, sizeof *measured);

	if (!measured)
		die("out of memory");
	return measured;
}

void measured_free(struct measured *measured)
{
	for (unsigned int i = 0; measured && i < measured->n; i++)
		free(measured->pieces[i].text);
	free(measured);
}

void measured_add(struct measured *measured, uint32_t pid, const char *what,
		  const void *text, size_t len)
{
	struct piece *piece = &measured->pieces[measured->n];

	if (measured->n == MEASURED_PIECES ||
	    measured->bytes + len > MEASURED_BYTES)
		return;
	piece->text = malloc(len + 1);
	if (!piece->text)
		die("out of memory");
	memcpy(piece->text, text, len);
	piece->text[len] = '\0';
	piece->len = len;
	piece->pid = pid;
	snprintf(piece->what, sizeof piece->what, "%s", what);
	measured->bytes += len;
	measured->n++;
}

const struct piece *measured_find(const struct measured *measured, uint32_t pid,
				  const char *what)
{
	for (unsigned int i = 0; i < measured->n; i++)
		if (measured->pieces[i].pid == pid &&
		    strcmp(measured->pieces[i].what, what) == 0)
			return &measured->pieces[i];
	return NULL;
}

const char *measured_text(const struct measured *measured, uint32_t pid,
			  const char *what)
{
	const struct piece *piece = measured_find(measured, pid, what);

	return piece ? piece->text : "";
}

/* Runs of blanks become one, those at both ends none. */
static void squeeze(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		bool blank = *at == ' ' || *at == '\t';

		if (blank && (to == text || to[-1] == ' '))
			continue;
		*to++ = blank ? ' ' : *at;
	}
	if (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
}

bool measured_line(const char **text, char *out, size_t size)
{
	size_t len = strcspn(*text, "\n");

	if (!**text)
		return false;
	snprintf(out, size, "%.*s", (int)(len < size ? len : size - 1), *text);
	squeeze(out);
	*text += len + ((*text)[len] == '\n');
	return true;
}

const char *measured_field(const char *text, const char *key, char *out,
			   size_t size)
{
	size_t len = strlen(key);
	const char *at = text;

	out[0] = '\0';
	while (at && (strncmp(at, key, len) != 0 || at[len] != ':')) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return out;
	at += len + 1;
	measured_line(&at, out, size);
	return out;
}
