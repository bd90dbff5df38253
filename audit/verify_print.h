/*
 * verify_print - the reports of sekisho-verify, for people and for programs.
 */
#ifndef AUDIT_VERIFY_PRINT_H
#define AUDIT_VERIFY_PRINT_H

#include "audit/verify_receipt.h"

/* On standard output; what came from the log or the receipt is made visible. */
void verify_print_log(const struct verify_report *report, const char *lang);
void verify_print_log_json(const struct verify_report *report);
void verify_print_receipt(const struct verify_receipt *report,
			  const char *lang);
void verify_print_receipt_json(const struct verify_receipt *report);

#endif
