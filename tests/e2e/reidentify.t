#!/bin/bash
# Two custodians trace pseudonyms back to persons; an operator puts what they
# say of it into the gateway's log, and an auditor follows it from there to the
# custodians' own journal.
source "$(dirname "$0")/lib.sh"
story

prepare=build/bin/sekisho-prepare
folder=$tree/custodian
$prepare custodian make --as kana --out "$folder/kana.key" <<<"hyakunin isshu" >>"$folder/keys/custodians"
$prepare custodian make --as goro --out "$folder/goro.key" <<<"genji monogatari" >>"$folder/keys/custodians"
age-keygen -o "$folder/regulator.key" 2>/dev/null
tail -n +2 "$folder"/bundle/data/people.csv | cut -d, -f1 | head -n 2 >"$folder/wanted"
$prepare reidentify ask --permit P-1 --pseudonyms "$folder/wanted" --case K-77 \
	--ground 'the law' --recipient "$(age-keygen -y "$folder/regulator.key")" \
	--as kana --key "$folder/kana.key" --out "$folder/request" <<<"hyakunin isshu" >/dev/null
$prepare reidentify approve "$folder/request" --custodians "$folder/keys/custodians" \
	--as goro --key "$folder/goro.key" --out "$folder/approved" <<<"genji monogatari" >/dev/null
$prepare reidentify run "$folder/approved" --recipe "$folder/D-1.yaml" --keys "$folder/keys" \
	--out "$folder/found.age" >"$tree/handed"
chmod 644 "$tree/handed"
line=$(grep '^reidentify ' "$tree/handed")
[[ $line ]] && pass "the custodians hand a line over" || fail "the custodians hand a line over" "$(<"$tree/handed")"

# --- On record -----------------------------------------------------------------------

expect_ok as operator reidentify record "$tree/handed"
expect_audit "key.reidentify result=ok permit=P-1 asked=kana approved=goro pseudonyms=2 met=2 ids=2 line~^[0-9]+\$"
record=$(find_audit key.reidentify | tail -n 1)

# --- From the log to the journal -------------------------------------------------------

expect_text key.reidentify as auditor log --event key.reidentify
expect_text "$(jq -r .request <<<"$record")" as auditor log --event key.reidentify --json
number=$(jq -r .line <<<"$record")
entry=$(sed -n "${number}p" "$folder/keys/journal")
[[ $(printf %s "$entry" | sha256sum | cut -d' ' -f1) == $(jq -r .journal <<<"$record") ]] &&
	pass "the log has the hash of that line of the journal" ||
	fail "the log has the hash of that line of the journal" "$record" "$entry"
[[ $(jq -r '[.event, .asked_by, .approved_by, .request] | join(" ")' <<<"$entry") == \
	"reidentify.done kana goro $(jq -r .request <<<"$record")" ]] &&
	pass "which says the same of who, and of which request" ||
	fail "which says the same of who, and of which request" "$entry"
[[ $(head -n 1 "$folder/approved" | sha256sum | cut -d' ' -f1) == $(jq -r .request <<<"$record") ]] &&
	pass "the request that both signed is that one" || fail "the request that both signed is that one"
[[ $(printf K-77 | sha256sum | cut -d' ' -f1) == $(jq -r .case <<<"$record") ]] &&
	pass "and so is the case" || fail "and so is the case"
grep -e K-77 -e "$(head -n 1 "$folder/wanted")" <<<"$record" | none "no case and no pseudonym is in the log"

# --- Typed, and not well ----------------------------------------------------------------

expect_audit_from_here
# shellcheck disable=SC2086
expect_ok as operator reidentify record $line
expect_audit 'key.reidentify result=ok asked=kana'
expect_audit_from_here
expect_denied as operator reidentify record "${line% *}"
expect_denied as operator reidentify record "${line/approved=goro/approved=kana}"
expect_denied as operator reidentify record "${line/met=2/met=3}"
expect_denied as operator reidentify record "${line/journal=/journal= }"
expect_denied as operator reidentify record "$folder/wanted"
expect_denied as operator reidentify record "$tree/nothing"
expect_denied as reviewer reidentify record "$line"
expect_no_audit 'key.reidentify'

verify_log
story_done
