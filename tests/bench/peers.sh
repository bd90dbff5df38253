#!/bin/bash
# peers.sh FOLDER - what other stores, all packages of Debian, make of the same
# work on this disk: records of 260 bytes, durable before they are answered.
#
# Beside each the disk's own limit, measured right before and after it.
set -u
cd "$(dirname "$0")/../.." || exit 1

folder=$(mktemp -d "$1/peers-XXXXXX")
redis_pid=
end()
{
	[[ $redis_pid ]] && kill "$redis_pid" && wait "$redis_pid"
	rm -rf "$folder"
} 2>/dev/null
trap end EXIT

raw()
{
	build/tests/bench/durable_bench "$folder" raw
}

# beside WHAT WRITERS COMMAND…: the rate that it prints, between two of the disk's
beside()
{
	local what=$1 writers=$2 before rate after

	shift 2
	before=$(raw)
	rate=$("$@") || { echo "$what: did not run"; return; }
	after=$(raw)
	awk -v w="$what" -v n="$writers" -v r="$rate" -v a="$before" -v b="$after" \
		'BEGIN { printf "%-38s %7.0f/s, %.2f of syncs x %d\n", w, r, r / n / ((a + b) / 2), n }'
}

# The server's program comes with redis-tools under another name; the package
# redis-server would start a service.
start_redis()
{
	(exec -a redis-server "$(command -v redis-check-rdb)" --port 0 \
		--unixsocket "$folder/redis" --dir "$folder" --save '' \
		--appendonly yes --appendfsync always) >"$folder/redis.log" 2>&1 &
	redis_pid=$!
	for _ in {1..50}; do
		redis-cli -s "$folder/redis" ping >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	return 1
}

# redis WRITERS RECORDS: sets of a record's size by so many clients at a time
redis()
{
	redis-benchmark -s "$folder/redis" -c "$1" -n "$2" -t set -d 260 --csv |
		awk -F'"' '$2 == "SET" { print $4 }'
}

beside "SQLite, WAL and FULL, 1 writer" 1 build/tests/bench/sqlite_bench "$folder" 1
beside "SQLite, WAL and FULL, 64 processes" 64 build/tests/bench/sqlite_bench "$folder" 64
if start_redis; then
	beside "Redis, appendfsync always, 1 client" 1 redis 1 2000
	beside "Redis, appendfsync always, 64 clients" 64 redis 64 40000
else
	echo "Redis did not start"
fi
