#!/bin/bash
# A person logs in with key and code, works, leaves; all of it is on record.
source "$(dirname "$0")/lib.sh"
story

expect_text 'P-1' as researcher sekisho whoami
expect_audit 'auth.key result=ok'
expect_audit 'auth.code result=ok factor=list'
expect_audit 'auth.login result=ok role=researcher permit=P-1'
expect_audit 'channel.open result=ok'
expect_no_audit 'session.open'

expect_text '^researcher|uid=1000' as researcher id
expect_audit 'session.open result=ok permit=P-1'
expect_audit 'session.start result=ok'
expect_audit 'session.shell'
expect_audit 'session.exit'
expect_text 'people.csv' as researcher ls /data/D-1
expect_text '^40$' as researcher "awk -F, 'NR == 2 { print \$2 }' /data/D-1/people.csv"
expect_text 'P-1' as researcher 'echo inside; sekisho whoami'
expect_audit 'desk.verb verb=whoami session~^s'
expect_ok as researcher 'echo kept > /workspace/note'
expect_denied as researcher false
hang_up researcher
expect_audit 'session.recording'
expect_audit 'session.close'
expect_audit 'auth.end'
expect_order auth.key auth.code auth.login channel.open session.open \
	session.start session.shell session.exit session.close

# commands that follow each other find the session of their connection
expect_audit_from_here
for _ in {1..15}; do
	run as researcher true
	((status == 0)) || echo "status $status: $said"
done | none "fifteen commands over one connection, one after the other"
[[ $(find_audit 'session.open' | wc -l) == 1 ]] &&
	pass "they are one session" || fail "they are one session" "$(find_audit session.open)"
hang_up researcher
expect_audit 'session.close why~last'

expect_text '^kept$' as researcher2 cat /workspace/note
expect_denied as researcher2 cat /home/researcher/none
hang_up researcher2

# what a person chose is not in the log
records | grep -v '"event":"data.open"' | grep -E 'hanako|jiro|/workspace/note|people\.csv' |
	none "no name and no command stands in the log"
verify_log

story_done
