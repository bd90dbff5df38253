#!/bin/bash
# The guest is what it is meant to be, and doctor finds it fit for a gateway.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

[[ $(uname -r) == 6.1.*-amd64 ]] && pass "Debian's kernel 6.1 runs" ||
	fail "Debian's kernel 6.1 runs" "$(uname -a)"
grep -E ' - cgroup ' /proc/self/mountinfo | none "no hierarchy of cgroup v1 is mounted"
[[ $(grep -c ' - cgroup2 ' /proc/self/mountinfo) == 1 ]] && pass "cgroup v2 is mounted" ||
	fail "cgroup v2 is mounted"
find /sys/class/net -mindepth 1 ! -name lo | none "there is no network device but loopback"

mkdir -p /tmp/host/{etc,state}
build/bin/sekishoctl doctor /tmp/host/etc /tmp/host/state 1700000000 --json >/tmp/host/rows
jq -r '.rows[] | "# \(.check) \(.found) \(.detail // "")"' /tmp/host/rows
jq -r '.rows[] | select(.found == "refused") | .check' /tmp/host/rows |
	none "doctor refuses nothing here"
[[ $(jq '.rows | length' /tmp/host/rows) -gt 20 ]] && pass "doctor looked" ||
	fail "doctor looked"
for controller in memory pids cpu; do
	jq -r ".rows[] | select(.check == \"cgroup_$controller\") | .detail" /tmp/host/rows |
		grep -vx v2 | none "the controller of $controller is that of v2"
done
tap_done
