#!/bin/bash
# An auditor asks the log: who opened a dataset, a session in order, what left;
# and takes proofs home. The index is nothing that anybody has to believe.
source "$(dirname "$0")/lib.sh"
story

expect_ok as researcher 'sqlite3 /data/D-1/*.sqlite "select count(*) from sqlite_schema"; true'
expect_ok as researcher 'cat /data/D-1/* >/dev/null; true'
hang_up researcher
expect_audit 'data.open dataset=D-1'
expect_audit 'session.close'
session=$(find_audit 'session.close' | jq -r .session | tail -n 1)
log=$tree/state/audit

# shown JSON of a verb: the indexes of its records
indexes()
{
	jq -r '.rows[].index' <<<"$said" | xargs
}

# expect_same FILTER VERB…: the auditor is shown what jq finds in the log
expect_same()
{
	local filter=$1 want

	shift
	want=$(records | jq -r "select($filter) | ._i" | xargs)
	run as auditor search "$@" -n 300 --json
	if ((status == 0)) && [[ $want && $(indexes) == "$want" ]]; then
		pass "search $* is what jq finds"
	else
		fail "search $* is what jq finds" "status $status: $(indexes); jq: $want; $said"
	fi
}

expect_same '.event == "data.open" and .dataset == "D-1"' \
	--dataset D-1 --event data.open --since 1h --until now
expect_same ".session == \"$session\"" --session "$session"
expect_same '.event | startswith("dataset.")' --event 'dataset.*'
expect_text 'These are all of them: 0' as auditor search --left P-1
expect_audit 'audit.read verb=search asked=session'
expect_audit 'audit.read verb=search asked~^event=data.open.dataset.time$'
expect_denied as auditor search
expect_denied as auditor search --since sometime
expect_denied as researcher2 sekisho search --session "$session"
expect_text 'セッション' env LC_ALL=ja_JP.UTF-8 build/bin/sekishoctl help audit search

# the same from the folder, with an index of its own and without
expect_text "$session" build/bin/sekishoctl audit search --session "$session" --log "$log" --index "$tree/tmp/index"
build/bin/sekishoctl audit search --lines --session "$session" --log "$log" --index "$tree/tmp/index" >"$tree/tmp/with"
build/bin/sekishoctl audit search --lines --session "$session" --log "$log" --all >"$tree/tmp/all"
records | grep -F "\"session\":\"$session\"" >"$tree/tmp/want"
cmp -s "$tree/tmp/with" "$tree/tmp/want" && cmp -s "$tree/tmp/all" "$tree/tmp/want" &&
	pass "records are printed as they stand" || fail "records are printed as they stand"

# the operator's own reading of the gateway's log, where it stands by default
here()
{
	unshare -m bash -c 'mount -t tmpfs none /var/lib && mkdir /var/lib/sekisho &&
		ln -s "$1/state/audit" /var/lib/sekisho/audit &&
		exec build/bin/sekishoctl --run "$2" audit search --session "$3"' - "$tree" "$1" "$session"
}
expect_text "$session" here "$tree/run"
expect_audit 'admin.act verb~audit.read'
expect_text 'not on record' here "$tree/nowhere"

# for a SIEM
run as auditor ocsf --session "$session" -n 300
((status == 0)) && [[ $(jq -r 'select(.metadata.version == "1.6.0") | .unmapped._i' <<<"$said" | xargs) == \
	"$(jq -r ._i "$tree/tmp/want" | xargs)" ]] &&
	pass "the same records as OCSF" || fail "the same records as OCSF" "$said"

# proofs, once all of that is signed
sleep 1.5
as auditor proof 3 >"$tree/tmp/proof"
build/bin/sekishoctl audit proof 3 --log "$log" >"$tree/tmp/proof_here"
[[ $(head -n 2 "$tree/tmp/proof") == "$(head -n 2 "$tree/tmp/proof_here")" ]] &&
	grep -q '^— ' "$tree/tmp/proof" && pass "a proof is taken home" ||
	fail "a proof is taken home" "$(<"$tree/tmp/proof")"
expect_text '^old 3' as auditor consistency 3 latest
expect_denied as auditor proof 99999999
expect_denied as auditor consistency 1 2 3
expect_audit 'audit.read verb=proof'
expect_audit 'audit.read verb=consistency'

# the index dies, and its file is thrown away
rm -f "$tree/state/index/index-wal"
index_pid=$(gateway_processes | awk '/sekisho-index/ { print $1; exit }')
printf 'no database, but a file of more bytes than SQLite reads to know that %0200d' 1 >"$tree/state/index/index"
kill -KILL "$index_pid"
expect_audit 'admin.crash program=sekisho-index'
hang_up auditor
again()
{
	local _

	for _ in {1..20}; do
		alone auditor search --session "$session" && return 0
		sleep 0.5
	done
	return 1
}
expect_text "$session" again
verify_log
story_done
