#include "policy/prepare/confine.h"

#include <iconv.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "gateway/base/filter.h"

/* The C library's converters are shared objects: with one open, its module
 * stays loaded. */
static void load_converters(void)
{
	static iconv_t kept;

	kept = iconv_open("UTF-8", "CP932");
	(void)kept; /* missing: E_ENCODING where a recipe needs it */
}

int confine(struct err *err)
{
	const struct rlimit none = { 0, 0 };

	load_converters();
	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return err_sys(err, "give up core dumps");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, "give up privileges");
	return filter_obey(&program_filter, err);
}
