#include "policy/airlock/parse/faults.h"

static const char *const codes[FAULTS] = {
#define FAULT(code) [FAULT_##code] = #code,
#include "policy/airlock/parse/faults.def"
#undef FAULT
};

void fault_put(struct faults *faults, enum fault fault, uint32_t row,
	       uint32_t column)
{
	if (faults->put[fault]++ < FAULTS_EACH)
		parsed_put_fault(faults->out, codes[fault], row, column);
}
