#!/bin/bash
# watch.sh - what it costs that programs and opened files are on record.
#
# In a session and, for starts of programs, on the host by turns: each is a
# child that does one thing and ends, so each is a record of its own. Sourced
# by run.sh, which has a gateway, row() and median().

# us_each FILE|PROGRAM: the middle of five rounds, in microseconds for one
measure='
import os, sys, time
what = sys.argv[1]
def one():
    if os.access(what, os.X_OK):
        pid = os.posix_spawn(what, [what], {})
    else:
        pid = os.fork()
        if pid == 0:
            os.open(what, os.O_RDONLY)
            os._exit(0)
    if os.waitpid(pid, 0)[1] != 0: sys.exit(1)
rounds = []
for i in range(5):
    begun = time.monotonic()
    for j in range(400): one()
    rounds.append((time.monotonic() - begun) / 400 * 1e6)
print("%.1f" % sorted(rounds)[2])'

inside()
{
	run as researcher "python3 -c '$measure' $1"
	((status == 0)) && echo "$said" || echo 0
}

run as researcher 'head -c 10 /data/D-1/people.csv >/workspace/people.csv'
watched=$(inside /data/D-1/people.csv)
free=$(inside /workspace/people.csv)
row "opening a dataset's file, its cost on record" "$watched" "$free" us \
	"$(awk -v a="$watched" -v b="$free" 'BEGIN { printf "%.1f", a - b }')" 38 at-most
watched=$(inside /usr/bin/true)
free=$(python3 -c "$measure" /usr/bin/true)
row "starting a program, with two records" "$watched" "$free" us \
	"$(ratio "$watched" "$free")" 1.50 at-most
hang_up researcher
