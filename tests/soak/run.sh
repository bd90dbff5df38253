#!/bin/bash
# run.sh - the same visits again and again, and what grows meanwhile.
#
#	make soak MINUTES=30
#
# Visits of two people by turns, each with a command and an end; every minute
# the gateway's processes, descriptors, memory and cgroups are counted. At the
# end nothing may have grown with the number of visits, and the log verifies.
# Then many sessions at once (SESSIONS=1000), and a storm of programs that each
# open a file (STORM=30000).
set -u
cd "$(dirname "$0")/../.." || exit 1
source tests/e2e/lib.sh

minutes=${MINUTES:-10}

# processes, descriptors, KiB of memory of the gateway at rest
census()
{
	local pid descriptors=0 memory=0 processes=0 kib

	sleep 2
	while read -r pid _; do
		processes=$((processes + 1))
		descriptors=$((descriptors + $(find "/proc/$pid/fd" -mindepth 1 2>/dev/null | wc -l)))
		kib=$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup" 2>/dev/null)
		memory=$((memory + ${kib:-0}))
	done < <(gateway_processes)
	echo "$processes $descriptors $memory $(find /sys/fs/cgroup -type d -name "*$(instance)*" | wc -l)"
}

story
# codes are used up: ask for new ones before they end
refill()
{
	local person

	for person in hanako jiro; do
		(($(wc -l <"$tree/codes/$person") > 5)) || give_codes
	done
}

visits=0
failures=0
run alone researcher true
read -r processes descriptors memory groups < <(census)
end=$((SECONDS + minutes * 60))
while ((SECONDS < end)); do
	for host in researcher researcher2; do
		refill
		run alone "$host" 'head -c 100000 /dev/urandom | sha256sum; python3 -c "print(1)"'
		((status == 0)) || failures=$((failures + 1))
		visits=$((visits + 1))
	done
done
read -r processes_now descriptors_now memory_now groups_now < <(census)

echo "# $visits visits; processes $processes → $processes_now, descriptors $descriptors → $descriptors_now, memory $memory → $memory_now KiB, cgroups $groups → $groups_now"
((visits > 0 && failures == 0)) && pass "every visit succeeded" ||
	fail "every visit succeeded" "$failures of $visits failed; the last said: $said"
((processes_now <= processes)) && pass "no process stayed" ||
	fail "no process stayed" "$(gateway_processes)"
((descriptors_now <= descriptors + 2)) && pass "no descriptor stayed" ||
	fail "no descriptor stayed"
((memory_now <= memory * 3 / 2 + 4096)) && pass "memory did not grow with visits" ||
	fail "memory did not grow with visits"
((groups_now <= groups)) && pass "no cgroup stayed" || fail "no cgroup stayed"
verify_log

# beside SENTENCE STORY: another story, as one test of this one
beside()
{
	"$2" | sed 's/^\(ok\|not ok\|1\.\.\)/# \1/' >"$tree/beside"
	cat "$tree/beside"
	grep -q '^# not ok' "$tree/beside" || ! grep -q '^# ok' "$tree/beside" &&
		fail "$1" || pass "$1"
}
SESSIONS=${SESSIONS:-1000} beside "many sessions at once" tests/e2e/many.t
STORM=${STORM:-30000} beside "a storm of programs" tests/e2e/watch.t
story_done
