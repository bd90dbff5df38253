/*
 * no_gssapi - a process that speaks no Kerberos.
 *
 * libssh.a refers to these functions from its GSSAPI code. sekisho-conn
 * refuses GSSAPI before that code begins; here the functions fail, so that
 * the Kerberos libraries are not even loaded into the process that faces the
 * network. Each returns GSS_S_UNAVAILABLE (RFC 2744, 3.9.1).
 */
#include <stdint.h>

enum { UNAVAILABLE = 16 << 16 };

void *GSS_C_NT_HOSTBASED_SERVICE;
void *GSS_C_NT_USER_NAME;

#define ABSENT(name)                                                           \
	uint32_t name(void);                                                   \
	uint32_t name(void)                                                    \
	{                                                                      \
		return UNAVAILABLE;                                            \
	}

ABSENT(gss_accept_sec_context)
ABSENT(gss_acquire_cred)
ABSENT(gss_add_oid_set_member)
ABSENT(gss_create_empty_oid_set)
ABSENT(gss_display_name)
ABSENT(gss_display_status)
ABSENT(gss_get_mic)
ABSENT(gss_import_name)
ABSENT(gss_indicate_mechs)
ABSENT(gss_init_sec_context)
ABSENT(gss_inquire_cred)
ABSENT(gss_inquire_cred_by_mech)
ABSENT(gss_release_buffer)
ABSENT(gss_release_cred)
ABSENT(gss_release_name)
ABSENT(gss_release_oid_set)
ABSENT(gss_test_oid_set_member)
ABSENT(gss_verify_mic)
