#!/bin/bash
# Under systemd the control groups of a gateway are those below its own unit.
# There is no systemd here: a folder that looks like the unit stands for it.
source "$(dirname "$0")/lib.sh"

if [[ $(id -u) != 0 ]]; then
	skip "the unit" "needs root"
	tap_done
fi
v2=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
unit=$v2/test-$$.slice/sekishod@$$.service

# As systemd would: the process that becomes sekishod is in the unit.
start_in_unit()
{
	(
		echo "$BASHPID" >"$unit/cgroup.procs"
		exec build/bin/sekishod --config "$tree/etc" --state "$tree/state" \
			--run "$tree/run" --programs "$PWD/build/bin" \
			--uid-base 1700000000 --origin story.example/log
	) </dev/null >>"$tree/gateway.log" 2>&1 &
	gateway_pid=$!
	disown "$gateway_pid"
	wait_listening
}

groups()
{
	(cd "$unit" && find . -mindepth 1 -type d | sort)
}

mkdir -p "$unit"
make_tree
trap 'story_abort; rmdir "$unit" "${unit%/*}" 2>/dev/null' EXIT
link_toolset && start_in_unit && give_codes ||
	fail "a gateway starts" "$(tail -n 20 "$tree/gateway.log")"
expect_text hanako as researcher sekisho whoami
as researcher sleep 60 >/dev/null 2>&1 &
for _ in {1..100}; do
	groups | grep -qE '/s[0-9a-f]{16}$' && break
	sleep 0.1
done
groups | grep -qE "^./sekisho-$(instance)/s[0-9a-f]{16}$" &&
	pass "a session's group is in the unit" || fail "a session's group is in the unit" "$(groups)"
[[ ! $(cat "$unit/cgroup.procs") && $(cat "$unit/guard/cgroup.procs") == "$gateway_pid" ]] &&
	pass "the unit itself holds no process" || fail "the unit itself holds no process" "$(cat "$unit/cgroup.procs")"
[[ ! -e $v2/sekisho-$(instance) ]] && pass "nothing is made beside it" || fail "nothing is made beside it"
expect_audit_from_here
kill -KILL "$(pgrep -P "$gateway_pid" -x sekishod)"
expect_audit 'admin.start recovered~supervisor'
wait_listening
expect_text hanako alone researcher sekisho whoami
stop_gateway
[[ $(groups) == ./guard ]] && pass "all of it goes with the gateway" || fail "all of it goes with the gateway" "$(groups)"
rmdir "$unit/guard" "$unit" "${unit%/*}"
trap - EXIT

# --- The unit file --------------------------------------------------------------------

mkdir -p "$tree/root"
make -s install DESTDIR="$tree/root" >"$tree/install.log" 2>&1
file=$tree/root/usr/lib/systemd/system/sekishod.service
build/bin/sekishoctl help >/dev/null
diff <(sed -n 's/^CapabilityBoundingSet=//p' "$file" | tr ' ' '\n' | sort) \
	<(grep -oE 'CAP_[A-Z_]+' gateway/supervisor/limits.c | sort) |
	none "the unit bounds capabilities as limits.c does"
if command -v systemd-analyze >/dev/null; then
	mkdir -p "$tree/check"
	sed "s|/usr/lib/sekisho/sekishod|$PWD/build/bin/sekishod|; /^Documentation=/d" \
		"$file" >"$tree/check/sekishod.service"
	systemd-analyze verify "$tree/check/sekishod.service" 2>&1 |
		grep -F 'sekishod.service' | none "systemd understands the unit"
else
	grep -q '^Delegate=yes$' "$file" && pass "the unit delegates (systemd-analyze is not here)" ||
		fail "the unit delegates"
fi
story_done
