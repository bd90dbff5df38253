#!/bin/bash
# strange - random tables under random recipes, beside what Python computes.
#
# SEEDS (default 80) tables; a failure says its seed.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prepare=build/bin/sekisho-prepare
first=${FIRST:-1} seeds=${SEEDS:-80}

printf 'version: 1\npermit: P-1\ntitle: t\npurpose: p\npersons: [a]\nstarts: 2020-01-01\nends: 2999-12-31\ndatasets: [strange]\n' >"$work/P-1.yaml"
$prepare key make --out "$work/keys" >/dev/null
$prepare key permit --permit P-1 --keys "$work/keys" >/dev/null
key=$(build/tests/interop/permit_key "$work/keys" P-1)

one()
{
	local here=$work/one said

	rm -rf "$here"
	mkdir "$here"
	PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/interop/strange.py \
		"$key" "$here" "$1" || return 1
	if said=$($prepare run "$here/strange.yaml" --keys "$work/keys" \
		--permit-file "$work/P-1.yaml" --out "$here/bundle" 2>&1); then
		cmp "$here/want.csv" "$here/bundle/data/t.csv"
	elif [[ $said != *"\"$(cat "$here/want.csv")\""* ]]; then
		echo "seed $1: $said" >&2
		return 1
	fi
}

made=0 refused=0
for ((seed = first; seed < first + seeds; seed++)); do
	one "$seed" 2>"$work/log" || { fail "table $seed is what Python computes" "$(cat "$work/log")"; }
	if [[ -d $work/one/bundle ]]; then ((++made)); else ((++refused)); fi
done
holds "$made random tables are what Python computes, $refused are refused as they should" \
	test "$((made > refused))" = 1

tap_done
