#!/bin/bash
# Each process killed in turn while a visit runs: the gateway says so, comes
# back, and nothing happens or stays without its record.
source "$(dirname "$0")/lib.sh"
story

# answers within a minute
comes_back()
{
	local _

	for _ in {1..30}; do
		run alone researcher2 sekisho whoami
		((status == 0)) && { pass "after $1 died, people can log in"; return; }
		sleep 2
	done
	fail "after $1 died, people can log in" "$said
$(tail -n 10 "$tree/gateway.log")"
}

# A visit in the background: its process is $visit
begin_visit()
{
	ssh_as researcher researcher -- 'sleep 300' </dev/null >"$tree/visit" 2>&1 &
	visit=$!
	expect_audit 'session.shell'
}

end_visit()
{
	kill "$visit" 2>/dev/null
	wait "$visit" 2>/dev/null
}

for program in sekisho-listen sekisho-conn sekisho-record sekisho-init \
	sekisho-keys sekisho-policy sekisho-watch sekisho-audit sekishod; do
	expect_audit_from_here
	begin_visit
	pid=$(pids_of "$program" | tail -n 1)
	if [[ -z $pid ]]; then
		fail "$program runs during a visit" "$(gateway_processes)"
		end_visit
		continue
	fi
	kill -KILL "$pid"
	comes_back "$program"
	end_visit
	case $program in
	sekisho-conn | sekisho-record | sekisho-init)
		expect_audit 'session.close' ;;
	sekishod | sekisho-audit)
		expect_audit 'admin.start' ;;
	*)
		expect_audit "admin.crash program~${program#sekisho-}" ;;
	esac
	for _ in {1..25}; do
		left=$(pgrep -af 'sleep 300' | grep -v pgrep)
		[[ $left ]] || break
		sleep 0.2
	done
	none "nothing of the visit runs after $program died" <<<"$left"
	# every session that was opened was closed, or its gateway's start is on record
	verify_log
done

# without audit, no session: stopped, it answers nothing
expect_audit_from_here
pid=$(pids_of sekisho-audit)
kill -STOP "$pid"
run with -o ConnectTimeout=5 -o ConnectionAttempts=1 -- researcher2 true
((status != 0)) && pass "while audit is stopped, nobody gets in" ||
	fail "while audit is stopped, nobody gets in" "$said"
kill -CONT "$pid"
comes_back "a pause of audit"

story_done
