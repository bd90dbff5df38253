#!/bin/bash
# What researchers wrote stands in the log as commitments: an auditor reads
# what is behind one, checks it by hand, and an operator has it erased.
source "$(dirname "$0")/lib.sh"

japanese_auditor()
{
	make_person akira auditor ja
	cat >>"$tree/ssh_config" <<-END
	Host auditor2
	  IdentityFile $tree/keys/akira
	END
	sed -i '/^Host \*$/i Host auditor2\n  User akira+audit' "$tree/ssh_config"
}
story japanese_auditor
as_operator factor add akira list 5 --json | jq -r '.. | .code? // empty' \
	>"$tree/codes/akira"

# Start a program of that name in /workspace.
start_named()
{
	as researcher "cd /workspace; printf '#!/bin/sh\n:\n' >'$1'; chmod +x '$1'; './$1'"
}

# The last program of /workspace that was started: a member of its record
last_start()
{
	records | jq -r "select(.event == \"exec\" and .place == \"workspace\") | $1" |
		tail -n 1
}

# HOST LINE…: what a console of 80 columns shows, without its colours
on_screen()
{
	local host=$1

	shift
	run typed "$host" "$@"
	said=$(sed 's/\x1b\[[0-9;?]*[A-Za-z]//g; s/\r$//; s/\r//g' <<<"$said")
}

# All lines at once: they are read one after the other
typed()
{
	local host=$1

	shift
	(sleep 1; printf '%s\n' "$@" exit) |
		ssh_as "$host" -tt "$host"
}

# shows WHAT EXPRESSION: somewhere on the screen
shows()
{
	grep -qE -- "$2" <<<"$said" && pass "$1" || fail "$1" "$said"
}

# --- A name that says too much -------------------------------------------------------

name='Sato Hanako (患者).sh'
expect_ok start_named "$name"
expect_audit 'exec place=workspace'
records | grep -F 'Sato Hanako' | none "the log does not have the name"
grep -rlaF 'Sato Hanako' "$tree/state/audit" "$tree/state/vault" |
	none "nor does any file of log or vault"
index=$(last_start ._i)
commit=$(last_start .name_commit)

# --- Read by an auditor, on record first ------------------------------------------------

expect_audit_from_here
on_screen auditor "vault open $index" "vault open $commit --json" "vault open 0"
shows "an auditor reads the name" "^  Text +Sato Hanako \\(患者\\)\\.sh$"
shows "a commitment is whole on a screen of 80 columns" "^  Commitment +$commit$"
shows "a record without a commitment says so" '^Nothing in record 0 stands behind'
expect_audit "vault.read state=kept index=$index permit=P-1 commit=$commit"
expect_order 'desk.verb verb=vault' 'vault.read'

# by hand, as docs/audit-format.md says
grep -o '{"exit":0.*' <<<"$said" | jq -c '.rows[0]' >"$tree/opening"
{
	printf 'sekisho commitment v1\0'
	printf '%s\0' "$(jq -r .field "$tree/opening")"
	jq -r .salt "$tree/opening" | base64 -d
	jq -r .base64 "$tree/opening" | base64 -d
} >"$tree/hashed"
[[ $(sha256sum <"$tree/hashed") == "$commit  -" ]] &&
	pass "sha256sum of the opening is the commitment in the log" ||
	fail "sha256sum of the opening is the commitment in the log" "$(cat "$tree/opening")"
[[ $(openssl dgst -sha256 -r "$tree/hashed") == "$commit "* ]] &&
	pass "so says openssl" || fail "so says openssl"

on_screen auditor2 "vault open $index"
shows "in Japanese" "^  文字列 +Sato Hanako \\(患者\\)\\.sh$"
width=$(grep -v '^sekisho' <<<"$said" | LC_ALL=C.UTF-8 wc -L)
((width <= 80)) && pass "no line is wider than the window" ||
	fail "no line is wider than the window" "$width: $said"

# --- Text that would like to be more ----------------------------------------------------

as researcher 'cd /workspace; cp S*.sh "$(printf "x\033[2Jy\a")"; ./x*'
expect_audit 'exec place=workspace'
run typed auditor "vault open $(last_start ._i)"
grep -qF 'x\x1b[2Jy\x07' <<<"$said" && pass "control characters are shown, not sent" ||
	fail "control characters are shown, not sent" "$(cat -v <<<"$said")"
grep -cF $'x\x1b[2Jy' <<<"$said" | grep -vx 0 | none "none of them reaches the terminal"

# --- Nobody else -------------------------------------------------------------------------

expect_denied as auditor vault open "$index"
grep -q 'Sato' <<<"$said" && fail "off a screen nothing is read" ||
	pass "off a screen nothing is read"
expect_denied as reviewer vault open "$index"
expect_denied as researcher sekisho vault open "$index"
expect_denied as operator vault open "$commit"

# --- A vault that is slow, and one that dies ----------------------------------------------

pid=$(pids_of sekisho-vault)
kill -STOP "$pid"
expect_ok start_named 'while it is stopped'
late=$(last_start .name_commit)
kill -KILL "$pid"
expect_audit 'admin.crash program=sekisho-vault'
# no session begins until it is back
for _ in {1..40}; do
	run start_named 'after it died'
	((status == 0)) && break
	sleep 0.25
done
((status == 0)) && pass "sessions begin again" || fail "sessions begin again" "$said"
expect_no_audit 'vault.lost'
# the session of before may have served: wait for the vault itself
for _ in {1..20}; do
	on_screen auditor "vault open $late" "vault open $(last_start .name_commit)"
	grep -q 'being started again' <<<"$said" || break
done
shows "what came while it was stopped is kept" '^  Text +while it is stopped$'
shows "what came after it died is kept" '^  Text +after it died$'

# --- Erased ---------------------------------------------------------------------------------

cp "$tree/state/vault/sealed" "$tree/before"
expect_audit_from_here
expect_text 'Erased +1' as operator vault erase "$commit"
expect_audit "erase.vault phase=begin state=kept permit=P-1 commit=$commit actor=operator-op"
expect_audit "erase.vault phase=done state=erased commit=$commit"
expect_text 'Erased before +1' as operator vault erase "$commit"
expect_text 'Not in the vault +1' as operator vault erase "$(printf '%064d' 7)"
expect_denied as operator vault erase permit P-1
grep -q 'still in force' <<<"$said" && pass "a permit that is in force stays" ||
	fail "a permit that is in force stays" "$said"
expect_text 'Erased +0' as operator vault erase permit P-2
on_screen auditor "vault open $commit"
shows "an auditor sees that it is erased" '^  State +erased$'
grep -q 'Sato' <<<"$said" && fail "and no more" "$said" || pass "and no more"
cmp -l "$tree/before" "$tree/state/vault/sealed" | awk '$3 != 0' | head -n 5 |
	none "what stood there is zeros, and nothing else changed"
[[ $(cmp -l "$tree/before" "$tree/state/vault/sealed" | wc -l) -gt 40 ]] &&
	pass "something stood there" || fail "something stood there"

# --- Every commitment of the log has its opening ----------------------------------------------

hang_up researcher
stop_gateway
records | jq -r 'to_entries[] | select(.key | endswith("_commit")) | .value' |
	sort -u >"$tree/in_log"
sqlite3 "$tree/state/vault/index.db" 'SELECT lower(hex(hash)) FROM openings' |
	sort -u >"$tree/in_vault"
comm -3 "$tree/in_log" "$tree/in_vault" | none "log and vault have the same commitments"
[[ $(wc -l <"$tree/in_log") -ge 4 ]] && pass "and some" || fail "and some"

story_done
