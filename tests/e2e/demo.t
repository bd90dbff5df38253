#!/bin/bash
# make demo, its printed ways in, make demo-stop: and nothing stays.
#
# The demo's port is always the same, so this story needs it free. It ends no
# demo that it did not start.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh
source tests/e2e/gateway.sh

tree=$PWD/build/demo
port=2222

if [[ $(id -u) != 0 ]]; then
	skip "the demo" "needs root"
	tap_done
fi
owner=$(ss -Hltnp "sport = :$port" | grep -o 'users:.*')
if [[ $owner ]]; then
	fail "port $port is free for the demo" \
		"in use by $owner; end it (a demo: sudo make demo-stop) and run this again"
	tap_done
fi

listener=
finish()
{
	[[ $listener ]] && kill "$listener" 2>/dev/null
	make -s demo-stop >/dev/null 2>&1
}
trap finish EXIT

# --- A port in use ---------------------------------------------------------------

perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 1,
	LocalAddr => "127.0.0.1", LocalPort => shift) or die; sleep 60' "$port" &
listener=$!
for _ in {1..50}; do
	[[ $(ss -Hltn "sport = :$port") ]] && break
	sleep 0.1
done
said=$(make -s demo 2>&1) && fail "a port in use is refused" "$said" ||
	pass "a port in use is refused"
said=$(grep -vE '^make(\[[0-9]+\])?: \*\*\*' <<<"$said")
[[ $said == "demo: port $port of "*"in use"*"try again" && $said != *$'\n'* ]] &&
	pass "in one sentence that says what to do" ||
	fail "in one sentence that says what to do" "$said"
[[ -e $tree ]] && fail "a refused start makes nothing" "$(ls "$tree")" ||
	pass "a refused start makes nothing"
kill "$listener"
wait "$listener" 2>/dev/null
listener=

# --- The demo, and its ways in ---------------------------------------------------

holds "make demo starts" make -s demo
holds "a second start is quick" timeout 10 make -s demo

# says EXPRESSION HOST COMMAND…
says()
{
	local expression=$1 said

	shift
	said=$(. build/demo/env && timeout 60 ssh -F build/demo/ssh_config "$@" </dev/null 2>&1) &&
		grep -qE -- "$expression" <<<"$said" &&
		pass "$1 is answered: ${*:2}" ||
		fail "$1 is answered: ${*:2}" "$said"
}
says hanako researcher sekisho whoami
says '^claims\.csv$' researcher ls /data/claims-demo
says '^10000$' researcher2 \
	'sqlite3 /data/claims-demo/claims-demo.db "SELECT count(DISTINCT pid) FROM patients"'
says '2003/7,.*50～55,201以上,4.8,20.9,その他$' researcher head -n 2 /data/slide-anonymized/visits.csv
for host in reviewer1 reviewer2 approver auditor; do
	says "$host" "$host" whoami
done
copy_log()
{
	(. build/demo/env && timeout 60 sftp -F build/demo/ssh_config -r \
		auditor:/audit build/demo/copy </dev/null)
}
holds "the auditor copies the log" copy_log
holds "the copy verifies" build/bin/sekisho-verify build/demo/copy

# --- The end ---------------------------------------------------------------------

gateway_pid=$(cat "$tree/sekishod.pid")
processes=$(gateway_processes)
[[ $(wc -l <<<"$processes") -ge 7 ]] || fail "the demo's processes are seen" "$processes"
holds "make demo-stop ends it" make -s demo-stop
while read -r pid name; do
	# what has ended and was not yet waited for has no program
	[[ $(readlink "/proc/$pid/exe") == "$PWD/build/bin/$name"* ]] &&
		echo "$pid $name"
done <<<"$processes" | none "no process of it stays"
leftovers | none "no process, mount, loop device or cgroup stays"
[[ -e $tree ]] && fail "its folder is gone" "$(ls "$tree")" ||
	pass "its folder is gone"
ss -Hltn "sport = :$port" | none "the port is free again"
holds "a second end is no error" make -s demo-stop
trap - EXIT

tap_done
