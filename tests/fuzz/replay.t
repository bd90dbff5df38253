#!/bin/bash
# replay - every input that was ever interesting, through every fuzzer.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

for harness in tests/fuzz/*_fuzz.c; do
	[[ -e $harness ]] || continue
	name=$(basename "$harness" _fuzz.c)
	program=build/fuzzing/fuzz/$name
	mapfile -t inputs < <(find "tests/fuzz/corpus/$name" -type f 2>/dev/null | sort)
	if ((${#inputs[@]} == 0)); then
		fail "$name has a corpus" "tests/fuzz/corpus/$name is empty"
		continue
	fi
	holds "$name survives its ${#inputs[@]} inputs" \
		timeout 120 "$program" -verbosity=0 -timeout=10 -runs=0 "${inputs[@]}"
	scratch=$(mktemp -d)
	timeout 120 "$program" -verbosity=0 -timeout=10 -runs=2000 -seed=1 \
		-artifact_prefix="$scratch/" "$scratch" "tests/fuzz/corpus/$name" \
		>"$scratch.log" 2>&1 ||
		fail "$name finds nothing in 2,000 runs" "$(tail -n 20 "$scratch.log")"
	rm -rf "$scratch" "$scratch.log"
done
((tap_count)) || pass "no fuzzer, nothing to replay"

tap_done
