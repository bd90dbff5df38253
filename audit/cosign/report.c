#include "audit/cosign/report.h"

bool report_due(struct report *report, enum reason reason, int64_t now,
		bool daily)
{
	int64_t since = now - report->when;
	bool calm = report->told == REASON_NONE || since >= REPORT_PAUSE;

	if (reason == REASON_NONE)
		return false;
	if (reason == report->told ? !daily || since < REPORT_DAY
				   : !calm && report->hasty == REPORT_HASTY)
		return false;
	report->hasty = calm ? 0 : report->hasty + 1;
	report->told = reason;
	report->when = now;
	return true;
}
