#!/bin/bash
# The export road while its programs hang, are slow or die: requests come to
# their end, nothing is taken for checked that was not, and nobody else waits.
source "$(dirname "$0")/lib.sh"
story

# hold PROGRAM AFTER SECONDS: stop a service for a while, in the background
hold()
{
	local pid

	pid=$(pids_of "$1")
	(
		sleep "$2"
		kill -STOP "$pid"
		sleep "$3"
		kill -CONT "$pid"
	) &
}

request_is()
{
	local _

	for _ in {1..50}; do
		said=$(as_operator request show "$1" --json)
		[[ $said == *"\"$2\""* ]] && break
		sleep 0.2
	done
	[[ $said == *"\"$2\""* ]] && pass "request $1: $2, $3" ||
		fail "request $1: $2, $3" "$said"
}

table='age,n\n40-49,120\n50-59,150\n'
submit="printf '$table' >/out/t.csv; sekisho submit --purpose 'Table 1' /out/t.csv"
expect_ok as researcher true

# --- Slow ------------------------------------------------------------------------

store=$(pids_of sekisho-store)
hold sekisho-store 1 4
expect_text '1 |申請番号' as researcher "sleep 2; $submit"
request_is 1 review "the store hung meanwhile"
wait
[[ $(pids_of sekisho-store) == "$store" ]] && pass "it is the same store" ||
	fail "it is the same store"
policy=$(pids_of sekisho-policy)
hold sekisho-audit 1 4
expect_text '2 |申請番号' as researcher "sleep 2; $submit"
request_is 2 review "audit hung meanwhile"
wait
[[ $(pids_of sekisho-policy) == "$policy" ]] && pass "it is the same policy" ||
	fail "it is the same policy"

# --- Dead ------------------------------------------------------------------------

expect_audit_from_here
expect_ok as researcher "sekisho withdraw 1"
request_is 1 withdrawn "its person took it back"
kill -KILL "$(pids_of sekisho-policy)"
expect_audit 'admin.start recovered~.'
wait_listening
request_is 2 review "policy was killed"
request_is 1 withdrawn "policy was killed"

# --- Nobody else has to wait -------------------------------------------------------

hang_up researcher
expect_audit_from_here
hold sekisho-store 0 6
sleep 0.5
from=$SECONDS
expect_text 'review|審査' alone researcher sekisho status
expect_ok alone reviewer queue
((SECONDS - from < 5)) && pass "who asks other things does not wait for the store" ||
	fail "who asks other things does not wait for the store"
wait
expect_text '3 |申請番号' as researcher "$submit"
request_is 3 review "the store hung before"
compgen -G "$tree/state/requests/new/*" | none "nothing half done stays"

verify_log
story_done
