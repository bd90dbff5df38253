#!/bin/bash
# policy_page - docs/policy.md says what policy/fields.def says.
source "$(dirname "$0")/code.sh"

said=$(docs/policy-tables.sh --check 2>&1) &&
	pass "the tables of docs/policy.md are those of policy/fields.def" ||
	fail "the tables of docs/policy.md are those of policy/fields.def" "$said"
tap_done
