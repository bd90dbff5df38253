#!/bin/bash
# recipe_page - docs/prepare.md says what recipe.def and errors.def say.
source "$(dirname "$0")/code.sh"

said=$(docs/recipe-tables.sh --check 2>&1) &&
	pass "the tables of docs/prepare.md are those of policy/prepare" ||
	fail "the tables of docs/prepare.md are those of policy/prepare" "$said"
tap_done
