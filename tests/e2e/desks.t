#!/bin/bash
# The export road as people see it: a researcher and a reviewer at 80 columns.
source "$(dirname "$0")/lib.sh"

one_reviewer()
{
	echo 'reviewers: 1' >>"$tree/etc/site.yaml"
}
story one_reviewer

socket=$tree/tmux
pane()
{
	tmux -S "$socket" -f /dev/null "$@"
}

# open NAME HOST: a person at a terminal
open()
{
	pane new-session -d -s "$1" -x 80 -y 24 \
		"CODES=$tree/codes/$(person_of "$2") SSH_ASKPASS=$tree/askpass SSH_ASKPASS_REQUIRE=force ssh -F $tree/ssh_config $2; sleep 60"
}

# expect_screen NAME EXPRESSION: within twenty seconds the screen shows it
expect_screen()
{
	local _

	for _ in {1..100}; do
		if pane capture-pane -p -t "$1" | grep -qE -- "$2"; then
			pass "the $1's screen shows '$2'"
			return
		fi
		sleep 0.2
	done
	fail "the $1's screen shows '$2'" "$(pane capture-pane -p -t "$1")"
}

type_line()
{
	pane send-keys -t "$1" -l "$2"
	pane send-keys -t "$1" Enter
}

# --- A researcher checks, corrects, submits (hanako reads Japanese) -------------

open researcher researcher
expect_screen researcher 'sekisho check'
expect_screen researcher '[$#] *$'
type_line researcher "printf 'age,count\n30-34,41\n35-39,4\n' >/out/bad.csv; cd /out; clear"
type_line researcher 'sekisho check bad.csv; echo "status" $?'
expect_screen researcher 'T01_MIN_CELL'
expect_screen researcher '3 行 2 列'
expect_screen researcher 'status 2'
type_line researcher 'clear; cd /workspace; sekisho check note; echo "status" $?'
expect_screen researcher 'cp .* /out'
expect_screen researcher 'status 4'
type_line researcher "clear; cd /out; printf 'age,count\n30-34,41\n35-39,47\n' >good.csv; sekisho submit good.csv"
expect_screen researcher '持ち出す目的'
type_line researcher '論文の表1'
expect_screen researcher '申請番号は 1'
expect_audit 'request.submit result=ok request=1'

# --- A reviewer looks and votes ---------------------------------------------------

expect_denied as reviewer vote 1 approve 1
expect_text '"request":1' as reviewer queue --json
expect_denied as reviewer file 1 1
expect_no 'good|論文' as reviewer show 1

open reviewer reviewer
expect_screen reviewer '\* to vote'
type_line reviewer 'show 1'
expect_screen reviewer '論文の表1'
expect_screen reviewer 'good.csv'
expect_screen reviewer 'To do: open 1'
type_line reviewer 'file 1 1'
expect_screen reviewer '3 │ 35-39 +47'
expect_audit 'request.view result=ok request=1'
type_line reviewer 'vote 1 approve 1'
expect_screen reviewer 'released'
expect_audit 'request.vote result=ok request=1'
expect_audit 'release.done result=ok request=1'

# --- What the researcher has of it --------------------------------------------------

run as researcher sekisho status --json
grep -q '"state":"released"' <<<"$said" && ! grep -q 'good' <<<"$said" &&
	pass "a status without a session says the state, and no name" ||
	fail "a status without a session says the state, and no name" "$said"
expect_denied as researcher sekisho submit good.csv

fetch()
{
	CODES=$tree/codes/hanako SSH_ASKPASS=$tree/askpass SSH_ASKPASS_REQUIRE=force \
		timeout 60 sftp -F "$tree/ssh_config" researcher:/released/1/good.csv "$tree/got" </dev/null
}
expect_ok fetch
[[ $(cat "$tree/got") == $'age,count\n30-34,41\n35-39,47' ]] &&
	pass "what was reviewed is what is fetched" ||
	fail "what was reviewed is what is fetched" "$(cat "$tree/got")"
expect_audit 'files.read view=released phase=done'

expect_text 'request.submit' as auditor log --request 1
expect_text 'request.submit' as auditor log --request 1 --since 2026-01-01
for event in request.check request.view request.vote request.approve release.open release.done files.read; do
	grep -q "$event" <<<"$said" && pass "the story of a request has its $event" ||
		fail "the story of a request has its $event" "$said"
done

verify_log
story_done
