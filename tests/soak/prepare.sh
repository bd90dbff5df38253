#!/bin/bash
# prepare.sh - ten times the rows cost ten times the time, and no more memory.
#
#	make soak
#
# The reference preparation as a custodian runs it, of some 5 million rows and
# of ten times as many (PERSONS=500000), in one run: processor time by row and
# the peak of memory of the larger beside those of the smaller. Takes 30 GB of
# disk for a while, in SOAK_FOLDER or /tmp.
set -u
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

persons=${PERSONS:-500000}
work=$(mktemp -d "${SOAK_FOLDER:-/tmp}/prepare.XXXXXX")
trap 'rm -rf "$work"' EXIT
prepare=build/bin/sekisho-prepare

printf 'version: 1\npermit: P-1\ntitle: t\npurpose: p\npersons: [a]\nstarts: 2020-01-01\nends: 2999-12-31\ndatasets: [reference]\n' >"$work/P-1.yaml"
"$prepare" key make --out "$work/keys" >/dev/null
"$prepare" key permit --permit P-1 --keys "$work/keys" >/dev/null

# measure PERSONS: rows, processor seconds and kB of a preparation; its sources
# and result are gone afterwards
measure()
{
	local rows

	build/tool/generate --persons "$1" --out "$work/in"
	rm -f "$work/in/checkups.csv" "$work/in/patients.csv"
	cp tests/bench/prepare.yaml "$work/in/"
	rows=$(($(wc -l <"$work/in/claims.csv") - 1))
	/usr/bin/time -f '%U %S %M' -o "$work/time" "$prepare" run "$work/in/prepare.yaml" \
		--keys "$work/keys" --permit-file "$work/P-1.yaml" --out "$work/bundle" \
		>"$work/said" 2>&1 || { cat "$work/said" >&2; return 1; }
	rm -rf "$work/in" "$work/bundle"
	awk -v rows="$rows" '{ printf "%d %.2f %d\n", rows, $1 + $2, $3 }' "$work/time"
}

read -r rows cpu peak < <(measure "$persons")
read -r rows_ten cpu_ten peak_ten < <(measure $((persons * 10)))
if [[ ! ${rows_ten-} ]]; then
	fail "many rows are prepared"
	tap_done
fi
ratio=$(awk -v a="$cpu_ten" -v n="$rows_ten" -v b="$cpu" -v m="$rows" \
	'BEGIN { printf "%.2f", (a / n) / (b / m) }')
echo "# $rows rows: $cpu s, $peak kB; $rows_ten rows: $cpu_ten s, $peak_ten kB; time by row $ratio"
awk -v r="$ratio" 'BEGIN { exit !(r <= 1.5) }' && pass "a row of many takes no longer" ||
	fail "a row of many takes no longer" "$ratio times as long"
((peak_ten <= peak * 3 / 2 && peak_ten < 65536)) && pass "many rows need no more memory" ||
	fail "many rows need no more memory" "$peak kB became $peak_ten kB"

# Other tables than those that every check makes
for ((i = 0; i < 50; i++)); do
	seed=$RANDOM
	SEED=$seed build/unit/prepare_properties 2>&1 | grep '^not ok' | sed "s/^/SEED=$seed: /"
done | none "what must hold of a preparation holds over other tables too"
tap_done
