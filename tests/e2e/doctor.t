#!/bin/bash
# The host is looked at before a gateway starts on it: what is taken away is
# found by sekishoctl doctor, and sekishod refuses for the same rows.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

if [[ $(id -u) != 0 ]]; then
	skip "the host is looked at" "needs root"
	tap_done
fi
here=$(mktemp -d "$PWD/build/test-XXXXXX")
trap 'rm -rf "$here"' EXIT
mkdir "$here"/{etc,state,run}

# without TRICK: how the host looks after it, "row verdict" a line; what
# sekishod says to it stands in $here/start, its status in $here/status
without()
{
	# shellcheck disable=SC2016 # expanded inside
	unshare --mount --propagation private bash -c '
		exec 2>"$1/errors"
		exec 3>"$1/rows" 4>"$1/start" 5>"$1/status"
		'"$1"'
		setpriv ${bound-} build/bin/sekishoctl doctor "$1/etc" "$1/state" 1700000000 --json >&3 2>&4
		timeout 10 setpriv ${bound-} build/bin/sekishod --config "$1/etc" \
			--state "$1/state" --run "$1/run" --programs "$PWD/build/bin" \
			--uid-base 1700000000 --origin doctor.example/log <&- >&4 2>&4
		echo $? >&5
		' - "$here"
	jq -r '.rows[] | .check + " " + .found' "$here/rows"
}

# expect_without ROWS TRICK: exactly these are refused, by both
expect_without()
{
	local refused said

	without "$2" >"$here/found"
	refused=$(sed -n 's/ refused$//p' "$here/found" | paste -s -d ' ')
	said=$(sed -n 's/.*not fit for a gateway: \([^;]*\);.*/\1/p' "$here/start" | tr -d ,)
	[[ $refused == "$1" && $said == "$1" && $(cat "$here/status") == 1 && ! -e $here/run/sekishod.pid ]] &&
		pass "refused: $1" ||
		fail "refused: $1" "doctor: $refused; sekishod: $said ($(cat "$here/status")); $(cat "$here/errors")"
}

# expect_weaker ROW TRICK: it stands in the table as such
expect_weaker()
{
	without "$2" >"$here/found"
	grep -qx "$1 weaker" "$here/found" && pass "weaker: $1" ||
		fail "weaker: $1" "$(cat "$here/found" "$here/errors")"
}

over='over() { echo "$2" >"$1/over"; mount --bind "$1/over" "$3"; }'
expect_without 'cgroup_tree cgroup_memory cgroup_pids cgroup_cpu' 'mount -t tmpfs none /sys/fs/cgroup'
expect_without 'erofs overlay proc' "$over"'; over "$1" "nodev tmpfs" /proc/filesystems'
expect_without 'seccomp proc' "$over"'; over "$1" "errno allow" /proc/sys/kernel/seccomp/actions_avail'
expect_without 'uids' "$over"'; over "$1" "someone:x:1700000123:1:::" /etc/passwd'
expect_without 'uids' "$over"'; over "$1" "someone:1699999000:65536" /etc/subuid'
expect_without 'loop' 'mount -t tmpfs none /dev'
expect_without 'folders' 'chmod 777 "$1/state"'
chmod 755 "$here/state"
expect_without 'capabilities' 'bound="--bounding-set -sys_ptrace"'
expect_weaker core "$over"'; over "$1" "|/usr/bin/crash" /proc/sys/kernel/core_pattern'
expect_weaker swap "$over"'; printf "Filename\n/dev/sda2 partition\n" >"$1/swaps"; mount --bind "$1/swaps" /proc/swaps'
expect_weaker systemd 'mount -t tmpfs none /run; mkdir -p /run/systemd/system'
expect_weaker pointers "$over"'; over "$1" 0 /proc/sys/kernel/kptr_restrict'

for lang in en ja; do
	LC_ALL=$lang build/bin/sekishoctl doctor --json | jq -r '.rows[] | select(.meaning == "") | .check'
done | none "each row has a meaning in both languages"
build/bin/sekishoctl doctor "$here/etc" "$here/state" many >/dev/null 2>&1
(($? == 2)) && pass "a uid base is a number" || fail "a uid base is a number" "status $?"
tap_done
