#!/bin/bash
# run.sh - how fast, beside what others need for the same on this machine.
#
# Every line is a ratio of two things measured in this run, by turns, so that
# it says something on any machine: our time beside a plain sshd's (same
# client, same keys), a sandbox's start beside bubblewrap's, durable records
# beside bare fdatasync. Exit status 1 if a target was missed.
set -u
cd "$(dirname "$0")/../.." || exit 1
source tests/e2e/lib.sh

rounds=${ROUNDS:-15}
missed=0

[[ $(id -u) == 0 ]] || { echo "bench: needs root" >&2; exit 1; }

# row WHAT OURS THEIRS UNIT RATIO TARGET at-most|at-least
row()
{
	local verdict=met

	awk -v r="$5" -v t="$6" -v way="$7" \
		'BEGIN { exit !(way == "at-most" ? r <= t : r >= t) }' ||
		{ verdict=missed; missed=1; }
	printf '%-44s %10s %10s %-6s %6s  %s %s  %s\n' "$@" "$verdict"
}

milliseconds()
{
	local start end

	start=$(date +%s%N)
	"$@" </dev/null >/dev/null 2>&1 || return 1
	end=$(date +%s%N)
	echo $(((end - start) / 1000))
}

median()
{
	sort -n | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] / 1000; else print 0 }'
}

ratio()
{
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 999) }'
}

# --- A plain sshd on loopback, for the same person's key --------------------------

start_sshd()
{
	sshd_port=$(free_port)
	ssh-keygen -q -t ed25519 -N '' -f "$tree/sshd_key"
	mkdir -p /run/sshd
	cp "$tree/keys/hanako.pub" "$tree/authorized"
	cat >"$tree/sshd_config" <<-END
	ListenAddress 127.0.0.1:$sshd_port
	HostKey $tree/sshd_key
	PidFile none
	AuthorizedKeysFile $tree/authorized
	StrictModes no
	UsePAM no
	PermitRootLogin yes
	MaxStartups 200
	END
	"$(command -v sshd || echo /usr/sbin/sshd)" -D -e -f "$tree/sshd_config" \
		2>"$tree/sshd.log" </dev/null &
	sshd_pid=$!
	for _ in {1..50}; do
		[[ $(ss -Hltn "sport = :$sshd_port") ]] && return 0
		sleep 0.1
	done
	return 1
}

plain()
{
	ssh -F "$tree/ssh_config" -o Port="$sshd_port" -o User=root \
		-o UserKnownHostsFile="$tree/known_plain" researcher "$@"
}

end_bench()
{
	[[ ${sshd_pid-} ]] && kill "$sshd_pid" 2>/dev/null
	stop_gateway
	leftovers | sed 's/^/left behind: /' >&2
	rm -rf "$tree"
}

make_tree
trap end_bench EXIT
link_toolset && start_gateway && give_codes && start_sshd ||
	{ tail -n 5 "$tree/gateway.log" "$tree/sshd.log" >&2; exit 1; }

printf '%-44s %10s %10s %-6s %6s  %s\n' what ours theirs unit ratio target

# Both factors are ours alone to check: the time includes the second.
: >"$tree/ours"
: >"$tree/theirs"
alone researcher true >/dev/null
plain true
for ((i = 0; i < rounds; i++)); do
	milliseconds alone researcher true >>"$tree/ours"
	milliseconds plain true >>"$tree/theirs"
done
ours=$(median <"$tree/ours")
theirs=$(median <"$tree/theirs")
row "ssh to a command's end, with second factor" "$ours" "$theirs" ms \
	"$(ratio "$ours" "$theirs")" 1.00 at-most

# Over a connection that stands: a session's start alone
as researcher true >/dev/null
ssh -F "$tree/ssh_config" -M -S "$tree/cm-plain" -fN -o Port="$sshd_port" \
	-o User=root -o UserKnownHostsFile="$tree/known_plain" researcher 2>/dev/null
: >"$tree/ours"
: >"$tree/theirs"
for ((i = 0; i < rounds; i++)); do
	milliseconds as researcher true >>"$tree/ours"
	milliseconds ssh -F "$tree/ssh_config" -S "$tree/cm-plain" researcher true >>"$tree/theirs"
done
ours=$(median <"$tree/ours")
theirs=$(median <"$tree/theirs")
row "a command over a standing connection" "$ours" "$theirs" ms \
	"$(ratio "$ours" "$theirs")" 1.50 at-most
hang_up researcher
ssh -F "$tree/ssh_config" -S "$tree/cm-plain" -O exit researcher 2>/dev/null

# connections PROGRAM…: key exchanges a second, 8 clients at once
connections()
{
	local start end jobs=()

	start=$(date +%s%N)
	for _ in {1..8}; do
		(for _ in {1..5}; do "$@" </dev/null >/dev/null 2>&1; done) &
		jobs+=($!)
	done
	wait "${jobs[@]}"
	end=$(date +%s%N)
	awk -v ns=$((end - start)) 'BEGIN { printf "%.1f", 40e9 / ns }'
}
ours=$(connections ssh-keyscan -t ed25519 -p "$port" 127.0.0.1)
theirs=$(connections ssh-keyscan -t ed25519 -p "$sshd_port" 127.0.0.1)
row "connections a second, key exchange, 8 clients" "$ours" "$theirs" /s \
	"$(ratio "$ours" "$theirs")" 1.50 at-least

source tests/bench/watch.sh

source tests/bench/search.sh

stop_gateway
echo
echo "a sandbox's start:"
mkdir -p "$tree/tmp/sandbox" "$tree/tmp/audit"
tests/attack/toolset.sh "$tree/tmp/sandbox" /bin/true
build/tests/bench/sandbox_bench "$tree/tmp/sandbox" build/bin || missed=1
source tests/bench/neighbour.sh
echo "records, durable before they are answered:"
build/tests/bench/durable_bench "$tree/tmp/audit" || missed=1
tests/bench/peers.sh "$tree/tmp/audit" || missed=1
echo "records, in memory and read:"
build/tests/bench/audit_bench "$tree/tmp/audit" || missed=1
GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS='' GOPROXY=off \
	GOCACHE=$PWD/build/gocache \
	go run tests/bench/tlog_bench.go || missed=1
echo "checks:"
mkdir -p "$tree/tmp/check"
build/tests/bench/check_bench "$tree/tmp/check" || missed=1
exit $missed
