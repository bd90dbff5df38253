/*
 * statement - canonical JSON of a release, and of a request's state.
 *
 * Runs in sekisho-policy. Names of files are a researcher's words; they stand
 * in the statement (it goes where the files go) and nowhere else.
 */
#include "policy/statement.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/airlock/json.h"

/* The rules that checks go by (policy/airlock/profile.def). */
static const char rules_name[] = "ndb";
enum { RULES_VERSION = 1 };

const char *verdict_word(uint8_t verdict)
{
	static const char *const words[] = { "block", "review", "clear" };

	return words[verdict < ARRAY_LEN(words) ? verdict : 0];
}

const char *severity_word(uint8_t severity)
{
	static const char *const words[NUMBERS] = { "block", "flag", "info" };

	return words[severity < NUMBERS ? severity : 0];
}

static EVP_MD_CTX *hash_begin(void)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		die("no SHA-256");
	return context;
}

static const char *hash_end(EVP_MD_CTX *context, char *out)
{
	struct hash hash;

	if (EVP_DigestFinal_ex(context, hash.bytes, NULL) != 1)
		die("no SHA-256");
	EVP_MD_CTX_free(context);
	return hash_text(&hash, out);
}

const char *files_hash(const struct request_files *files, char *out)
{
	EVP_MD_CTX *context = hash_begin();

	for (uint32_t i = 0; i < files->count; i++)
		EVP_DigestUpdate(context, files->file[i].sha256.bytes,
				 HASH_SIZE);
	return hash_end(context, out);
}

const char *findings_hash(const struct findings *findings, char *out)
{
	EVP_MD_CTX *context = hash_begin();

	for (uint32_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->item[i];
		char line[200];
		int n = snprintf(line, sizeof line,
				 "%u %s %s %u %u %" PRIu64 " %" PRIu64 "\n",
				 f->file, f->code, severity_word(f->severity),
				 f->row, f->column, f->first, f->second);

		EVP_DigestUpdate(context, line, (size_t)n);
	}
	return hash_end(context, out);
}

static void put_files(struct json *json, const struct request_files *files)
{
	json_key(json, "files");
	json_open(json, '[');
	for (uint32_t i = 0; i < files->count; i++) {
		const struct request_file *file = &files->file[i];
		char hash[HASH_TEXT_SIZE];

		if (file->outcome != VOTE_APPROVE)
			continue;
		json_open(json, '{');
		json_key(json, "bytes");
		json_number(json, (int64_t)file->size);
		json_key(json, "file");
		json_number(json, (int64_t)i + 1);
		json_key(json, "name");
		json_text(json, file->name);
		json_key(json, "sha256");
		json_text(json, hash_text(&file->sha256, hash));
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_rules(struct json *json)
{
	json_key(json, "rules");
	json_open(json, '{');
	json_key(json, "name");
	json_text(json, rules_name);
	json_key(json, "version");
	json_number(json, RULES_VERSION);
	json_close(json, '}');
}

static bool same_voice(const struct cast *a, const struct cast *b)
{
	return strcmp(a->actor, b->actor) == 0 && a->vote == b->vote;
}

/* One entry for each reviewer and vote, with the files it is on: the casts
 * come in that order. */
static void put_votes(struct json *json, const struct casts *casts)
{
	json_key(json, "votes");
	json_open(json, '[');
	for (size_t i = 0; i < casts->count;) {
		const struct cast *first = &casts->item[i];

		json_open(json, '{');
		json_key(json, "actor");
		json_text(json, first->actor);
		json_key(json, "files");
		json_open(json, '[');
		for (; i < casts->count && same_voice(first, &casts->item[i]);
		     i++)
			json_number(json, casts->item[i].file);
		json_close(json, ']');
		json_key(json, "vote");
		json_text(json, vote_word(first->vote));
		json_close(json, '}');
	}
	json_close(json, ']');
}

int statement_text(char *out, char *hash, const struct released *released)
{
	const struct request *request = released->request;
	char findings[HASH_TEXT_SIZE];
	struct json json;

	json_begin(&json, out, STATEMENT_SIZE);
	json_open(&json, '{');
	json_key(&json, "actor");
	json_text(&json, request->actor);
	put_files(&json, released->files);
	json_key(&json, "findings_sha256");
	json_text(&json, findings_hash(released->findings, findings));
	json_key(&json, "permit");
	json_text(&json, request->permit);
	json_key(&json, "request");
	json_number(&json, request->number);
	put_rules(&json);
	json_key(&json, "time");
	json_number(&json, released->time);
	put_votes(&json, released->casts);
	json_close(&json, '}');
	EVP_MD_CTX *context = hash_begin();
	EVP_DigestUpdate(context, out, json.used);
	hash_end(context, hash);
	return json.cut ? -1 : 0;
}

static bool said_before(const struct findings *findings, uint32_t number)
{
	for (uint32_t i = 0; i < number; i++)
		if (strcmp(findings->item[i].code,
			   findings->item[number].code) == 0)
			return true;
	return false;
}

/* Codes in the order in which they were found first; as many as fit. */
static void put_codes(struct json *json, const struct findings *findings)
{
	json_key(json, "codes");
	json_open(json, '[');
	for (uint32_t i = 0; i < findings->count; i++)
		if (!said_before(findings, i) && json->used < STATUS_SIZE / 2)
			json_text(json, findings->item[i].code);
	json_close(json, ']');
}

const char *status_text(char *out, const struct request *request,
			const struct findings *findings)
{
	struct json json;

	json_begin(&json, out, STATUS_SIZE);
	json_open(&json, '{');
	json_key(&json, "block");
	json_number(&json, request->by[NUMBER_BLOCK]);
	put_codes(&json, findings);
	json_key(&json, "decided");
	json_number(&json, request->decided);
	json_key(&json, "files");
	json_number(&json, request->files);
	json_key(&json, "flag");
	json_number(&json, request->by[NUMBER_FLAG]);
	json_key(&json, "info");
	json_number(&json, request->by[NUMBER_INFO]);
	json_key(&json, "released");
	json_number(&json, request->released);
	json_key(&json, "request");
	json_number(&json, request->number);
	json_key(&json, "state");
	json_text(&json, request_word(request->state));
	json_key(&json, "submitted");
	json_number(&json, request->submitted);
	json_close(&json, '}');
	return out;
}
