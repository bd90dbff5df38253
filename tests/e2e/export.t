#!/bin/bash
# One output, from /out to the researcher's own computer: checked, submitted,
# looked at and voted on by two reviewers, released, fetched, verified. Then
# what dies on the way: no release is lost, and none is made twice.
source "$(dirname "$0")/lib.sh"
story

# submit FILE CONTENT: a request of one file
submit()
{
	expect_text '1 |申請番号' as researcher \
		"printf '$2' >/out/$1; sekisho submit --purpose 'Table of the paper' /out/$1"
}

# vote REVIEWER REQUEST: look, as one must, and approve
vote()
{
	expect_text 'approved|approve|承認' console "$1" "file $2 1" "vote $2 approve all"
}

released()
{
	local _

	for _ in {1..100}; do
		compgen -G "$tree/state/requests/released/P-1/*/$1/receipt.json" >/dev/null && break
		sleep 0.2
	done
	compgen -G "$tree/state/requests/released/P-1/*/$1/receipt.json" >/dev/null &&
		pass "request $1 is released: $2" || fail "request $1 is released: $2" "$(tail -n 5 "$tree/gateway.log")"
}

# --- In order ---------------------------------------------------------------------

table='age,n\n40-49,120\n50-59,150\n'
expect_text . as researcher "printf '$table' >/out/table.csv; sekisho check /out/table.csv"
expect_audit 'request.check result=ok phase=begin order~.'
expect_audit 'request.check result=ok phase=done verdict=clear'
submit table.csv "$table"
expect_audit 'request.submit result=ok request=1 files=1'
expect_denied fetch researcher /released/1 "$tree/early"
expect_denied alone reviewer vote 1 approve all
expect_audit 'request.vote result=deny request=1'
vote reviewer 1
grep -q '40-49' <<<"$said" && pass "a reviewer sees the cells" || fail "a reviewer sees the cells" "$said"
expect_audit 'request.view result=ok request=1 order~.'
expect_no_audit 'release.open'
vote reviewer2 1
released 1 "two approved it"
expect_audit 'release.done result=ok request=1'
expect_order request.submit request.view request.approve release.open release.done

expect_ok fetch researcher /released/1 "$tree/got"
printf "%b" "$table" | cmp -s - "$tree/got/table.csv" && pass "what comes is what was reviewed" ||
	fail "what comes is what was reviewed" "$(ls -l "$tree/got")"
expect_audit "files.read view=released phase=done sha256=$(sha256sum <"$tree/got/table.csv" | cut -c 1-64)"
expect_denied fetch researcher2 /released/1 "$tree/other"

key=$(<"$tree/state/audit/key.pub")
receipt()
{
	build/bin/sekisho-verify receipt --key "$key" "$tree/got/receipt.json" \
		"$tree/got/receipt.tlog-proof" "$tree/got/table.csv"
}
expect_ok receipt
printf 'age,n\n40-49,120\n50-59,151\n' >"$tree/got/table.csv"
expect_denied receipt

# --- Many at once ------------------------------------------------------------------------

expect_audit_from_here
expect_text '^status 0$' as researcher \
	'cd /out; for i in {1..100}; do cp table.csv f$i.csv; done; sekisho check f*.csv >/dev/null; echo status $?; rm f*.csv'
expect_audit 'request.check phase=done'
expect_no_audit 'admin.crash'

# --- The same table a month later, with one person more --------------------------------

expect_audit_from_here
expect_text 'D01_CELL_DIFF' as researcher \
	"printf 'age,n\n40-49,121\n50-59,150\n' >/out/later.csv; sekisho check /out/later.csv; true"
expect_audit 'request.check phase=done verdict=block'

# --- A file that nothing can be made of ----------------------------------------------

expect_audit_from_here
expect_text '^status 2$' as researcher \
	'head -c 100000 /dev/urandom >/out/x.csv; sekisho check /out/x.csv >/dev/null; echo status $?'
expect_audit 'request.check phase=done verdict=block'

# --- The store dies between the order and the release ----------------------------------

# ordered REQUEST: both approve; the store hangs when the release is ordered
ordered()
{
	vote reviewer "$1"
	expect_text '40-49' console reviewer2 "file $1 1"
	kill -STOP "$(pids_of sekisho-store)"
	expect_text 'approved|承認' console reviewer2 "vote $1 approve all"
	expect_audit "release.open result=ok request=$1 order~."
	compgen -G "$tree/state/requests/released/P-1/*/$1" |
		none "the order stands and nothing is released yet: request $1"
}

expect_audit_from_here
submit second.csv "$table"
ordered 2
kill -KILL "$(pids_of sekisho-store)"
released 2 "the store died meanwhile"
expect_audit 'release.done result=ok request=2'

# --- The supervisor dies there --------------------------------------------------------------

expect_audit_from_here
submit third.csv "$table"
ordered 3
kill -KILL "$(pids_of sekishod | grep -vx "$gateway_pid")"
expect_audit 'admin.start recovered~signal'
released 3 "the supervisor died meanwhile"
expect_audit 'release.done result=ok request=3'
[[ $(find_audit 'release.open request=3' | wc -l) == 1 ]] &&
	pass "one release is on record" ||
	fail "one release is on record" "$(find_audit 'release.open request=3')"

verify_log
story_done
