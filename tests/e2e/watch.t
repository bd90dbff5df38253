#!/bin/bash
# Every program that runs and every dataset's file that is opened is on
# record, whose it is, and nothing goes on while the watcher does not.
#
#	STORM=30000 tests/e2e/watch.t       (make soak)
source "$(dirname "$0")/lib.sh"

# As many records as the storm makes, without a wait
no_rate()
{
	printf 'records:\n  a_second: 100000\n  a_day: 1000000\n' >>"$tree/etc/site.yaml"
}
story no_rate

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

# A visit in which two programs open a file and say so, again and again
begin_visit()
{
	expect_audit_from_here
	stay 'for i in 1 2; do (while :; do cat /data/D-1/people.csv >/dev/null 2>&1 && echo opened; done) & done; wait'
	goes_on 3 "files are opened"
}

end_visit()
{
	end_stay
	for _ in {1..50}; do
		[[ $(find_audit 'session.close') ]] && break
		sleep 0.2
	done
	(($(count data.open) >= $(opened))) && pass "each open is on record" ||
		fail "each open is on record" "$(count data.open) of $(opened)"
}

# while it is stopped nothing passes; then it is replaced
begin_visit
watcher=$(pids_of sekisho-watch)
kill -STOP "$watcher"
sleep 0.5
before=$(opened)
sleep 1
is "$(opened)" "$before" "while the watcher is stopped no file is opened"
for _ in {1..20}; do
	[[ $(find_audit 'session.thaw') ]] && break
	sleep 1
done
expect_audit 'admin.crash program=sekisho-watch'
expect_audit 'session.freeze why=watcher permit=P-1'
expect_audit 'session.thaw why=watcher'
goes_on "$before" "the visit goes on with the next watcher"
for sentence in 'Your session is frozen' '一時凍結しました' 'Your session goes on' '再開しました'; do
	grep -q "$sentence" "$tree/visit" && pass "the visitor reads: $sentence" ||
		fail "the visitor reads: $sentence" "$(grep -v opened "$tree/visit")"
done

# killed in the middle of opens, twice
for _ in 1 2; do
	kill -KILL "$(pids_of sekisho-watch)"
	before=$(opened)
	for _ in {1..50}; do
		[[ $(pids_of sekisho-watch) ]] && break
		sleep 0.2
	done
	goes_on $((before + 20)) "killed in the middle of opens: the visit goes on"
done
is "$(count session.freeze)" "$(count session.thaw)" "each freeze has its end"
is "$(count session.close)" 0 "and the session is the same"
end_visit
is "$(find_audit 'session.close' | jq 'has("opened_files")')" false \
	"what only watchers that were killed had counted is not told as a count"

# the log hangs: it is silent for longer than sessions go on without it
if ((storm > 2000)); then
	begin_visit
	audit=$(pids_of sekisho-audit)
	kill -STOP "$audit"
	for _ in {1..40}; do
		grep -q 'cannot write its log' "$tree/visit" && break
		sleep 1
	done
	before=$(opened)
	expect_text 'The log takes no records' as operator status
	sleep 1
	is "$(opened)" "$before" "while the log hangs no file is opened"
	kill -CONT "$audit"
	goes_on "$before" "the visit goes on when the log does"
	expect_audit 'session.freeze why=log'
	expect_audit 'session.thaw why=log'
	end_visit
fi

# a strict site
echo 'log_down: strict' >>"$tree/etc/site.yaml"
expect_ok as operator policy apply
begin_visit
kill -KILL "$(pids_of sekisho-watch)"
expect_audit 'session.close why~protection'
expect_no_audit 'session.freeze'
wait "$visit"
grep -q '保護機能が停止したため' "$tree/visit" && pass "the visitor reads why, in Japanese" ||
	fail "the visitor reads why, in Japanese" "$(grep -v opened "$tree/visit")"
end_visit
sed -i '/^log_down:/d' "$tree/etc/site.yaml"
expect_ok as operator policy apply

# --- A flood of records ----------------------------------------------------------------

sed -i 's/a_second: .*/a_second: 100/; s/a_day: .*/a_day: 1500/' "$tree/etc/site.yaml"
expect_ok as operator policy apply
expect_audit_from_here
stay 'for i in {1..800}; do cat /data/D-1/people.csv >/dev/null && echo opened; done; sleep 60'
for _ in {1..100}; do
	[[ $(find_audit 'session.freeze') ]] && break
	sleep 0.2
done
expect_audit 'session.freeze why=quota permit=P-1'
flooded=$(find_audit 'session.freeze why=quota' | jq -r .session)
grep -q 'more log records than a day allows' "$tree/visit" && grep -q '記録できる件数' "$tree/visit" &&
	pass "who floods reads why" || fail "who floods reads why" "$(grep -v opened "$tree/visit")"
sleep 0.5
before=$(opened)
is "$(($(count exec ".session == \"$flooded\"") + $(count data.open ".session == \"$flooded\"")))" 1500 \
	"of a session there are as many records as a day allows"
expect_ok alone researcher2 'for i in {1..50}; do cat /data/D-1/D-1.db >/dev/null || exit 1; done'
is "$(count data.open '.file == "D-1.db"')" 50 "a neighbour's records are complete"
expect_text "Session $flooded has made more" as operator status
expect_text '"frozen"' as operator session list --json
is "$(opened)" "$before" "the flooding session stands still"
expect_denied as operator session thaw s0000000000000000
expect_ok as operator session thaw "$flooded"
expect_audit 'session.go_on result=ok'
expect_audit 'session.thaw why=quota'
expect_order session.freeze session.go_on session.thaw
goes_on "$before" "the operator lets it go on"
expect_denied as operator session thaw "$flooded"
expect_ok as operator session end "$flooded"
expect_audit 'session.close why=ended'
wait "$visit"
verify_log
story_done
