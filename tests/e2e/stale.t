#!/bin/bash
# Somebody opts out after the dataset was delivered: the custodian's mark makes
# the delivery stale, the next mount sees the rebuilt one, the old one ends with
# its days and is erased, and reviewers see which releases came from it.
source "$(dirname "$0")/lib.sh"

folder=$tree
with_optouts()
{
	folder=$tree/custodian
	echo id >"$folder/optout.csv"
	sed -i 's/^    subject: .*/&\n    optout: {file: optout.csv, column: id}/' "$folder/D-1.yaml"
	prepare_dataset D-1 P-1 || return 1
	sed -i 's/^toolset: .*/&\nreviewers: 1\nstale_days: 30/' "$tree/etc/site.yaml"
}
story with_optouts

manifest()
{
	sed -n 's/^manifest: //p' "$tree/etc/datasets/D-1.yaml"
}

delivery()
{
	as_operator dataset list --json | jq -r --arg m "$1" ".rows[] | select(.manifest == \$m) | .$2"
}

# is MANIFEST FIELD VALUE SENTENCE
is()
{
	local got _

	for _ in {1..50}; do
		got=$(delivery "$1" "$2")
		[[ $got == "$3" ]] && break
		sleep 0.2
	done
	[[ $got == "$3" ]] && pass "$4" || fail "$4" "$2 is '$got'"
}

# hold NAME: a session of its own that sleeps, until it ends
hold()
{
	(CODES=$tree/codes/hanako SSH_ASKPASS=$tree/askpass SSH_ASKPASS_REQUIRE=force \
		timeout 600 ssh -F "$tree/ssh_config" researcher 'echo begun; sleep 600' \
		</dev/null >"$tree/held-$1" 2>&1
	 echo ended >"$tree/ended-$1") &
	for _ in {1..50}; do
		grep -q begun "$tree/held-$1" 2>/dev/null && return
		sleep 0.2
	done
	fail "a session runs" "$(<"$tree/held-$1")"
}

ends()
{
	for _ in {1..50}; do
		[[ -e $tree/ended-$1 ]] && break
		sleep 0.2
	done
	[[ -e $tree/ended-$1 ]] && pass "$2" || fail "$2" "$(as_operator session list)"
}

first=$(manifest)
is "$first" state current "what the policy names is on the list"
expect_text '^4 ' as researcher 'wc -l /data/D-1/people.csv'
expect_text 'latest|最新' as researcher sekisho catalogue
expect_ok as researcher \
	"printf 'age,n\n40-49,120\n' >/out/t.csv; sekisho submit --purpose 'A table' /out/t.csv"
expect_text 'approved|approve' console reviewer "file 1 1" "vote 1 approve all"
expect_audit 'release.done result=ok request=1'
expect_no 'P-1' as reviewer stale
hang_up researcher

# --- The mark ---------------------------------------------------------------------

echo 2 >>"$folder/optout.csv"
build/bin/sekisho-prepare optout check "$folder/bundle" --recipe "$folder/D-1.yaml" \
	--keys "$folder/keys" --public "$folder/keys/signing.pub" --out "$folder/mark" >/dev/null 2>&1
chmod 644 "$folder/mark"
grep -q "$first" "$folder/mark" && pass "the custodian marks what was delivered" ||
	fail "the custodian marks what was delivered" "$(<"$folder/mark")"

# refused SENTENCE: nothing of it is believed
refused()
{
	expect_denied as operator dataset stale "$tree/bad"
	pass "not a mark: $1"
	[[ $said == *"$2"* ]] && pass "and says why: $2" || fail "and says why: $2" "$said"
	chmod u+w "$tree/bad"
}
expect_audit_from_here
head -n 1 "$folder/mark" >"$tree/bad"
refused "its first line alone" "two lines"
sed 's/P-1/P-2/' "$folder/mark" >"$tree/bad"
refused "for another permit" "P-2"
sed 's/"at":/&1/' "$folder/mark" >"$tree/bad"
refused "a line that was changed" "not signed"
sed 's/"at"/ &/' "$folder/mark" >"$tree/bad"
refused "another spelling" "two lines"
{ head -n 1 "$folder/mark"; head -c 64 /dev/zero | base64 -w0; echo; } >"$tree/bad"
refused "another signature" "not signed"
expect_no_audit 'dataset.stale'
is "$first" state current "the delivery is what it was"

