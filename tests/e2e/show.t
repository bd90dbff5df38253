#!/bin/bash
# An operator or auditor asks what a live session is made of: it is measured
# then and there, compared with the plan, and the answer is on record.
source "$(dirname "$0")/lib.sh"

# A session with a program that stays; sets session
live()
{
	local _

	as researcher sleep 300 >/dev/null 2>&1 &
	sleeper=$!
	for _ in {1..100}; do
		session=$(as operator session list --json 2>/dev/null |
			jq -r '.rows[] | select(.state == "running") | .session')
		[[ $session ]] && return
		sleep 0.1
	done
}

# show FILE [WORD…]: the operator's answer as JSON, its exit status in $status
show()
{
	as operator sandbox show "$session" "${@:2}" --json >"$1" 2>&1
	status=$?
}

row()
{
	jq -r --arg item "$2" '.rows[] | select(.item == $item) | .found + "|" + .state' "$1"
}

# The SHA-256 of an answer's rows, as sekishoctl(8) says
rows_hash()
{
	jq -j '.rows[] | [.item, .found, .planned, .state] | join("\t") + "\n"' "$1" |
		sha256sum | cut -d' ' -f1
}

story
live
before=$tree/tmp/before
show "$before"
((status == 0)) && [[ $(jq '[.rows[] | select(.state == "differs")] | length' "$before") == 0 ]] &&
	pass "a session is as planned" ||
	fail "a session is as planned" "$(jq -c '.rows[] | select(.state == "differs")' "$before"; head -c 400 "$before")"
jq -r '.rows[].item' "$before" >"$tree/tmp/items"
for item in namespace.user uid_map mount./data/D-1 limit.pids.max process. init.fd.3 \
	filter.sha256 landlock.abi landlock./workspace toolset.analysis dataset.D-1; do
	grep -qF "$item" "$tree/tmp/items" || echo "$item"
done | none "namespaces, maps, mounts, limits, processes, descriptors and tables are shown"
[[ $(row "$before" toolset.analysis) == "$(cat build/cache/analysis.erofs.sha256)|built_in" ]] &&
	pass "the toolset's hash is shown" || fail "the toolset's hash is shown" "$(row "$before" toolset.analysis)"
expect_audit "session.start toolset_sha256=$(cat build/cache/analysis.erofs.sha256)"
expect_audit "session.show result=ok session=$session permit=P-1 actor=operator-op role=operator"
expect_audit "session.shown session=$session differ=0 sha256=$(rows_hash "$before")"
expect_order session.show session.shown

inside=$(jq -r '.rows[] | select(.found | test("filters 4")) | .item' "$before" | head -n 1)
loaded=$(python3 tests/e2e/behind.py filter "${inside#process.}" 2>&1)
[[ $(row "$before" filter.sha256) == "$loaded|built_in" ]] &&
	pass "the filter that the kernel has is the one shown" ||
	fail "the filter that the kernel has is the one shown" "$loaded, not $(row "$before" filter.sha256)"
show "$tree/tmp/rules" filter
jq -r '.rows[].found' "$tree/tmp/rules" >"$tree/tmp/printed"
tr -s ' ' <tests/golden/user.filter.txt | sed 's/^ //' | diff - "$tree/tmp/printed" |
	none "the filter can be read rule by rule"

expect_text "as planned" as auditor sandbox show "$session"
expect_audit "session.show session=$session role=auditor"
expect_text "計画どおり" env LC_ALL=ja_JP.UTF-8 bash -c "$(declare -f as_operator); tree=$tree operator_uid=$operator_uid; as_operator sandbox show $session"
expect_denied as reviewer sandbox show "$session"
expect_denied as researcher sekisho sandbox show "$session"
expect_denied as operator sandbox show s0000000000000000
expect_denied as operator sandbox show "$session" everything

as operator toolset list "$tree/state/toolsets" --json >"$tree/tmp/toolsets" 2>&1
[[ $(jq -c '.rows[] | [.toolset, .sessions]' "$tree/tmp/toolsets") == '["analysis",1]' ]] &&
	pass "a toolset's sessions are counted" || fail "a toolset's sessions are counted" "$(cat "$tree/tmp/toolsets")"

# What root changes behind the gateway's back shows.
find /sys/fs/cgroup -path "*/sekisho-$(instance)/$session/pids.max" \
	-exec sh -c 'echo 4000 >"$1"' - '{}' \;
python3 tests/e2e/behind.py mount "${inside#process.}"
after=$tree/tmp/after
show "$after"
((status == 1)) && pass "a session that differs is a failure" || fail "a session that differs is a failure" "status $status"
[[ $(row "$after" limit.pids.max) == "4000|differs" ]] &&
	pass "a limit that was lifted is seen" || fail "a limit that was lifted is seen" "$(row "$after" limit.pids.max)"
[[ $(row "$after" mount./tmp) == *differs* ]] &&
	pass "a mount that was added is seen" || fail "a mount that was added is seen" "$(row "$after" mount./tmp)"
expect_audit "session.shown session=$session differ=2 sha256=$(rows_hash "$after")"
kill "$sleeper" 2>/dev/null
verify_log
story_done
