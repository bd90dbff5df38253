#!/bin/bash
# make demo, its printed ways in, make demo-stop: and nothing stays.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh
if [[ $(id -u) != 0 ]]; then
	skip "the demo" "needs root"
	tap_done
fi
if [[ $(ss -Hltn 'sport = :2222') ]]; then
	said=$(make -s demo 2>&1) &&
		fail "a port in use is one clear sentence" "$said" ||
		pass "a port in use is one clear sentence"
	tap_done
fi

before=$(losetup -a; find /sys/fs/cgroup -type d | sort)
trap 'make -s demo-stop >/dev/null 2>&1' EXIT
holds "make demo starts" make -s demo
holds "a second start is quick" timeout 10 make -s demo
visit()
{
	(. build/demo/env && timeout 60 ssh -F build/demo/ssh_config "$@" </dev/null)
}
for host in researcher reviewer1 reviewer2 approver; do
	holds "$host gets an answer" visit "$host" \
		"$([[ $host == researcher ]] && echo 'sekisho ')whoami"
done
trap - EXIT
holds "make demo-stop ends it" make -s demo-stop
grep -F "$PWD/build/demo" /proc/mounts | none "no mount stays"
[[ $(losetup -a; find /sys/fs/cgroup -type d | sort) == "$before" ]] &&
	pass "no loop device and no cgroup stays" ||
	fail "no loop device and no cgroup stays" "$(losetup -a)"
pgrep -af 'sekisho.*build/demo' | none "no process stays"

tap_done