hold one
# a broken policy folder does not matter
echo 'not: [yaml' >"$tree/etc/permits/broken.yaml"
expect_audit_from_here
expect_text 'until' as operator dataset stale "$folder/mark"
rm "$tree/etc/permits/broken.yaml"
expect_audit "dataset.stale result=ok dataset=D-1 permit=P-1 manifest=$first sessions=1 requests=0 releases=1 days=30"
expect_audit 'admin.act verb~stale'
find_audit 'dataset.stale' | grep -E '"2"|hanako|jiro' | none "the record names no person"
expect_denied as operator dataset stale "$folder/mark"
is "$first" state being_replaced "it is being replaced"
expect_text '"stale": ?1' as operator status --json
[[ ! -e $tree/ended-one ]] && pass "a session over it goes on for its days" ||
	fail "a session over it goes on for its days"
expect_text '差し替え予定' as researcher sekisho catalogue
expect_text '差し替えられます' as researcher 'true; sekisho welcome'
expect_text 'P-1 .*D-1|D-1' as reviewer stale
expect_text '"request": ?1' as reviewer stale --json

# --- Rebuilt ------------------------------------------------------------------------

prepare_dataset D-1 P-1
second=$(manifest)
[[ $second != "$first" ]] && pass "the rebuilt delivery is another one" ||
	fail "the rebuilt delivery is another one"
expect_ok as operator policy apply
is "$second" state current "the rebuilt delivery is the current one"
is "$first" state replaced "the old one was replaced"
expect_text '^3 ' alone researcher 'wc -l /data/D-1/people.csv'
[[ ! -e $tree/ended-one ]] && pass "who had the old one mounted keeps it for its days" ||
	fail "who had the old one mounted keeps it for its days"
is "$first" sessions 1 "the list says that one session has it"
expect_denied as operator dataset remove D-1 "$first"
[[ $said == *"in use"* ]] && pass "what is in use is not erased" || fail "what is in use is not erased" "$said"
expect_denied as operator dataset remove D-1 "$second"
hang_up researcher

# --- Restart, and the end of its days --------------------------------------------------

expect_audit_from_here
sed -i 's/^stale_days: .*/stale_days: 0/' "$tree/etc/site.yaml"
expect_ok as operator policy apply
ends one "when the days are over the session ends"
expect_audit 'session.end result=ok permit=P-1 why=stale'
expect_ok alone researcher true

# back to the old one: no policy can bring it back
sed -i "s/^manifest: .*/manifest: $first/" "$tree/etc/datasets/D-1.yaml"
expect_ok as operator policy apply
expect_audit_from_here
expect_denied alone researcher true
[[ $said == *D-1*取り下げ* ]] && pass "the person reads that it was withdrawn" ||
	fail "the person reads that it was withdrawn" "$said"
expect_audit 'channel.open result=deny reason=stale'
stop_gateway
start_gateway && pass "the gateway starts again" || fail "the gateway starts again"
is "$first" state withdrawn "a restart does not forget"
expect_denied alone researcher true
sed -i "s/^manifest: .*/manifest: $second/" "$tree/etc/datasets/D-1.yaml"
expect_ok as operator policy apply
expect_ok alone researcher true

# --- Erased -----------------------------------------------------------------------------

expect_audit_from_here
expect_denied as operator dataset remove D-1 0123
expect_ok as operator dataset remove D-1 "$first"
expect_audit "dataset.remove result=ok dataset=D-1 permit=P-1 manifest=$first order~."
find "$tree/state/datasets/D-1" -name "*$first*" | none "its files are gone"
[[ -e $tree/state/datasets/D-1/$second/data/people.csv ]] && pass "and no others" ||
	fail "and no others"
is "$first" state erased "the list says so"
expect_denied as operator dataset remove D-1 "$first"
expect_text '^3 ' alone researcher 'wc -l /data/D-1/people.csv'
expect_text '"request": ?1' as reviewer stale --json

verify_log
story_done
