#include "sandbox/layers.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/syscalls.h"

enum { VERSION_FLAG = 1 };

/* Made from user.filter, like user_filter. */
extern const char user_rules[];

const struct filter *layers_filter(void)
{
	return &user_filter;
}

const char *layers_rules(void)
{
	return user_rules;
}

const char *layers_landlock(void)
{
	return
#define PLACE(path, rights) path "\t" #rights "\n"
#include "sandbox/landlock.def"
#undef PLACE
		;
}

int layers_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);

	return abi < 0 ? 0 : (int)abi;
}
