#!/bin/bash
# Each process killed in turn while a visit runs: nothing of the visit stays
# where it must not, the gateway comes back, the log says so and verifies.
source "$(dirname "$0")/lib.sh"
story

# --- A visit --------------------------------------------------------------------

# In the background; its ssh is $visit
begin_visit()
{
	stay 'sleep 300 & sleep 300'
	expect_audit 'session.shell'
	sleep 0.3
	visit_processes >"$tree/visit.pids"
	# init, bash and two sleeps; connection, desk and recorder
	[[ $(grep -cE '^[0-9]+ [0-9]+$' "$tree/visit.pids") == 7 ]] ||
		fail "a visit has seven processes" "$(<"$tree/visit.pids")"
	services=$(gateway_processes)
}

# "pid start" of what serves this visit alone: the sandbox by its cgroup, the
# connection, desk and recorder by their names below our own gateway.
visit_processes()
{
	local pid

	for pid in $(cat "$(groups)"/s*/cgroup.procs) $(pids_of sekisho-conn) \
		$(pids_of sekisho-desk) $(pids_of sekisho-record); do
		echo "$pid $(started "$pid")"
	done
}

# When a process began: with its pid, a name that no other process gets.
# Nothing for one that has ended and that only a stranger has to wait for.
started()
{
	local state parent rest

	read -r state parent rest < <(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null)
	[[ $state == Z && $(cat "/proc/$parent/comm") != sekishod ]] && return
	cut -d' ' -f18 <<<"$rest"
}

# The folder of this gateway's cgroups in the v2 tree
groups()
{
	find /sys/fs/cgroup -type d -name "sekisho-$(instance)" -exec \
		test -e '{}/cgroup.events' ';' -print
}

visit_ends_itself()
{
	local _

	for _ in {1..50}; do
		kill -0 "$visit" 2>/dev/null || break
		sleep 0.2
	done
	kill -0 "$visit" 2>/dev/null &&
		fail "the visitor's ssh ends when $1 died" ||
		pass "the visitor's ssh ends when $1 died"
}

visit_goes_on()
{
	local pid start

	while read -r pid start; do
		[[ $(started "$pid") == "$start" ]] || echo "ended: $pid"
	done <"$tree/visit.pids" | none "the visit goes on when $1 died"
}

# What of the visit is still there, a line each
visit_leftovers()
{
	local pid start supervisor

	while read -r pid start; do
		[[ $(started "$pid") == "$start" ]] &&
			echo "process: $pid $(cat "/proc/$pid/comm" 2>/dev/null)"
	done <"$tree/visit.pids"
	find /sys/fs/cgroup -type d -path "*/sekisho-$(instance)/s*" |
		sed 's/^/cgroup: /'
	losetup -a | grep -F "$tree/state/workspaces/" | sed 's/^/loop device: /'
	grep -F "$tree/" /proc/mounts | sed 's/^/mount: /'
	for supervisor in $(pids_of sekishod); do
		grep -F "$tree/run/mnt/workspace-" "/proc/$supervisor/mounts" |
			sed 's/^/mount of the gateway: /'
	done
}

nothing_stays()
{
	local _ left

	for _ in {1..50}; do
		left=$(visit_leftovers)
		[[ $left ]] || break
		sleep 0.2
	done
	none "nothing of the visit stays after $1 died" <<<"$left"
}

# --- The gateway ----------------------------------------------------------------

# A new visit, with a sandbox of its own, within half a minute
comes_back()
{
	local _

	for _ in {1..30}; do
		run alone researcher2 'echo a new "visit"'
		((status == 0)) && break
		sleep 1
	done
	if ((status == 0)) && [[ $said == *'a new visit'* ]]; then
		pass "a new visit works after $1 died"
	else
		fail "a new visit works after $1 died" "status $status: $said
$(tail -n 10 "$tree/gateway.log")"
	fi
}

# What stood in the log before still stands there, and the whole verifies.
log_is_whole()
{
	cmp -s "$tree/before" <(records | head -n "$(wc -l <"$tree/before")") &&
		pass "no record was lost when $1 died" ||
		fail "no record was lost when $1 died"
	verify_log
}

# The process to kill: one, or nothing is killed
victim()
{
	case $1 in
	guard) echo "$gateway_pid" ;;
	supervisor) pids_of sekishod | grep -vx "$gateway_pid" ;;
	*) pids_of "sekisho-$1" ;;
	esac
}

kill_one()
{
	local pid

	pid=$(victim "$1")
	if [[ ! $pid =~ ^[0-9]+$ ]]; then
		fail "one $1 runs during a visit" "$services"
		return 1
	fi
	records | head -n "$(records | wc -l)" >"$tree/before"
	kill -KILL "$pid"
}

