#!/bin/bash
# An auditor copies the log, verifies it elsewhere, and finds one flipped byte.
source "$(dirname "$0")/lib.sh"
story

expect_ok as researcher true
hang_up researcher
expect_audit 'session.close'
sleep 1.5

copy=$tree/copy
mkdir "$copy"
expect_audit_from_here
fetch_log()
{
	CODES=$tree/codes/aiko SSH_ASKPASS=$tree/askpass SSH_ASKPASS_REQUIRE=force \
		timeout 60 sftp -F "$tree/ssh_config" -r auditor:/audit "$copy" </dev/null
}
expect_ok fetch_log
expect_audit 'files.open view=audit'
expect_audit 'files.read result=ok'
expect_audit 'files.close'

log=$(dirname "$(find "$copy" -name checkpoint | head -n 1)")
expect_ok build/bin/sekisho-verify "$log"

segment=$(find "$log/seg" -name '*.jsonl' | head -n 1)
lines=$(wc -l <"$segment")
for line in 1 $((lines / 2)) $((lines - 1)); do
	cp "$segment" "$tree/whole"
	offset=$(head -n "$line" "$segment" | wc -c)
	printf 'X' | dd of="$segment" bs=1 seek=$((offset - 20)) conv=notrunc status=none
	run build/bin/sekisho-verify "$log"
	if ((status == 1)) && grep -qE "\b$((line - 1))\b" <<<"$said"; then
		pass "a byte changed in entry $((line - 1)) is named"
	else
		fail "a byte changed in entry $((line - 1)) is named" "status $status: $said"
	fi
	cp "$tree/whole" "$segment"
done
sed -i '2d' "$segment"
run build/bin/sekisho-verify "$log"
((status == 1)) && pass "a missing entry is found" ||
	fail "a missing entry is found" "status $status: $said"
cp "$tree/whole" "$segment"
expect_ok build/bin/sekisho-verify "$log"

# a console, not a shell; and nobody else reads the log
expect_text 'log' as auditor help
expect_denied as auditor id
not_log()
{
	CODES=$tree/codes/jiro SSH_ASKPASS=$tree/askpass SSH_ASKPASS_REQUIRE=force \
		timeout 60 sftp -F "$tree/ssh_config" researcher2:/audit/checkpoint "$tree/tmp" </dev/null
}
expect_denied not_log
grep -q 'not found' <<<"$said" && pass "for others there is no log" ||
	fail "for others there is no log" "$said"

story_done
