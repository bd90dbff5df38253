#!/bin/bash
# prepare.sh - the reference preparation beside pandas and data.table, and the
# database beside sqlite3's .import, on this machine and in this run.
#
# PERSONS (default 500000: about 5 million rows, 580 MB). What is not installed
# (python3-pandas, r-cran-data.table) is said and left out. The last column is
# processor time beside ours for the same. Exit status 1 if a result differs.
set -u
cd "$(dirname "$0")/../.." || exit 1

persons=${PERSONS:-500000}
work=$(mktemp -d "${BENCH_FOLDER:-/tmp}/prepare.XXXXXX")
trap 'rm -rf "$work"' EXIT

# timed COMMAND…: "cpu wall peak_kb", or nothing if it fails
timed()
{
	/usr/bin/time -f '%U %S %e %M' -o "$work/time" "$@" >/dev/null 2>&1 || return 1
	awk '{ printf "%.2f %.2f %d\n", $1 + $2, $3, $4 }' "$work/time"
}

row()
{
	printf '%-34s %8s %8s %10s %8s\n' "$@"
}

# times CPU OURS
times()
{
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

# The columns that do not depend on a key: all but ids and shifted dates
plain()
{
	cut -d, -f2-4,7-12 "$1" | sed 's/""//g' # data.table quotes nothing
}

different=0
# like_ours WHO FILE
like_ours()
{
	[[ -s $work/data.csv ]] || return 0
	cmp -s <(plain "$work/data.csv") <(plain "$2") && return 0
	different=1
	echo "$1: another result"
}

build/tool/generate --persons "$persons" --out "$work/in"
cp tests/bench/prepare.yaml "$work/in/"
row "$(($(wc -l <"$work/in/claims.csv") - 1)) rows, $(du -m "$work/in/claims.csv" | cut -f1) MiB" \
	'cpu s' 'wall s' 'peak kB' times
for threads in 1 2; do
	read -r _ _ _ cpu _ wall _ peak < <(build/tests/bench/prepare_bench \
		"$work/in/prepare.yaml" "$work" "$threads")
	[[ $threads != 1 ]] || ours=$cpu
	row "sekisho-prepare, CSV, $threads thread(s)" "$cpu" "$wall" "$peak" "$(times "$cpu" "$ours")"
done
read -r _ _ _ cpu _ wall _ peak < <(build/tests/bench/prepare_bench \
	"$work/in/prepare.yaml" "$work" 2 database)
row 'sekisho-prepare, CSV and SQLite' "$cpu" "$wall" "$peak" "$(times "$cpu" "$ours")"
database=$cpu
# The whole of it, as a custodian runs it: with database, index and signature
printf 'version: 1\npermit: P-1\ntitle: t\npurpose: p\npersons: [a]\nstarts: 2020-01-01\nends: 2999-12-31\ndatasets: [reference]\n' >"$work/P-1.yaml"
build/bin/sekisho-prepare key make --out "$work/keys" >/dev/null
build/bin/sekisho-prepare key permit --permit P-1 --keys "$work/keys" >/dev/null
read -r cpu wall peak < <(timed build/bin/sekisho-prepare run "$work/in/prepare.yaml" \
	--keys "$work/keys" --permit-file "$work/P-1.yaml" --out "$work/bundle")
row 'sekisho-prepare, whole bundle' "$cpu" "$wall" "$peak" "$(times "$cpu" "$ours")"
bundle=$cpu
read -r cpu wall peak < <(timed sqlite3 "$work/import.db" '.mode csv' \
	".import $work/bundle/data/claims.csv claims" \
	'CREATE INDEX claims_pid ON claims(pid)')
row 'sqlite3 .import of its CSV, indexed' "$cpu" "$wall" "$peak" "$(times "$cpu" "$ours")"
echo "CSV and SQLite cost $(times "$database" "$cpu") of the import, the whole bundle $(times "$bundle" "$cpu")"
mv "$work/bundle/data/claims.csv" "$work/data.csv"
rm -rf "$work/bundle" "$work/import.db"
if /usr/bin/python3 -c 'import pandas' 2>/dev/null; then
	read -r cpu wall peak < <(timed /usr/bin/python3 tests/bench/prepare.py \
		"$work/in/claims.csv" "$work/pandas.csv")
	row 'pandas, CSV' "$cpu" "$wall" "$peak" "$(times "$cpu" "$ours")"
	like_ours pandas "$work/pandas.csv"
else
	echo 'pandas is not installed'
fi
if Rscript --vanilla -e 'library(data.table)' >/dev/null 2>&1; then
	read -r cpu wall peak < <(timed Rscript --vanilla tests/bench/prepare.R \
		"$work/in/claims.csv" "$work/table.csv")
	row 'data.table, CSV, without HMAC' "$cpu" "$wall" "$peak" "$(times "$cpu" "$ours")"
	like_ours data.table "$work/table.csv"
else
	echo 'data.table is not installed'
fi
exit $different
