#!/bin/bash
# What a session took of the machine and of the data: in the record of its
# end, and afterwards for the operator, whatever happens to the gateway.
source "$(dirname "$0")/lib.sh"

# One connection, one session: what it runs, then its end.
visit()
{
	as "$1" "${@:2}" >/dev/null 2>&1
	hang_up "$1"
}

rows()
{
	as operator usage "$@" --json | jq -c '.rows'
}

story
# a second program opens the same file anew; reading it twice is one opening
visit researcher 'cat /data/D-1/*.csv /data/D-1/*.csv; python3 -c "
sum(range(3 * 10**6)); open(\"/data/D-1/people.csv\").read()"'
expect_audit 'session.close result=ok opened_files~^[1-9] cpu_us~^[1-9]'
close=$(find_audit 'session.close' | tail -n 1)
session=$(jq -r .session <<<"$close")
sum=$(find_audit "data.open session=$session" | jq -s -c '[length, (map(.bytes) | add)]')
[[ $(jq -c '[.opened_files, .opened_bytes]' <<<"$close") == "$sum" && $sum == '[2,'* ]] &&
	pass "what was opened is the sum of the records" || fail "what was opened is the sum of the records" "$sum, $close"
want=$(jq -c '[.session, .permit, (.cpu_us / 1000000 | floor), .peak_bytes, .opened_files, .opened_bytes]' <<<"$close")
got=$(rows hanako | jq -c '.[0] | [.session, .permit, .cpu_seconds, .peak_bytes, .opened_files, .opened_bytes]')
[[ $got == "$want" ]] && pass "the operator reads the same" || fail "the operator reads the same" "$got, not $want"
before=$(rows)
[[ $(jq -c '.[] | [.permit, .sessions, .unknown]' <<<"$before") == '["P-1",1,0]' ]] &&
	pass "a permit is the sum of its sessions" || fail "a permit is the sum of its sessions" "$before"
expect_text 'Bytes opened' as operator usage P-1
[[ $(rows 2000-01-01 2000-12-31) == '[]' && $(rows "$(date -d -1day +%F)" "$(date -d +1day +%F)") == "$before" ]] &&
	pass "days bound what is counted" || fail "days bound what is counted" "$(rows 2000-01-01 2000-12-31)"
expect_denied as operator usage nobody
expect_denied as operator usage 2026-01-02 2026-01-01
expect_denied as operator usage P-1 2026-13-01 2026-01-01
expect_denied as researcher sekisho usage
expect_text 'P-1' as auditor usage

as operator usage --prometheus >"$tree/tmp/usage"
grep -qx 'sekisho_usage_sessions{permit="P-1"} 1' "$tree/tmp/usage" &&
	grep -qx "sekisho_usage_opened_bytes{permit=\"P-1\"} $(jq -r .opened_bytes <<<"$close")" "$tree/tmp/usage" &&
	as operator status --prometheus >"$tree/tmp/status" &&
	grep -qE '^sekisho_status_info\{state="running",policy="[0-9a-f]{64}"\} 1$' "$tree/tmp/status" &&
	grep -qE '^sekisho_status_permits 2$' "$tree/tmp/status" &&
	! grep -vE '^(# TYPE )?sekisho_[a-z_]+(\{[^}]*\})?( gauge| [0-9]+)$' "$tree/tmp/usage" "$tree/tmp/status" -h >"$tree/tmp/odd" &&
	pass "a collector reads both as Prometheus writes it" ||
	fail "a collector reads both as Prometheus writes it" "$(cat "$tree/tmp/usage" "$tree/tmp/status" "$tree/tmp/odd")"
expect_denied as operator usage nobody --prometheus

stop_gateway && start_gateway
[[ $(rows) == "$before" ]] && pass "a restart forgets nothing" || fail "a restart forgets nothing" "$(rows)"

# a gateway that dies cannot say what its sessions took
hang_up researcher
as researcher2 sleep 60 >/dev/null 2>&1 &
for _ in {1..100}; do
	[[ $(as operator usage jiro --json 2>/dev/null | jq -r '.rows[0].state') == running ]] && break
	sleep 0.1
done
# the supervisor is the guard's child
kill -KILL "$(pgrep -P "$gateway_pid" -x sekishod)"
for _ in {1..150}; do
	[[ $(as operator usage jiro --json 2>/dev/null | jq -r '.rows[0].state') == lost ]] && break
	sleep 0.2
done
[[ $(rows jiro | jq -c '.[0] | [.state, .cpu_seconds, .opened_bytes]') == '["lost",null,null]' ]] &&
	pass "a session that ended with the gateway is not known, and said to be" ||
	fail "a session that ended with the gateway is not known, and said to be" "$(rows jiro)"
[[ $(rows | jq -c '.[] | [.permit, .sessions, .unknown]') == '["P-1",2,1]' ]] &&
	pass "and is counted as such" || fail "and is counted as such" "$(rows)"
verify_log
story_done