# The guard is the gateway: nobody starts it again but who started it. What it
# left ends by itself before that.
guard_died()
{
	local pid name _ left

	for _ in {1..50}; do
		left=$(while read -r pid name; do
			[[ $(readlink "/proc/$pid/exe") == "$PWD/build/bin/$name"* ]] &&
				echo "$pid $name"
		done <<<"$services")
		[[ $left ]] || break
		sleep 0.2
	done
	none "no process outlives the guard" <<<"$left"
	start_gateway && pass "the gateway starts again" ||
		fail "the gateway starts again" "$(tail -n 5 "$tree/gateway.log")"
}

# What finds leftovers finds a running visit.
begin_visit
found=$(visit_leftovers | sed 's/:.*//' | sort -u)
[[ $found == $'cgroup\nloop device\nmount of the gateway\nprocess' ]] &&
	pass "a running visit is seen" || fail "a running visit is seen" "$found"
end_stay
nothing_stays "the line"

# --- One after the other ----------------------------------------------------------

# What dies, what becomes of the visit (ends, or goes on), what is on record
while read -r name fate event; do
	expect_audit_from_here
	begin_visit
	if ! kill_one "$name"; then
		end_stay
		continue
	fi
	[[ $name == guard ]] && guard_died
	if [[ $fate == ends ]]; then
		visit_ends_itself "$name"
		end_stay
		nothing_stays "$name"
	fi
	comes_back "$name"
	expect_audit "$event"
	case $name in
	policy | audit | spawn) expect_audit 'admin.start recovered~service' ;;
	esac
	if [[ $fate == goes_on ]]; then
		visit_goes_on "$name"
		end_stay
		nothing_stays "$name"
	fi
	log_is_whole "$name"
done <<'END'
conn ends session.close
record ends session.close why~recorder
desk ends session.close why~desk
init ends session.close why~sandbox
listen goes_on admin.crash program=sekisho-listen
keys goes_on admin.crash program=sekisho-keys
store goes_on admin.crash program=sekisho-store
vault goes_on admin.crash program=sekisho-vault
anchor goes_on admin.crash program=sekisho-anchor
index goes_on admin.crash program=sekisho-index
watch goes_on session.thaw why=watcher
policy ends admin.crash program=sekisho-policy
audit ends admin.start
spawn ends admin.crash program=sekisho-spawn
supervisor ends admin.start recovered~signal
guard ends admin.start
END

# --- A box that dies while it builds ----------------------------------------------

# At a call in the middle of its work, held by the tool of the fault tests
box_dies()
{
	local call=$1 spawner tracer pid

	spawner=$(pids_of sekisho-spawn)
	build/tool/stopper --at "$call:1=kill" --pid "$spawner" --seconds 20 &
	tracer=$!
	for _ in {1..50}; do
		grep -q "^TracerPid:.*[1-9]" "/proc/$spawner/status" && break
		sleep 0.1
	done
	expect_audit_from_here
	expect_denied alone researcher2 true
	kill "$tracer" 2>/dev/null
	wait "$tracer" 2>/dev/null
	expect_audit 'session.close why~built'
	: >"$tree/visit.pids"
	nothing_stays "a box at $call"
	pid=$(pids_of sekisho-spawn)
	[[ $pid == "$spawner" ]] && pass "the spawner outlives a box" ||
		fail "the spawner outlives a box"
	comes_back "a box at $call"
}
box_dies open_tree
box_dies clone3
box_dies pivot_root

# --- Without audit, no session: stopped, it lets nobody in ----------------------

pid=$(pids_of sekisho-audit)
kill -STOP "$pid"
CODES=$tree/codes/jiro SSH_ASKPASS=$tree/askpass SSH_ASKPASS_REQUIRE=force \
	timeout 6 ssh -F "$tree/ssh_config" researcher2 -- 'echo in' \
	</dev/null >"$tree/said" 2>&1 && fail "while audit is stopped, nobody gets in" ||
	none "while audit is stopped, nobody gets in" < <(grep -x in "$tree/said")
kill -CONT "$pid"
comes_back "a paused audit"

# Every sandbox that was ordered has its end, or its gateway's end, on record;
# the last one's comes when nothing of it lives any more.
without_end()
{
	records | jq -rs '
		. as $all | .[] | select(.event == "session.open" and .result == "ok") |
		. as $open | select(all($all[]; ._i <= $open._i or
			(.event != "admin.start" and
			(.event != "session.close" or .session != $open.session)))) |
		"\(._i) \(.session)"' || echo "the log cannot be read"
}
for _ in {1..50}; do
	without_end >"$tree/open"
	[[ -s $tree/open ]] || break
	sleep 0.2
done
none "every session has an end on record" <"$tree/open"

story_done
