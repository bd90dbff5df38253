#!/bin/bash
# How a gateway ends: asked to, from a terminal, and when the supervisor gives
# itself up.
source "$(dirname "$0")/lib.sh"
story

# In the background; its ssh is $visit
begin_visit()
{
	stay 'sleep 300'
	expect_audit 'session.shell'
}

# Wait for the gateway's end; its status
gateway_ends()
{
	local _

	for _ in {1..50}; do
		kill -0 "$gateway_pid" 2>/dev/null || return 0
		sleep 0.2
	done
	return 1
}

# --- The supervisor gives itself up -----------------------------------------------

begin_visit
expect_audit_from_here
supervisor=$(pids_of sekishod | grep -vx "$gateway_pid")
# audit_send() takes random bytes for a record's number, and must have them
build/tool/stopper --at getrandom:1=ENOSYS --only --pid "$supervisor" --seconds 20 &
tracer=$!
sleep 0.5
end_stay
expect_audit 'admin.start recovered~status'
kill "$tracer" 2>/dev/null
wait "$tracer" 2>/dev/null
wait_listening
expect_text hanako alone researcher sekisho whoami
stop_gateway

# --- Ctrl-C: a signal to all of a terminal's processes ------------------------------

setsid build/bin/sekishod --config "$tree/etc" --state "$tree/state" \
	--run "$tree/run" --programs "$PWD/build/bin" --uid-base 1700000000 \
	--origin story.example/log </dev/null >>"$tree/gateway.log" 2>&1 &
gateway_pid=$!
wait_listening
expect_audit_from_here
begin_visit
kill -INT -- "-$gateway_pid"
wait "$gateway_pid"
[[ $? == 0 ]] && pass "a gateway that was interrupted ends in order" ||
	fail "a gateway that was interrupted ends in order" "$(tail -n 9 "$tree/gateway.log")"
gateway_pid=
expect_order session.shell session.close admin.stop
end_stay
grep -q 'ゲートウェイを停止します' "$tree/visit" && pass "the visitor is told" ||
	fail "the visitor is told" "$(<"$tree/visit")"
verify_log
story_done
