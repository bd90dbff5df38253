#include "sandbox/fscrypt.h"

#include <errno.h>
#include <linux/fscrypt.h>
#include <string.h>
#include <sys/ioctl.h>

_Static_assert(FSCRYPT_ID == FSCRYPT_KEY_IDENTIFIER_SIZE, "the kernel's size");

int fscrypt_add(int root, const uint8_t key[static FSCRYPT_KEY],
		uint8_t id[static FSCRYPT_ID], struct err *err)
{
	/* The key stands behind the argument. */
	union {
		struct fscrypt_add_key_arg arg;
		uint8_t bytes[sizeof(struct fscrypt_add_key_arg) + FSCRYPT_KEY];
	} add = { .arg.key_spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER };

	add.arg.raw_size = FSCRYPT_KEY;
	memcpy(add.bytes + sizeof add.arg, key, FSCRYPT_KEY);
	int done = ioctl(root, FS_IOC_ADD_ENCRYPTION_KEY, &add);
	int why = errno;
	explicit_bzero(add.bytes + sizeof add.arg, FSCRYPT_KEY);
	memcpy(id, add.arg.key_spec.u.identifier, FSCRYPT_ID);
	if (done == 0)
		return 1;
	if (why == EOPNOTSUPP || why == ENOTTY || why == ENOPKG)
		return 0;
	errno = why;
	return err_sys(err, "give the kernel a workspace's key");
}

int fscrypt_remove(int root, const uint8_t id[static FSCRYPT_ID],
		   struct err *err)
{
	struct fscrypt_remove_key_arg arg = {
		.key_spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER
	};

	memcpy(arg.key_spec.u.identifier, id, FSCRYPT_ID);
	if (ioctl(root, FS_IOC_REMOVE_ENCRYPTION_KEY, &arg) < 0)
		return errno == ENOKEY
			       ? 0
			       : err_sys(err, "take back a workspace's key");
	if (arg.removal_status_flags)
		return err_set(err, "a workspace's files are still open");
	return 0;
}

int fscrypt_begin(int folder, const uint8_t id[static FSCRYPT_ID],
		  struct err *err)
{
	struct fscrypt_policy_v2 policy = {
		.version = FSCRYPT_POLICY_V2,
		.contents_encryption_mode = FSCRYPT_MODE_AES_256_XTS,
		.filenames_encryption_mode = FSCRYPT_MODE_AES_256_CTS,
		.flags = FSCRYPT_POLICY_FLAGS_PAD_32,
	};

	memcpy(policy.master_key_identifier, id, FSCRYPT_ID);
	if (ioctl(folder, FS_IOC_SET_ENCRYPTION_POLICY, &policy) < 0)
		return err_sys(err, "encrypt a folder");
	return 0;
}

int fscrypt_is(int folder, uint8_t id[static FSCRYPT_ID], struct err *err)
{
	struct fscrypt_get_policy_ex_arg arg = { .policy_size =
							 sizeof arg.policy };

	if (ioctl(folder, FS_IOC_GET_ENCRYPTION_POLICY_EX, &arg) < 0) {
		if (errno == ENODATA || errno == EOPNOTSUPP || errno == ENOTTY)
			return 0;
		return err_sys(err, "ask how a folder is encrypted");
	}
	if (arg.policy.version != FSCRYPT_POLICY_V2)
		return err_set(err, "the folder is encrypted in another way");
	memcpy(id, arg.policy.v2.master_key_identifier, FSCRYPT_ID);
	return 1;
}
