/*
 * pkcs11 - speak to a token's module.
 *
 * Runs in sekisho-token. The module is the vendor's code and is trusted with
 * the wrapping key and with what is wrapped, and with nothing else.
 */
#include "policy/token/pkcs11.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/token/pin.h"

enum { SLOTS = 64, FOUND = 2 };

static int fail(struct err *err, const char *what, CK_RV why)
{
	return err_set(err, "%s: %s", what, p11_kit_strerror(why));
}

static void free_uri(P11KitUri **uri)
{
	p11_kit_uri_free(*uri);
}

#define AUTO_URI __attribute__((cleanup(free_uri)))

static int read_uri(const char *text, P11KitUri **uri, struct err *err)
{
	*uri = p11_kit_uri_new();
	if (!*uri)
		die("out of memory");
	if (p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, *uri) !=
	    P11_KIT_URI_OK)
		return err_set(err, "not a PKCS#11 URI");
	if (!p11_kit_uri_get_module_path(*uri) ||
	    !p11_kit_uri_get_attribute(*uri, CKA_LABEL))
		return err_set(err, "the PKCS#11 URI lacks object or "
				    "module-path");
	return 0;
}

static int load(struct pkcs11 *token, const char *path, struct err *err)
{
	token->module = p11_kit_module_load(path, P11_KIT_MODULE_UNMANAGED);
	if (!token->module)
		return err_set(err, "the module %s cannot be loaded", path);
	CK_RV done = p11_kit_module_initialize(token->module);
	/* by another key of the same token */
	if (done != CKR_OK && done != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return fail(err, path, done);
	return 0;
}

/* The slot with the URI's token; exactly one. */
static int find_slot(const struct pkcs11 *token, P11KitUri *uri,
		     CK_SLOT_ID *slot, struct err *err)
{
	CK_SLOT_ID all[SLOTS];
	CK_ULONG n = SLOTS;
	CK_TOKEN_INFO info;
	int found = 0;

	CK_RV done = token->module->C_GetSlotList(CK_TRUE, all, &n);
	if (done != CKR_OK)
		return fail(err, "no slots", done);
	for (CK_ULONG i = 0; i < n; i++) {
		if (token->module->C_GetTokenInfo(all[i], &info) != CKR_OK ||
		    !(info.flags & CKF_TOKEN_INITIALIZED) ||
		    !p11_kit_uri_match_token_info(uri, &info))
			continue;
		*slot = all[i];
		found++;
	}
	if (found == 1)
		return 0;
	return err_set(err, found ? "the URI fits more than one token"
				  : "no such token is there");
}

static int log_in(struct pkcs11 *token, P11KitUri *uri, CK_SLOT_ID slot,
		  struct err *err)
{
	char pin[PIN_SIZE];
	CK_SESSION_HANDLE session = 0;
	CK_SESSION_INFO info;

	CK_RV done = token->module->C_OpenSession(
		slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
		&session);
	if (done != CKR_OK)
		return fail(err, "the token", done);
	token->session = session;
	/* another session of ours holds the login already? */
	done = token->module->C_GetSessionInfo(session, &info);
	if (done == CKR_OK && info.state == CKS_RW_USER_FUNCTIONS)
		return 0;
	long n = pin_read(p11_kit_uri_get_pin_source(uri), pin, err);
	if (n < 0)
		return -1;
	done = token->module->C_Login(session, CKU_USER, (CK_UTF8CHAR *)pin,
				      (CK_ULONG)n);
	explicit_bzero(pin, sizeof pin);
	if (done == CKR_OK || done == CKR_USER_ALREADY_LOGGED_IN)
		return 0;
	pin_forget();
	return fail(err, "the token's login", done);
}

static int find_key(struct pkcs11 *token, P11KitUri *uri, struct err *err)
{
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_ATTRIBUTE want[2] = { { CKA_CLASS, &class, sizeof class } };
	CK_OBJECT_HANDLE found[FOUND];
	CK_ULONG n = 0;

	want[1] = *p11_kit_uri_get_attribute(uri, CKA_LABEL);
	CK_RV done = token->module->C_FindObjectsInit(token->session, want, 2);
	if (done == CKR_OK)
		done = token->module->C_FindObjects(token->session, found,
						    FOUND, &n);
	token->module->C_FindObjectsFinal(token->session);
	if (done != CKR_OK)
		return fail(err, "the token's keys", done);
	if (n > 1)
		return err_set(err, "the token has two keys of that name");
	token->key = n ? found[0] : 0;
	return n == 1;
}

int pkcs11_open(struct pkcs11 *token, const char *text, struct err *err)
{
	AUTO_URI P11KitUri *uri = NULL;
	CK_SLOT_ID slot = 0;

	memset(token, 0, sizeof *token);
	if (read_uri(text, &uri, err) < 0 ||
	    load(token, p11_kit_uri_get_module_path(uri), err) < 0 ||
	    find_slot(token, uri, &slot, err) < 0 ||
	    log_in(token, uri, slot, err) < 0)
		return -1;
	return find_key(token, uri, err);
}

void pkcs11_close(struct pkcs11 *token)
{
	if (token->session)
		token->module->C_CloseSession(token->session);
	memset(token, 0, sizeof *token);
}

int pkcs11_make(struct pkcs11 *token, const char *text, struct err *err)
{
	AUTO_URI P11KitUri *uri = NULL;
	CK_MECHANISM how = { CKM_AES_KEY_GEN, NULL, 0 };
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ULONG bytes = PKCS11_KEY;
	CK_OBJECT_HANDLE key = 0;

	if (read_uri(text, &uri, err) < 0)
		return -1;
	CK_ATTRIBUTE what[] = {
		*p11_kit_uri_get_attribute(uri, CKA_LABEL),
		{ CKA_VALUE_LEN, &bytes, sizeof bytes },
		{ CKA_TOKEN, &yes, sizeof yes },
		{ CKA_PRIVATE, &yes, sizeof yes },
		{ CKA_SENSITIVE, &yes, sizeof yes },
		{ CKA_EXTRACTABLE, &no, sizeof no },
		{ CKA_ENCRYPT, &yes, sizeof yes },
		{ CKA_DECRYPT, &yes, sizeof yes },
	};
	CK_RV done = token->module->C_GenerateKey(token->session, &how, what,
						  ARRAY_LEN(what), &key);
	if (done != CKR_OK)
		return fail(err, "the token makes no key", done);
	token->key = key;
	return 0;
}

int pkcs11_destroy(struct pkcs11 *token, struct err *err)
{
	CK_RV done = token->module->C_DestroyObject(token->session, token->key);

	if (done != CKR_OK)
		return fail(err, "the token keeps its key", done);
	token->key = 0;
	return 0;
}

/* What both directions compute with. The casts are the interface's: it does
 * not write there. */
static CK_GCM_PARAMS gcm(const char *name, const uint8_t *nonce)
{
	return (CK_GCM_PARAMS){
		.iv_ptr = (unsigned char *)(uintptr_t)nonce,
		.iv_len = PKCS11_NONCE,
		.iv_bits = PKCS11_NONCE * 8,
		.aad_ptr = (unsigned char *)(uintptr_t)name,
		.aad_len = strlen(name),
		.tag_bits = PKCS11_TAG * 8,
	};
}

int pkcs11_seal(struct pkcs11 *token, const char *name,
		const uint8_t nonce[static PKCS11_NONCE],
		const uint8_t in[static PKCS11_KEY],
		uint8_t out[static PKCS11_KEY + PKCS11_TAG], struct err *err)
{
	CK_GCM_PARAMS with = gcm(name, nonce);
	CK_MECHANISM how = { CKM_AES_GCM, &with, sizeof with };
	CK_ULONG n = PKCS11_KEY + PKCS11_TAG;

	CK_RV done =
		token->module->C_EncryptInit(token->session, &how, token->key);
	if (done == CKR_OK)
		done = token->module->C_Encrypt(token->session,
						(unsigned char *)(uintptr_t)in,
						PKCS11_KEY, out, &n);
	if (done != CKR_OK)
		return fail(err, "the token does not encrypt", done);
	return n == PKCS11_KEY + PKCS11_TAG
		       ? 0
		       : err_set(err, "the token's AES-GCM is not as it "
				      "should be");
}

int pkcs11_unseal(struct pkcs11 *token, const char *name,
		  const uint8_t nonce[static PKCS11_NONCE],
		  const uint8_t in[static PKCS11_KEY + PKCS11_TAG],
		  uint8_t out[static PKCS11_KEY], struct err *err)
{
	CK_GCM_PARAMS with = gcm(name, nonce);
	CK_MECHANISM how = { CKM_AES_GCM, &with, sizeof with };
	unsigned char clear[PKCS11_KEY + PKCS11_TAG]; /* some ask for more */
	CK_ULONG n = sizeof clear;

	CK_RV done =
		token->module->C_DecryptInit(token->session, &how, token->key);
	if (done == CKR_OK)
		done = token->module->C_Decrypt(
			token->session, (unsigned char *)(uintptr_t)in,
			PKCS11_KEY + PKCS11_TAG, clear, &n);
	if (done == CKR_OK && n == PKCS11_KEY)
		memcpy(out, clear, PKCS11_KEY);
	explicit_bzero(clear, sizeof clear);
	if (done != CKR_OK)
		return fail(err, "the token does not decrypt", done);
	return n == PKCS11_KEY ? 0
			       : err_set(err, "a wrapped key of a wrong "
					      "length");
}
