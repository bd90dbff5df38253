#!/bin/bash
# A real table on the whole way: flchain (R package survival, 7,874 persons)
# prepared under a recipe, an age-by-sex table made in R inside, refused while
# a cell is small, exported when it is not, and compared with a table that R
# made outside.
source "$(dirname "$0")/lib.sh"

# What the custodian has: the table with a person's number, which flchain lacks
export_flchain()
{
	R --vanilla --quiet >/dev/null <<-END
	d <- survival::flchain
	d <- cbind(id = sprintf("%05d", seq_len(nrow(d))), d)
	write.csv(d, "$tree/custodian/flchain.source.csv", row.names = FALSE, na = "")
	END
	cat >"$tree/custodian/flchain.yaml" <<-END
	version: 1
	permit: P-1
	profile: pseudonymized
	sources:
	  flchain:
	    path: flchain.source.csv
	    encoding: utf-8
	    null: [""]
	    subject: {column: id, domain: person}
	    columns:
	      id: {do: pseudonym, domain: person, as: pid}
	      age: {do: keep}
	      sex: {do: keep, allow: [F, M]}
	      sample.yr: {do: keep}
	      kappa: {do: keep}
	      lambda: {do: keep}
	      flc.grp: {do: keep}
	      creatinine: {do: keep}
	      mgus: {do: keep}
	      futime: {do: keep}
	      death: {do: keep}
	      chapter: {do: drop}
	END
	cat >"$tree/etc/datasets/flchain.yaml" <<-END
	version: 1
	dataset: flchain
	title: Free light chains in Olmsted County
	permit: P-1
	END
	sed -i 's/^datasets: .*/datasets: [D-1, flchain]/' "$tree/etc/permits/P-1.yaml"
	prepare_dataset flchain P-1
}
story export_flchain

# table BREAKS FILE: R's age-by-sex table, inside
table()
{
	cat <<-END
	R --vanilla --quiet >/dev/null <<R
	d <- read.csv("/data/flchain/flchain.csv")
	t <- as.data.frame.matrix(table(cut(d\\\$age, c($1), right = FALSE), d\\\$sex))
	write.csv(cbind(age = rownames(t), t), "/out/$2", row.names = FALSE)
	R
	END
}

# --- The data is the source's, and nobody's name ------------------------------------

expect_text '^7874$' as researcher \
	'sqlite3 -readonly /data/flchain/flchain.db "SELECT count(DISTINCT pid) FROM flchain"'
run as researcher 'cat /data/flchain/flchain.csv'
cut -d, -f2-11 "$tree/said" >"$tree/inside"
python3 - "$tree/custodian/flchain.source.csv" >"$tree/outside" <<'END'
import csv, sys
for row in csv.reader(open(sys.argv[1])):
    print(",".join(row[1:11]))
END
cmp -s "$tree/inside" "$tree/outside" && pass "every kept value is the source's, byte for byte" ||
	fail "every kept value is the source's, byte for byte" "$(diff "$tree/inside" "$tree/outside" | head -n 5)"
cut -d, -f1 "$tree/said" | tail -n +2 | grep -vxE '[0-9a-hjkmnp-tv-z]{26}' |
	none "every person is a pseudonym"

# --- A table with a small cell, and without -------------------------------------------

expect_ok as researcher "$(table '50, 60, 70, 80, 90, 97, 102' small.csv)"
expect_text '^status 2$' as researcher 'cd /out; sekisho check small.csv; echo status $?'
grep -q 'T01_MIN_CELL' <<<"$said" && pass "the small cells are named" ||
	fail "the small cells are named" "$said"
expect_denied as researcher 'cd /out; sekisho submit --purpose "ages" small.csv'
expect_audit 'request.check phase=done verdict=block'

expect_ok as researcher "$(table '50, 60, 70, 80, 102' ages.csv)"
expect_text '^status [01]$' as researcher 'cd /out; sekisho check ages.csv; echo status $?'
expect_text '申請番号' as researcher 'cd /out; sekisho submit --purpose "ages by sex" ages.csv'
request=$(find_audit 'request.submit result=ok' | jq -r .request | tail -n 1)

# --- Reviewed by two, released, fetched ---------------------------------------------

for who in reviewer reviewer2; do
	expect_text '1647' console "$who" "file $request 1"
	expect_ok console "$who" "vote $request approve all"
done
expect_audit "release.done result=ok request=$request"
expect_ok fetch researcher "/released/$request" "$tree/got"
R --vanilla --quiet >/dev/null <<END
	d <- survival::flchain
	t <- as.data.frame.matrix(table(cut(d\$age, c(50, 60, 70, 80, 102), right = FALSE), d\$sex))
	write.csv(cbind(age = rownames(t), t), "$tree/expected.csv", row.names = FALSE)
END
cmp -s "$tree/got/ages.csv" "$tree/expected.csv" &&
	pass "what arrives is the table that R makes of the source" ||
	fail "what arrives is the table that R makes of the source" "$(cat "$tree/got/ages.csv")"
expect_ok build/bin/sekisho-verify receipt --key "$(<"$tree/state/audit/key.pub")" \
	"$tree/got/receipt.json" "$tree/got/receipt.tlog-proof" "$tree/got/ages.csv"

# --- The keys and the sources are not in the room --------------------------------------

find "$tree/state" "$tree/run" -type f -not -name '*.erofs' -not -name '*.img' \
	-exec grep -lF '"00001",' {} + | none "no source row is on the gateway's disk"
for key in "$tree"/custodian/keys/*; do
	[[ -s $key ]] && grep -rlaF -f <(head -c 200 "$key" | tr -d '\n\0') "$tree/state" --include='*.db' --include='*.json*' 2>/dev/null
done | none "no key of the custodian is on the gateway's disk"

verify_log
story_done
