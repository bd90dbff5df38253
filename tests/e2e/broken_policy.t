#!/bin/bash
# Broken policy files: every error at once, and the old policy stays in force.
source "$(dirname "$0")/lib.sh"
story

cp -r "$tree/etc" "$tree/good"
epoch=$(as_operator status --json | jq -r '.. | .epoch? // empty' | head -n 1)
[[ $epoch =~ ^[1-9][0-9]*$ ]] && pass "the policy in force has an epoch" ||
	fail "the policy in force has an epoch" "'$epoch'"

restore()
{
	rm -rf "${tree:?}/etc"/*
	cp -r "$tree/good"/. "$tree/etc"
}

# refused SENTENCE EXPRESSION…: apply says all of these, and nothing changes
refused()
{
	local sentence=$1 expression now

	shift
	expect_audit_from_here
	run as operator policy apply
	((status != 0 && status != 124)) && pass "$sentence" ||
		fail "$sentence" "status $status: $said"
	for expression; do
		grep -qE -- "$expression" <<<"$said" && pass "it says $expression" ||
			fail "it says $expression" "$said"
	done
	expect_audit 'policy.apply result=deny'
	now=$(as_operator status --json | jq -r '.. | .epoch? // empty' | head -n 1)
	[[ $now == "$epoch" ]] && pass "the old policy stays in force" ||
		fail "the old policy stays in force" "epoch $epoch, now $now"
	restore
}
echo 'colour: red' >>"$tree/etc/site.yaml"
sed -i 's/^ends: .*/ends: 2099-02-30/' "$tree/etc/permits/P-1.yaml"
echo 'version: 1' >>"$tree/etc/people/jiro.yaml"
sed -i 's/roles: .*/roles: [king]/' "$tree/etc/people/rei.yaml"
refused "four errors in four files are refused" \
	"site.yaml:[0-9]+:.*colour" "permits/P-1.yaml:[0-9]+:.*2099-02-30" \
	"people/jiro.yaml:[0-9]+:.*version" "people/rei.yaml:[0-9]+:.*king"

head -c 4096 /dev/urandom >"$tree/etc/permits/P-1.yaml"
refused "a binary file is refused" 'permits/P-1.yaml'
: >"$tree/etc/permits/P-1.yaml"
refused "an empty file is refused" 'permits/P-1.yaml'
rm "$tree/etc/site.yaml"
refused "a missing site.yaml is refused" 'site.yaml'
{ cat "$tree/good/permits/P-1.yaml"; yes '# filler' | head -c 10M; } >"$tree/etc/permits/P-1.yaml"
refused "10 MB are refused" 'permits/P-1.yaml'
{ printf 'version: '; head -c 100000 /dev/zero | tr '\0' '['; } >"$tree/etc/permits/P-1.yaml"
refused "100,000 brackets are refused" 'permits/P-1.yaml'
printf 'a: &a [x]\nb: *a\n' >"$tree/etc/permits/P-1.yaml"
refused "an alias is refused" 'permits/P-1.yaml'

# the same without a gateway
echo 'colour: red' >>"$tree/etc/site.yaml"
sed -i 's/^starts: .*/starts: soon/' "$tree/etc/permits/P-1.yaml"
run build/bin/sekishoctl policy check "$tree/etc"
((status != 0)) && grep -q colour <<<"$said" && grep -q soon <<<"$said" &&
	pass "policy check lists all errors offline" ||
	fail "policy check lists all errors offline" "$said"
restore
expect_ok build/bin/sekishoctl policy check "$tree/etc"

expect_audit_from_here
sed -i 's/^title: .*/title: A better title/' "$tree/etc/permits/P-1.yaml"
expect_ok as operator policy apply
expect_audit 'policy.apply result=ok'
now=$(as_operator status --json | jq -r '.. | .epoch? // empty' | head -n 1)
((now > epoch)) && pass "a good policy has a higher epoch" ||
	fail "a good policy has a higher epoch" "epoch $epoch, now $now"
expect_text 'hanako|P-1' as researcher sekisho whoami

# an address that the host has not: the old one serves, each apply tries again
tries()
{
	grep -c 'ORDER_SITE: listen on 192.0.2.77' "$tree/gateway.log"
}
sed -i 's/^  address: .*/  address: 192.0.2.77/' "$tree/etc/site.yaml"
for n in 1 2; do
	as operator policy apply >/dev/null 2>&1
	for _ in {1..25}; do
		(($(tries) >= n)) && break
		sleep 0.2
	done
	[[ $(tries) == "$n" ]] && pass "apply $n tries the new address" ||
		fail "apply $n tries the new address" "$(tail -n 5 "$tree/gateway.log")"
done
expect_text hanako alone researcher sekisho whoami

verify_log

# and a gateway that never had one says so and ends, not as if it was stopped
stop_gateway
timeout 20 build/bin/sekishod --config "$tree/etc" --state "$tree/state" \
	--run "$tree/run" --programs "$PWD/build/bin" --uid-base 1700000000 \
	--origin story.example/log >"$tree/said" 2>&1
status=$?
[[ $status == 1 && $(<"$tree/said") == *"listen on 192.0.2.77"* ]] &&
	pass "a gateway that cannot listen does not start" ||
	fail "a gateway that cannot listen does not start" "status $status: $(<"$tree/said")"
story_done
