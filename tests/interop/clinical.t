#!/bin/bash
# clinical - tables of real studies through recipes, beside an independent
# computation of the same in Python: every byte must be equal.
#
# The tables are those of the R package survival (published, de-identified),
# as R writes them.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prepare=build/bin/sekisho-prepare

Rscript --vanilla - "$work" >"$work/r.log" 2>&1 <<'END'
library(survival)
jasa <- cbind(id = seq_len(nrow(jasa)), jasa)
put <- function(name, table)
	write.csv(table, file.path(commandArgs(TRUE), paste0(name, ".csv")),
		na = "", row.names = FALSE)
put("flchain", flchain); put("pbc", pbc); put("pbcseq", pbcseq)
put("colon", colon); put("jasa", jasa)
END

# kept TABLE NAME…: these columns of a table are kept
kept()
{
	printf '      "%s": {do: keep}\n' "$@"
}

# source NAME SUBJECT: the begin of a source
begin()
{
	printf '  %s:\n    path: %s.csv\n    encoding: utf-8\n    null: [""]\n' "$1" "$1"
	[[ ${2-} ]] && echo '    subject: {column: id, domain: person}'
	echo '    columns:'
	[[ ${2-} ]] && echo '      id: {do: pseudonym, domain: person, as: pid}'
}

pbc_columns()
{
	echo '      age: {do: round, to: 1}'
	echo '      bili: {do: band, width: "0.5"}'
	kept "$@"
}

{
	printf 'version: 1\npermit: P-1\nprofile: pseudonymized\nsources:\n'
	begin flchain
	echo '      age: {do: band, width: 5}'
	echo '      kappa: {do: round, to: 0.1}'
	echo '      lambda: {do: top, gt: 10, label: over 10}'
	echo '      creatinine: {do: bottom, lt: 0.5, label: <0.5}'
	echo '      futime: {do: band, width: 365, label: "{lo} to {hi}"}'
	echo '      chapter: {do: rare, k: 10, count: rows, label: other}'
	kept sex sample.yr flc.grp mgus death
	begin pbc subject
	pbc_columns time status trt sex ascites hepato spiders edema chol \
		albumin copper alk.phos ast trig platelet protime stage
	begin pbcseq subject
	pbc_columns futime status trt sex day ascites hepato spiders edema \
		chol albumin alk.phos ast platelet protime stage
	begin colon subject
	echo '      study: {do: drop}'
	echo '      rx: {do: map, file: rx.csv}'
	echo '      time: {do: round, to: 30}'
	echo '      age: {do: band, width: 10}'
	echo '      nodes: {do: rare, k: 30, label: rare}'
	kept sex obstruct perfor adhere status differ extent surg node4 etype
	begin jasa subject
	echo '      birth.dt: {do: age, at: 1974-04-01, band: 5, top: 60}'
	echo '      accept.dt: {do: shift, max_days: 30}'
	echo '      fu.date: {do: shift, by: person, max_days: 30}'
	echo '      tx.date: {do: date, keep: iso-week}'
	echo '      age: {do: round, to: 0.5}'
	echo '      mscore: {do: band, width: 0.25}'
	kept fustat surgery futime wait.time transplant mismatch hla.a2 reject
} >"$work/clinical.yaml"
printf 'from,to\nObs,none\nLev,one\nLev+5FU,two\n' >"$work/rx.csv"
cat >"$work/P-1.yaml" <<END
version: 1
permit: P-1
title: Studies
purpose: To compare
persons: [hanako]
starts: 2020-01-01
ends: 2999-12-31
datasets: [clinical]
END
$prepare key make --out "$work/keys" >/dev/null
$prepare key permit --permit P-1 --keys "$work/keys" >/dev/null

holds "five tables of studies are prepared and verified" \
	$prepare run "$work/clinical.yaml" --keys "$work/keys" \
	--permit-file "$work/P-1.yaml" --out "$work/bundle"
holds "what was made is whole" \
	$prepare verify "$work/bundle" --public "$work/keys/signing.pub"

key=$(build/tests/interop/permit_key "$work/keys" P-1)
for table in flchain pbc pbcseq colon jasa; do
	/usr/bin/python3 tests/interop/clinical.py "$key" "$work" "$table" \
		>"$work/$table.want" 2>"$work/$table.log"
	holds "$table: every byte is what Python computes" \
		cmp "$work/$table.want" "$work/bundle/data/$table.csv"
	rows=$(($(wc -l <"$work/$table.want") - 1))
	holds "$table: the database has the same $rows rows" test "$rows" = \
		"$(sqlite3 "$work/bundle/data/clinical.db" "SELECT count(*) FROM $table")"
done

same=$(comm -12 <(cut -d, -f1 "$work/bundle/data/pbc.csv" | sort -u) \
	<(cut -d, -f1 "$work/bundle/data/pbcseq.csv" | sort -u) | wc -l)
holds "the 312 persons of pbcseq are among those of pbc, by their pseudonyms" \
	test "$same" = 313 # and the header

tap_done
