#!/bin/bash
# run.sh - run test programs under prove, count, and say how it ended.
#
#	tests/run.sh PROGRAM…
#
# Prints what prove prints, last its "Result: …" line, then "N passed, N
# failed" counted from the TAP of every program. With TEST_NO_SKIP=1 a skipped
# test counts as failed. Exit status 0 only if every test passed.
set -u
cd "$(dirname "$0")/.." || exit 1

skips_fail()
{
	sed -u -e 's/^ok \(.*\) # *skip/not ok \1: skipped/I' \
		-e 's/^1\.\.0 *# *skip/1..1\nnot ok 1 - all of it: skipped/I'
}

# prove calls this script again for each program, to keep a copy of its TAP.
if [[ ${1-} == --one ]]; then
	program=$2
	copy=$TAP_FOLDER/$(tr / _ <<<"$program").tap
	[[ $program == */* ]] || program=./$program
	"$program" | { [[ -n ${TEST_NO_SKIP-} ]] && skips_fail || cat; } |
		tee "$copy"
	exit "${PIPESTATUS[0]}"
fi

if (($# == 0)); then
	echo "tests/run.sh: no test programs given" >&2
	exit 1
fi
if [[ -n ${TEST_NO_SKIP-} && $TEST_NO_SKIP == 0 ]]; then
	unset TEST_NO_SKIP
fi

TAP_FOLDER=$(mktemp -d)
export TAP_FOLDER
trap 'rm -rf "$TAP_FOLDER"' EXIT

prove --norc --exec "bash $PWD/tests/run.sh --one" "$@"
status=$?

passed=$(cat "$TAP_FOLDER"/*.tap | grep -c '^ok ')
failed=$(cat "$TAP_FOLDER"/*.tap | grep -c '^not ok ')
# A program that broke off has no line for what it did not do.
if ((status != 0 && failed == 0)); then
	failed=1
fi
if ((passed == 0)); then
	status=1
fi
echo "$passed passed, $failed failed"
exit $((status != 0))
