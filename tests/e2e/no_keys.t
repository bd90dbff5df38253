#!/bin/bash
# The keys are not in the room: neither the key of a permit's pseudonyms nor
# what it is wrapped under lies anywhere at the gateway, in no file, no process
# and no sandbox, after a visit and a release.
source "$(dirname "$0")/lib.sh"

one_reviewer()
{
	sed -i 's/^toolset: .*/&\nreviewers: 1/' "$tree/etc/site.yaml"
}
story one_reviewer

find_keys()
{
	python3 tests/e2e/find_keys.py "$tree/custodian" "$@"
}

# The gateway's own side of the tree. The custodian's folder is another host's;
# the toolset was built before there was a key.
gateway_side()
{
	find "$tree" -mindepth 1 -maxdepth 1 ! -name custodian ! -name state
	find "$tree/state" -mindepth 1 -maxdepth 1 ! -name toolsets
}

# nowhere SENTENCE
nowhere()
{
	local folders

	mapfile -t folders < <(gateway_side)
	find_keys files "${folders[@]}" 2>"$tree/custodian/seen" | none "$1"
	[[ $(cut -d' ' -f1 "$tree/custodian/seen") -gt 30 ]] &&
		pass "and more than a few files were searched" ||
		fail "and more than a few files were searched" "$(<"$tree/custodian/seen")"
}

# --- A visit and a release ---------------------------------------------------------------

expect_text '^4 ' as researcher 'wc -l /data/D-1/people.csv'
expect_ok as researcher \
	'cp /data/D-1/D-1.db /workspace; printf "age,n\n40-49,120\n" >/out/t.csv; sekisho submit --purpose "A table" /out/t.csv'
expect_text 'approved|approve' console reviewer "file 1 1" "vote 1 approve all"
expect_audit 'release.done result=ok request=1'
expect_ok fetch researcher /released/1 "$tree/got"

# --- Inside ---------------------------------------------------------------------------------

said=$(find_keys inside | ssh_as researcher -o ControlPath="$tree/cm-%n" researcher 'python3 -' 2>&1)
sed '/^control/,$d' <<<"$said" | grep FOUND | none "no file that a session can read holds a key"
[[ $(sed -n 's/^seen //p' <<<"$said") -gt 20 ]] && pass "and more than a few files were read there" ||
	fail "and more than a few files were read there" "$said"
sed -n '/^control/,$p' <<<"$said" | grep -q 'FOUND 0 /workspace/planted' &&
	pass "a copy that is planted there is found" || fail "a copy that is planted there is found" "$said"

# --- In processes ------------------------------------------------------------------------------

mapfile -t pids < <(gateway_processes | cut -d' ' -f1)
find_keys memory "${pids[@]}" 2>"$tree/custodian/seen" | none "no process of the gateway holds a key"
[[ $(cut -d' ' -f1 "$tree/custodian/seen") -gt 8 ]] && pass "and all that live were searched" ||
	fail "and all that live were searched" "$(<"$tree/custodian/seen")"
KEY=$(base64 -d "$tree/custodian/keys/wrapping.key" | xxd -p -c 64) sleep 60 &
control=$!
find_keys memory "$control" 2>/dev/null | grep -q 'wrapping in hex' &&
	pass "a process that has one is found" || fail "a process that has one is found"
kill "$control" && wait "$control" 2>/dev/null

# --- In files -----------------------------------------------------------------------------------

hang_up researcher
nowhere "no file of the gateway holds a key while it runs"
stop_gateway
nowhere "nor when it has stopped"
find_keys plant "$tree/state/requests/planted"
for form in 'permit as it is' 'permit in hex' 'permit in base64' 'person as it is' \
	'wrapping as it is' 'wrapping in hex' 'wrapping in base64' 'signing as it is'; do
	find_keys files "$tree/state/requests" 2>/dev/null | grep -q "planted: $form" ||
		echo "$form"
done | none "a copy that is planted is found in each form"
rm "$tree/state/requests/planted"

verify_log
story_done
