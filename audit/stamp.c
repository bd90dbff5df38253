#include "audit/stamp.h"

#include <openssl/err.h>
#include <openssl/ts.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* OpenSSL's own reason, the newest. Always -1. */
static int failed(struct err *err, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return err_set(err, "%s%s%s", what, reason ? ": " : "",
		       reason ? reason : "");
}

static int fill_imprint(TS_MSG_IMPRINT *imprint, const struct hash *hash)
{
	X509_ALGOR *algorithm = X509_ALGOR_new();
	uint8_t bytes[HASH_SIZE];
	bool good =
		algorithm && X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256),
					     V_ASN1_NULL, NULL);

	memcpy(bytes, hash->bytes, sizeof bytes);
	good = good && TS_MSG_IMPRINT_set_algo(imprint, algorithm) &&
	       TS_MSG_IMPRINT_set_msg(imprint, bytes, sizeof bytes);
	X509_ALGOR_free(algorithm);
	return good ? 0 : -1;
}

static int fill(TS_REQ *ts, struct stamp_request *request)
{
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	ASN1_INTEGER *nonce = ASN1_INTEGER_new();
	bool good = imprint && nonce && TS_REQ_set_version(ts, 1) &&
		    fill_imprint(imprint, &request->hash) == 0 &&
		    TS_REQ_set_msg_imprint(ts, imprint) &&
		    ASN1_INTEGER_set_uint64(nonce, request->nonce) &&
		    TS_REQ_set_nonce(ts, nonce) && TS_REQ_set_cert_req(ts, 1);

	TS_MSG_IMPRINT_free(imprint);
	ASN1_INTEGER_free(nonce);
	return good ? 0 : -1;
}

int stamp_ask(struct stamp_request *request, const struct hash *hash,
	      struct err *err)
{
	TS_REQ *ts = TS_REQ_new();
	uint8_t *at = request->bytes;
	int len = 0;

	request->hash = *hash;
	if (getrandom(&request->nonce, sizeof request->nonce, 0) !=
	    (ssize_t)sizeof request->nonce)
		die("getrandom gave no bytes");
	if (ts && fill(ts, request) == 0 &&
	    i2d_TS_REQ(ts, NULL) <= STAMP_REQUEST)
		len = i2d_TS_REQ(ts, &at);
	TS_REQ_free(ts);
	if (len <= 0)
		return failed(err, "make a time-stamp request");
	request->len = (size_t)len;
	return 0;
}

/* Does the token speak of this hash? */
static bool imprint_is(TS_TST_INFO *info, const struct hash *hash)
{
	TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(info);
	const ASN1_OBJECT *algorithm;
	ASN1_OCTET_STRING *bytes;

	if (!imprint)
		return false;
	X509_ALGOR_get0(&algorithm, NULL, NULL,
			TS_MSG_IMPRINT_get_algo(imprint));
	bytes = TS_MSG_IMPRINT_get_msg(imprint);
	return OBJ_obj2nid(algorithm) == NID_sha256 &&
	       ASN1_STRING_length(bytes) == HASH_SIZE &&
	       memcmp(ASN1_STRING_get0_data(bytes), hash->bytes, HASH_SIZE) ==
		       0;
}

static bool nonce_is(TS_TST_INFO *info, uint64_t nonce)
{
	const ASN1_INTEGER *there = TS_TST_INFO_get_nonce(info);
	uint64_t value;

	return there && ASN1_INTEGER_get_uint64(&value, there) &&
	       value == nonce;
}

static int check_answer(TS_RESP *response, const struct stamp_request *request,
			struct err *err)
{
	TS_STATUS_INFO *status = TS_RESP_get_status_info(response);
	TS_TST_INFO *info = TS_RESP_get_tst_info(response);
	int64_t granted = -1;

	if (!status ||
	    !ASN1_INTEGER_get_int64(&granted,
				    TS_STATUS_INFO_get0_status(status)) ||
	    (granted != TS_STATUS_GRANTED &&
	     granted != TS_STATUS_GRANTED_WITH_MODS))
		return err_set(err, "the authority granted no time stamp");
	if (!info || !imprint_is(info, &request->hash) ||
	    !nonce_is(info, request->nonce))
		return err_set(err, "a time stamp of something else");
	return 0;
}

long stamp_take(const struct stamp_request *request, const uint8_t *answer,
		size_t len, uint8_t token[static STAMP_TOKEN], struct err *err)
{
	const uint8_t *from = answer;
	TS_RESP *response = d2i_TS_RESP(NULL, &from, (long)len);
	uint8_t *to = token;
	long n = -1;

	if (!response || from != answer + len)
		failed(err, "not a time-stamp response");
	else if (check_answer(response, request, err) == 0) {
		PKCS7 *signed_token = TS_RESP_get_token(response);

		n = i2d_PKCS7(signed_token, NULL);
		n = n > 0 && n <= STAMP_TOKEN ? i2d_PKCS7(signed_token, &to)
					      : -1;
		if (n < 0)
			failed(err, "a time stamp that is too long");
	}
	TS_RESP_free(response);
	return n;
}

static int64_t seconds_of(const ASN1_GENERALIZEDTIME *time)
{
	struct tm parts;

	if (!time || !ASN1_TIME_to_tm(time, &parts))
		return -1;
	return (int64_t)timegm(&parts);
}

static int64_t time_of(PKCS7 *token, const struct hash *hash, struct err *err)
{
	TS_TST_INFO *info = PKCS7_to_TS_TST_INFO(token);
	int64_t time = info ? seconds_of(TS_TST_INFO_get_time(info)) : -1;

	if (time < 0)
		time = failed(err, "not a time stamp");
	else if (!imprint_is(info, hash))
		time = err_set(err, "a time stamp of something else");
	TS_TST_INFO_free(info);
	return time;
}

static PKCS7 *read_token(const uint8_t *token, size_t len, struct err *err)
{
	const uint8_t *from = token;
	PKCS7 *read = d2i_PKCS7(NULL, &from, (long)len);

	if (read && from == token + len)
		return read;
	PKCS7_free(read);
	failed(err, "not a time-stamp token");
	return NULL;
}

int64_t stamp_time(const uint8_t *token, size_t len, const struct hash *hash,
		   struct err *err)
{
	PKCS7 *read = read_token(token, len, err);
	int64_t time = read ? time_of(read, hash, err) : -1;

	PKCS7_free(read);
	return time;
}

/* The context owns the store. */
static TS_VERIFY_CTX *trust(const char *file, struct err *err)
{
	TS_VERIFY_CTX *context = TS_VERIFY_CTX_new();
	X509_STORE *store = X509_STORE_new();

	if (!context || !store)
		die("out of memory");
	TS_VERIFY_CTX_add_flags(context, TS_VFY_SIGNATURE);
	TS_VERIFY_CTX_set_store(context, store);
	if (X509_STORE_load_file(store, file) == 1)
		return context;
	failed(err, file);
	TS_VERIFY_CTX_free(context);
	return NULL;
}

int64_t stamp_verify(const uint8_t *token, size_t len, const struct hash *hash,
		     const char *file, struct err *err)
{
	TS_VERIFY_CTX *context = trust(file, err);
	PKCS7 *read = context ? read_token(token, len, err) : NULL;
	int64_t time = read ? time_of(read, hash, err) : -1;

	if (time >= 0 && TS_RESP_verify_token(context, read) != 1)
		time = failed(err, "the time stamp does not verify");
	PKCS7_free(read);
	TS_VERIFY_CTX_free(context);
	return time;
}
