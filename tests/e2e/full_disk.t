#!/bin/bash
# No room for the log: work stops; nothing happens that is not on record.
source "$(dirname "$0")/lib.sh"

small_log()
{
	mkdir -p "$tree/state/audit"
	mount -t tmpfs -o size=256k,mode=750 story-log "$tree/state/audit"
}
story small_log

expect_ok as researcher true
head -c 1M /dev/zero >"$tree/state/audit/filler" 2>/dev/null
sync
expect_audit_from_here
# a few records may still fit into the last page
for _ in {1..40}; do
	run alone researcher2 sekisho whoami
	((status != 0)) && break
done
((status != 0)) && pass "with a full disk, nobody gets in" ||
	fail "with a full disk, nobody gets in"
expect_denied as researcher true
records >"$tree/acknowledged"
rm "$tree/state/audit/filler"
stop_gateway
start_gateway || fail "with room again, the gateway starts" "$(tail -n 5 "$tree/gateway.log")"
records | head -n "$(wc -l <"$tree/acknowledged")" |
	cmp -s - <(head -n "$(wc -l <"$tree/acknowledged")" "$tree/acknowledged") &&
	pass "no record was lost" || fail "no record was lost"
expect_ok alone researcher2 sekisho whoami
verify_log
hang_up researcher
stop_gateway
umount "$tree/state/audit" || fail "the log's folder is free after the stop"

story_done
