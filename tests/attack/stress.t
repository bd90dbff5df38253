#!/bin/bash
# stress-ng and trinity in sandboxes: the kernel, the dataset and the next
# sandbox are as they were.
#
#	SECONDS_EACH=300 tests/attack/stress.t      (make soak)
set -eu

[[ $(id -u) == 0 ]] || { echo "1..0 # SKIP needs root"; exit 0; }
build=${B:-build}
folder=$(mktemp -d "${TMPDIR:-/tmp}/sekisho-stress.XXXXXX")
trap 'rm -rf "$folder"' EXIT

# what the kernel says of itself; nothing where it cannot be read
faults()
{
	dmesg 2>/dev/null |
		grep -cE 'Oops|BUG:|general protection fault|kernel panic|WARNING: CPU|soft lockup|blocked for more' || true
}

"$(dirname "$0")/toolset.sh" "$folder" "$build/tests/attack/attempts" \
	"$(command -v stress-ng)" "$(command -v trinity)"
before=$(cd "$folder" && sha256sum toolsets/* datasets/sample/*)
faulty=$(faults)
status=0
"$build/tests/attack/stress_attack" "$folder" "$build/bin" \
	"${SECONDS_EACH:-4}" "$@" >"$folder/tap" || status=1
grep -v '^1\.\.' "$folder/tap"
number=$(grep -cE '^(not )?ok ' "$folder/tap")
verdict()
{
	number=$((number + 1))
	if [[ $2 == "$3" ]]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		status=1
	fi
}
verdict "toolset and dataset are the same, byte for byte" \
	"$before" "$(cd "$folder" && sha256sum toolsets/* datasets/sample/*)"
# The ring of messages may have let go of old ones, so fewer are as good.
((faulty_now = $(faults), faulty_now > faulty)) || faulty_now=$faulty
verdict "the kernel reports no fault" "$faulty" "$faulty_now"
dmesg >/dev/null 2>&1 || echo "# (nobody may read its messages here)"
echo "1..$number"
exit "$status"
