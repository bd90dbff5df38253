#!/bin/bash
# Every program that runs and every dataset's file that is opened is on
# record, whose it is, and nothing goes on while the watcher does not.
#
#	STORM=30000 tests/e2e/watch.t       (make soak)
source "$(dirname "$0")/lib.sh"
story

storm=${STORM:-2000} # a multiple of that

# how many records: of_session EVENT [JQ CONDITION]
count()
{
	records | jq -r --argjson mark "$mark" --arg event "$1" \
		"select(._i >= \$mark and .event == \$event and (${2:-true})) | ._i" | wc -l
}


# is FOUND WANTED SENTENCE
is()
{
	[[ $1 == "$2" ]] && pass "$3" || fail "$3" "$1, not $2"
}

# --- What people use -----------------------------------------------------------

expect_ok as researcher "Rscript -e 'nrow(read.csv(\"/data/D-1/people.csv\"))'"
expect_audit 'exec place=toolset path=/usr/lib/R/bin/exec/R permit=P-1 session~^s sha256~^[0-9a-f]{64}$'
expect_audit 'data.open dataset=D-1 file=people.csv permit=P-1 session~^s'
expect_audit_from_here
expect_ok as researcher "python3 -c 'print(open(\"/data/D-1/people.csv\").read())'"
expect_audit 'exec path~^/usr/bin/python3 permit=P-1'
expect_audit 'data.open file=people.csv'
expect_audit_from_here
expect_ok as researcher "sqlite3 -readonly /data/D-1/D-1.db 'SELECT age FROM people'"
expect_audit 'exec path=/usr/bin/sqlite3'
expect_audit 'data.open file=D-1.db'
expect_audit_from_here
expect_ok as researcher 'cd /workspace && printf "int main(void) { return 0; }\n" >x.c && gcc -o secret_name x.c && ./secret_name && sha256sum secret_name >sum'
expect_audit 'exec place=workspace name_commit~^[0-9a-f]{64}$ permit=P-1'
sum=$(as researcher 'cut -c 1-64 /workspace/sum')
expect_audit "exec place=workspace sha256=$sum"
expect_audit_from_here
expect_ok as researcher 'cd /tmp && printf "#!/bin/sh\nexit 0\n" >secret_script && chmod 755 secret_script && ./secret_script'
expect_audit 'exec place=tmp'
expect_audit 'exec path~/dash$'
expect_ok as researcher 'cp /usr/bin/true ~/secret_copy && ~/secret_copy'
expect_audit 'exec place=home/researcher'
expect_ok as researcher '/usr/lib64/ld-linux-x86-64.so.2 /usr/bin/true'
expect_ok as researcher 'command sekisho whoami'
expect_audit 'exec path=/usr/local/bin/sekisho'
records | grep -E '"event":"(exec|data.open)"' | grep secret_ | none "no name of a researcher's stands in the log"
records | grep -E '"event":"(exec|data.open)"' | grep -E '"(session|permit|actor)":"-"|"place":"unknown"' |
	none "every one of them says whose it is"

# --- A storm, and a neighbour -----------------------------------------------------

expect_audit_from_here
alone researcher2 'for i in {1..50}; do head -c 1 /data/D-1/D-1.db >/dev/null; done' &
neighbour=$!
begun=$(date +%s%N)
for ((begin = 0; begin < storm; begin += 2000)); do
	expect_ok as researcher "for ((i = $begin; i < $begin + 2000; i++)); do cat /data/D-1/people.csv >/dev/null || exit 1; done"
done
took=$((($(date +%s%N) - begun) / 1000000))
wait "$neighbour"
for _ in {1..50}; do
	(($(count data.open) >= storm + 50)) && break
	sleep 0.2
done
echo "# $storm programs that open a file: $took ms"
is "$(count data.open '.file == "people.csv"')" "$storm" "of $storm opens by as many processes none is lost"
is "$(count exec '.path == "/usr/bin/cat"')" "$storm" "nor a start of one of these programs"
is "$(count data.open '.file == "D-1.db"')" 50 "a neighbour's opens are on record"
is "$(records | jq -r --argjson mark "$mark" 'select(._i >= $mark and .event == "data.open") | [.file, .session] | join(" ")' | sort -u | wc -l)" 2 \
	"each under its own session"
hang_up researcher
verify_log

# --- The watcher stops, or dies -----------------------------------------------------

# A visit that opens a file and says so, again and again; its ssh is $visit
begin_visit()
{
	expect_audit_from_here
	: >"$tree/visit"
	ssh_as researcher researcher -- \
		'while cat /data/D-1/people.csv >/dev/null; do echo opened; done; echo over' \
		</dev/null >"$tree/visit" 2>&1 &
	visit=$!
	for _ in {1..50}; do
		(($(grep -c opened "$tree/visit") > 3)) && break
		sleep 0.2
	done
}

# watcher_suffers SIGNAL SECONDS
watcher_suffers()
{
	local before after

	begin_visit
	kill "-$1" "$(pids_of sekisho-watch)"
	sleep 0.5
	before=$(grep -c opened "$tree/visit")
	sleep 1
	after=$(grep -c opened "$tree/visit")
	((before > 3 && before == after)) && pass "after $1 no file is opened" ||
		fail "after $1 no file is opened" "$before, then $after"
	for ((i = 0; i < $2; i++)); do
		[[ $(find_audit 'session.close') ]] && break
		sleep 1
	done
	expect_audit 'session.close why~protection'
	expect_audit 'admin.crash program=sekisho-watch'
	wait "$visit"
	after=$(grep -c opened "$tree/visit")
	(($(count data.open) >= after)) && pass "and each that was is on record" ||
		fail "and each that was is on record" "$(count data.open) of $after"
	for _ in {1..50}; do
		[[ $(pids_of sekisho-watch) ]] && break
		sleep 0.2
	done
	sleep 1
	expect_audit_from_here
	expect_ok alone researcher cat /data/D-1/people.csv
	expect_audit 'data.open file=people.csv'
}

watcher_suffers STOP 20
watcher_suffers KILL 5
verify_log
story_done
