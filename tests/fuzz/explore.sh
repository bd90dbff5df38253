#!/bin/bash
# explore.sh - let each fuzzer look for new inputs for SECONDS_EACH seconds.
#
# What it finds stays in build/fuzzing/found; an input that breaks something
# is copied to tests/fuzz/corpus by whoever mends it.
set -u
cd "$(dirname "$0")/../.." || exit 1

status=0
for program in build/fuzzing/fuzz/*; do
	[[ -x $program ]] || continue
	name=${program##*/}
	found=build/fuzzing/found/$name
	mkdir -p "$found"
	seeds=()
	[[ -d tests/fuzz/corpus/$name ]] && seeds=("tests/fuzz/corpus/$name")
	echo "$name: ${SECONDS_EACH:-60} s"
	"$program" -max_total_time="${SECONDS_EACH:-60}" -rss_limit_mb=2048 \
		-timeout=10 -print_final_stats=0 -verbosity=0 \
		-artifact_prefix="$found/broke-" "$found" "${seeds[@]}" || {
		echo "$name: an input breaks it; see $found/broke-*" >&2
		status=1
	}
done
exit $status
