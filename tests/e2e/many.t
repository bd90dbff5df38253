#!/bin/bash
# Many idle sessions at once: each opens, all end within a second when the
# permit is suspended, and nothing of them stays.
#
#	SESSIONS=1000 tests/e2e/many.t      (make soak)
source "$(dirname "$0")/lib.sh"

sessions=${SESSIONS:-24}
each=48 # one-time codes of a person
at_once=8
persons=$(((sessions + each - 1) / each))

crowd()
{
	local i names=()

	sed -i "/^connections:/a\\  max: $((sessions + 50))\n  unauthenticated: 100\n  per_source: $((sessions + 50))" \
		"$tree/etc/site.yaml"
	for ((i = 0; i < persons; i++)); do
		names+=("crowd$i")
		make_person "crowd$i" researcher en
		printf 'Host crowd%d\n  User crowd%d\n  IdentityFile %s\n' \
			"$i" "$i" "$tree/keys/crowd$i" >>"$tree/ssh_config"
	done
	make_permit P-9 2020-01-01 2099-12-31 "${names[@]}"
}

codes()
{
	local i

	for ((i = 0; i < persons; i++)); do
		as_operator factor add "crowd$i" list "$each" --json |
			jq -r '.. | .code? // empty' >"$tree/codes/crowd$i"
	done
}

# One idle shell on a terminal, until its input ends; the process is printed.
idle()
{
	CODES=$tree/codes/$1 SSH_ASKPASS=$tree/askpass SSH_ASKPASS_REQUIRE=force \
		ssh -F "$tree/ssh_config" -tt "$1" <"$tree/quiet" \
		>"$tree/tmp/idle.$2" 2>&1 9>&- &
	disown $!
	echo $!
}

ours()
{
	ps -eo pid=,cgroup:500=,comm= | awk -v group="sekisho-$(instance)" \
		'index($2, group) && $3 ~ /^sekisho/ { print $1 }'
}

# KiB of memory of our own processes, user code left out
memory()
{
	local pid

	for pid in $(ours); do
		awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup" 2>/dev/null
	done | awk '{ n += $1 } END { print n + 0 }'
}

started()
{
	find_audit 'session.start' | wc -l
}

# wait_started N: until N sessions run, or two minutes passed without a new one
wait_started()
{
	local have=-1 now since=$SECONDS

	while now=$(started) && ((now < $1 && SECONDS - since < 60)); do
		((now == have)) || since=$SECONDS
		have=$now
		sleep 0.3
	done
}

# processes of the sessions that still run
alive()
{
	find /sys/fs/cgroup -path "*/sekisho-$(instance)/s*/cgroup.procs" \
		-exec cat {} + 2>/dev/null | sort -u | wc -l
}

story crowd
codes
mkfifo "$tree/quiet"
exec 9<>"$tree/quiet" # holds the pipe open: the shells wait for input
rest=$(memory)
begun=$(date +%s%N)
clients=()
for ((s = 0; s < sessions; s++)); do
	clients+=("$(idle "crowd$((s % persons))" "$s")")
	(((s + 1) % at_once)) || wait_started "$((s + 1 - at_once))"
done
wait_started "$sessions"
opened=$((($(date +%s%N) - begun) / 1000000))
[[ $(started) == "$sessions" ]] && pass "$sessions sessions run at once" ||
	fail "$sessions sessions run at once" "$(started) run; $(cat "$tree"/tmp/idle.* | sort | uniq -c | sort -rn | head -n 5)"
used=$((($(memory) - rest) / sessions))
(($(alive) >= 2 * sessions)) && pass "each has its init and its shell" ||
	fail "each has its init and its shell" "$(alive) processes"
echo "# $sessions sessions in $opened ms; memory of our processes: $used KiB a session"

expect_ok as operator suspend permit P-9 "the story ends"
killed=$(date +%s%N)
for _ in {1..200}; do
	(($(alive) == 0)) && break
	sleep 0.02
done
killed=$((($(date +%s%N) - killed) / 1000000))
echo "# all were dead within $killed ms of the answer"
(($(alive) == 0)) && pass "a suspended permit ends every one of them" ||
	fail "a suspended permit ends every one of them" "$(alive) processes are left"
for _ in {1..150}; do
	closed=$(find_audit 'session.close why~suspended' | wc -l)
	((closed >= sessions)) && break
	sleep 0.2
done
[[ $closed == "$sessions" ]] && pass "each end is on record" ||
	fail "each end is on record" "$closed of $sessions: $(find_audit 'session.close' | jq -r .why | sort | uniq -c)"
kill "${clients[@]}" 2>/dev/null
exec 9>&-
expect_text '^still here$' as researcher echo still here
verify_log

story_done
