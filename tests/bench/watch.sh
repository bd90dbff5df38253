#!/bin/bash
# watch.sh - what it costs that programs and opened files are on record.
#
# A dataset's file beside one of the workspace, in one session; a program in a
# session beside the same on the host. Sourced by run.sh, which has a gateway,
# row() and ratio().
# shellcheck shell=bash

send()
{
	ssh_as researcher -o ControlMaster=auto -o ControlPath="$tree/cm-%n" \
		-o ControlPersist=yes researcher -- 'cat >/workspace/opens.c' <tests/bench/opens.c
}

run send
run as researcher 'cd /workspace && gcc -O2 -D_GNU_SOURCE -o opens opens.c && head -c 10 /data/D-1/people.csv >free.csv'
run as researcher '/workspace/opens /data/D-1/people.csv /usr/bin/true'
read -r watched_open watched_start _ <<<"$said"
# a session's records that may come at once are for one run
hang_up researcher
run as researcher '/workspace/opens /workspace/free.csv /usr/bin/true'
read -r free_open _ _ <<<"$said"
read -r _ free_start _ <<<"$(build/tests/bench/opens "$tree/ssh_config" /usr/bin/true)"
row "opening a dataset's file, on record; difference" "${watched_open:-0}" "${free_open:-0}" us \
	"$(awk -v a="${watched_open:-999}" -v b="${free_open:-0}" 'BEGIN { printf "%.1f", a - b }')" 38 at-most
row "a program's start and end, on record twice" "${watched_start:-0}" "${free_start:-0}" us \
	"$(ratio "${watched_start:-999}" "${free_start:-0}")" 1.50 at-most
hang_up researcher

# A neighbour beside a session that floods the log and is kept to its rate
run alone researcher2 '/workspace/opens /data/D-1/people.csv /usr/bin/true'
read -r _ _ alone_slow <<<"$said"
CODES=$tree/codes/hanako SSH_ASKPASS=$tree/askpass SSH_ASKPASS_REQUIRE=force \
	ssh -F "$tree/ssh_config" researcher -- \
	'for i in 1 2; do (while :; do cat /data/D-1/people.csv >/dev/null; done) & done; wait' \
	</dev/null >/dev/null 2>&1 &
flood=$!
sleep 10
run alone researcher2 '/workspace/opens /data/D-1/people.csv /usr/bin/true'
read -r _ _ beside_slow <<<"$said"
kill "$flood"
wait "$flood"
row "a neighbour's open beside a flood, 99 of 100" "${beside_slow:-0}" "${alone_slow:-0}" us \
	"$(ratio "${beside_slow:-999}" "${alone_slow:-0}")" 1.10 at-most
