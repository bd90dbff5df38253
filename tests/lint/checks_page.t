#!/bin/bash
# checks_page - what docs/checks.md and the table claim is what the code does.
source "$(dirname "$0")/code.sh"

said=$(docs/checks-tables.sh --check 2>&1) &&
	pass "the tables of docs/checks.md are those of findings.def" ||
	fail "the tables of docs/checks.md are those of findings.def" "$said"

codes()
{
	bare policy/airlock/findings.def | grep -oE ":$1\(\w+" | cut -d'(' -f2
}
raised=$({ ours 'policy/airlock/compare/*.c' | xargs cat |
		grep -oE 'FINDING_[A-Z0-9_]+' | sed 's/^FINDING_//'
	bare policy/airlock/parse/faults.def | grep -oE 'FAULT\(\w+' | cut -d'(' -f2
} | sort -u)

codes FINDING | grep -vxF -f <(echo "$raised") |
	none "every finding of the table is raised by a check"
codes PLANNED | grep -xF -f <(echo "$raised") |
	none "no code without a check is raised"
bare policy/airlock/parse/faults.def | grep -oE 'FAULT\(\w+' | cut -d'(' -f2 |
	grep -vxF -f <(codes FINDING) |
	none "every fault of parse is in the table of findings"
bare policy/airlock/parse/faults.def | grep -oE 'FAULT\(\w+' | cut -d'(' -f2 |
	grep -vxF -f <(ours 'policy/airlock/parse/*.c' | xargs cat |
		grep -oE 'FAULT_F[A-Z0-9_]+' | sed 's/^FAULT_//') |
	none "every fault of the table is raised"

tap_done
