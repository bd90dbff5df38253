#!/bin/bash
# The example of the policy's slides under real recipes (docs/recipes): one
# row of a made-up source, pseudonymised and anonymised.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed 's/^  - claims-2026-001/  - slide-pseudonymized\n  - slide-anonymized/' \
	docs/examples/permits/P-2026-001.yaml >"$folder/permit.yaml"
build/bin/sekisho-prepare key make --out "$folder/keys" >/dev/null
build/bin/sekisho-prepare key permit --permit P-2026-001 --keys "$folder/keys" >/dev/null

# prepared NAME: the recipe's first row in $row, after its id in $rest
prepared()
{
	holds "$1 is prepared" build/bin/sekisho-prepare run "docs/recipes/slide-$1.yaml" \
		--keys "$folder/keys" --permit-file "$folder/permit.yaml" --out "$folder/$1"
	row=$(sed -n 2p "$folder/$1/data/visits.csv")
	id=${row%%,*}
	rest=${row#*,}
}

prepared pseudonymized
[[ $rest == '女,2003/7/26,2020/8/3,53.4,211,4.8,20.9,膵島細胞症' ]] &&
	pass "pseudonymised: every value but the name is as it was" ||
	fail "pseudonymised: every value but the name is as it was" "$row"
[[ $id =~ ^[0-9a-hjkmnp-tv-z]{26}$ ]] && pass "the name is an id" || fail "the name is an id" "$id"
first=$id

prepared anonymized
[[ $rest =~ ^女,2003/7,(20[0-9/]+),50～55,201以上,4.8,20.9,その他$ ]] &&
	pass "anonymised: month, band, top and a rare disease among others" ||
	fail "anonymised: month, band, top and a rare disease among others" "$row"
days=$((($(date -ud "${BASH_REMATCH[1]-1970-01-01}" +%s) - $(date -ud 2020/8/3 +%s)) / 86400))
((days != 0 && days >= -30 && days <= 30)) && pass "the visit is shifted, at most thirty days" ||
	fail "the visit is shifted, at most thirty days" "$days days"
[[ $id == "$first" ]] && pass "one permit, one id for a person in both" ||
	fail "one permit, one id for a person in both" "$first $id"

# One person alone with birth and sex: the report refuses the whole.
mkdir "$folder/alone"
sed '2s,2003/7/26,1921/7/26,' docs/recipes/slide.csv >"$folder/alone/slide.csv"
cp docs/recipes/slide-anonymized.yaml "$folder/alone/"
said=$(build/bin/sekisho-prepare run "$folder/alone/slide-anonymized.yaml" --keys "$folder/keys" \
	--permit-file "$folder/permit.yaml" --out "$folder/refused" 2>&1) &&
	fail "a person alone in a class stops an anonymised dataset" "$said" ||
	pass "a person alone in a class stops an anonymised dataset"
[[ $said == *'"E_K"'* && $said != *1921* && $said != *厚労* ]] &&
	pass "the reason is a code, and no value" || fail "the reason is a code, and no value" "$said"
[[ -e $folder/refused ]] && fail "nothing of it is left" "$(ls "$folder/refused")" ||
	pass "nothing of it is left"
tap_done
