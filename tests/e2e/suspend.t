#!/bin/bash
# A right that ends: sessions end with it, at once, and the log says why.
source "$(dirname "$0")/lib.sh"
story

# A session of before may still be there for some seconds: the command itself
# must say that it runs.
hold()
{
	(as "$1" 'echo begun; sleep 60' >"$tree/holds-$1" 2>&1; echo ended >"$tree/ended-$1") &
	for _ in {1..50}; do
		grep -q begun "$tree/holds-$1" 2>/dev/null && return
		sleep 0.2
	done
	fail "a session of $1 runs" "$(as_operator session list)"
}

# ends PERSON WHAT THEY READ
ends()
{
	for _ in {1..50}; do
		[[ -e $tree/ended-$1 ]] && break
		sleep 0.2
	done
	[[ -e $tree/ended-$1 ]] && pass "the session of $1 ended" ||
		fail "the session of $1 ended" "$(as_operator session list)"
	grep -q "$2" "$tree/holds-$1" && pass "its person reads why: $2" ||
		fail "its person reads why: $2" "$(cat "$tree/holds-$1")"
	rm -f "$tree/ended-$1" "$tree/holds-$1"
	wait
}

hold researcher
expect_ok as operator suspend permit P-1 "a question of the committee"
ends researcher '許可 P-1 は停止されています'
expect_audit 'admin.act result=ok permit=P-1 verb=suspend'
expect_audit 'session.end result=ok why=permit_suspended'
expect_denied as researcher true
expect_audit 'channel.open result=deny reason=permit_suspended'
expect_ok as operator lift permit P-1
expect_ok as researcher true

hold researcher
sed -i 's/  processes: .*/  processes: 64/' "$tree/etc/permits/P-1.yaml"
expect_ok as operator policy apply
ends researcher '許可の内容が変わりました'
expect_audit 'session.end result=ok why=changed'
expect_ok as researcher true

hold researcher
expect_ok as operator suspend person hanako "left the institute"
ends researcher 'アカウントは停止されています'
expect_audit 'session.end result=ok why=person_suspended'
expect_denied as researcher sekisho whoami
expect_ok as researcher2 true
expect_denied as operator suspend person nobody "a typing error"

# the whole site
expect_ok as operator lift person hanako
hold researcher
expect_ok as operator stop-all "something is wrong"
ends researcher 'すべての作業を停止しています'
expect_audit 'admin.act result=ok verb=stop-all'
expect_audit 'session.end result=ok why=site_stopped'
expect_denied as researcher sekisho whoami
grep -q '停止しています' <<<"$said" && pass "the person reads why" || fail "the person reads why" "$said"
run as reviewer whoami
((status != 0)) && pass "a reviewer is not let in" || fail "a reviewer is not let in" "$said"
expect_text 'STOPPED' as operator status
expect_text 'aiko' as auditor whoami
stop_gateway && start_gateway
hang_up researcher
expect_denied as researcher true
hang_up researcher
expect_ok as operator lift site
expect_denied as operator lift site
expect_ok as researcher true

# an authenticator, made by the operator, beside the printed list
uri=$(as_operator factor add jiro totp --json | grep -o 'otpauth://[^"]*')
secret=$(sed 's/.*secret=\([A-Z2-7]*\).*/\1/' <<<"$uri")
code=$(oathtool --totp --base32 "$secret")
printf '%s\n%s\n' "$code" "$code" >"$tree/codes/jiro"
expect_ok alone researcher2 true
expect_audit 'auth.code result=ok factor=totp'
expect_denied alone researcher2 true
expect_audit 'auth.code result=deny reason=wrong_code'

verify_log
story_done
