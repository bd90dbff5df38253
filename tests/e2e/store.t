#!/bin/bash
# The store's look into /out: given when a session runs, given again to a new
# store, taken back at the end, and never longer.
source "$(dirname "$0")/lib.sh"
story

# In the background; its ssh is $visit
begin_visit()
{
	expect_audit_from_here
	stay 'echo 1 >/out/table.csv; sleep 300'
	expect_audit 'session.shell'
}

# The folders on a workspace's disk that the store has open: "device:inode"
held()
{
	local fd

	for fd in "/proc/$(pids_of sekisho-store)"/fd/*; do
		stat -L -c '%d:%i %F' "$fd" 2>/dev/null
	done | sed -n 's/ directory$//p' | grep -xF "$(out_of_visit)"
}

# /out of the only person there is, where the gateway itself sees it
out_of_visit()
{
	local supervisor

	for supervisor in $(pids_of sekishod); do
		stat -c '%d:%i' "/proc/$supervisor/root$tree/run/mnt/workspace-P-1"/out/* 2>/dev/null
	done
}

expect_held()
{
	local _

	for _ in {1..50}; do
		[[ $(held) ]] && break
		sleep 0.2
	done
	[[ $(held) ]] && pass "the store has the session's /out: $1" ||
		fail "the store has the session's /out: $1" "$(out_of_visit)"
}

expect_swept()
{
	local _

	expect_audit 'session.close'
	for _ in {1..50}; do
		[[ $(losetup -a | grep -F "$tree/state/workspaces/") ]] || break
		sleep 0.2
	done
	losetup -a | grep -F "$tree/state/workspaces/" | none "the workspace is unmounted: $1"
}

begin_visit
expect_held "while the session runs"
end_stay
expect_swept "the session ended"

# --- A store that dies meanwhile ----------------------------------------------------

begin_visit
expect_held "before it dies"
old=$(pids_of sekisho-store)
kill -KILL "$old"
expect_audit 'admin.crash program=sekisho-store'
for _ in {1..50}; do
	new=$(pids_of sekisho-store)
	[[ $new && $new != "$old" ]] && break
	sleep 0.2
done
expect_held "the next one"
kill -0 "$visit" 2>/dev/null && pass "the session goes on" || fail "the session goes on"
end_stay
expect_swept "the session of two stores ended"

# --- A store that does not let go -----------------------------------------------------

begin_visit
expect_held "before it hangs"
kill -STOP "$(pids_of sekisho-store)"
end_stay
expect_audit 'admin.crash program=sekisho-store why~let.go'
expect_swept "the store hung"

# --- While there is none -----------------------------------------------------------------

for _ in {1..50}; do
	[[ $(pids_of sekisho-store) ]] && break
	sleep 0.2
done
expect_audit_from_here
kill -STOP "$(pids_of sekisho-store)"
CODES=$tree/codes/hanako SSH_ASKPASS=$tree/askpass SSH_ASKPASS_REQUIRE=force \
	timeout 5 ssh -F "$tree/ssh_config" researcher -- 'echo in' \
	</dev/null >"$tree/said" 2>&1 && fail "no session begins that nobody compared the datasets for" ||
	pass "no session begins that nobody compared the datasets for"
expect_no_audit 'session.start'
kill -KILL "$(pids_of sekisho-store)"
expect_audit 'dataset.mount result=deny why~stopped'
for _ in {1..20}; do
	run alone researcher2 true
	((status == 0)) && break
	sleep 0.5
done
((status == 0)) && pass "then people come in again" || fail "then people come in again" "$said"

verify_log
story_done
