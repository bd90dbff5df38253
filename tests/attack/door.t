#!/bin/bash
# Clients that do not keep to the protocol: nobody gets in, nobody is hurt.
source "$(dirname "$0")/../e2e/lib.sh"
story

expect_ok alone researcher true
key=$tree/keys/hanako
programs()
{
	gateway_processes | grep -cE 'sekishod|sekisho-(audit|policy|keys|listen|store|watch|spawn)'
}
before=$(programs)
expect_audit_from_here
lines=$(timeout 240 /usr/bin/python3 -W ignore tests/attack/door.py "$port" hanako jiro "$key" \
	"$tree/codes/hanako" 2>"$tree/door.err")
while read -r how what; do
	[[ $how == ok ]] && pass "$what" || fail "$what" "$(tail -n 5 "$tree/door.err")"
done <<<"$lines"
[[ $(wc -l <<<"$lines") == $(grep -c '^    ("' tests/attack/door.py) ]] &&
	pass "every attempt was made" || fail "every attempt was made" "$lines"
[[ $(programs) == "$before" ]] && pass "no service died" ||
	fail "no service died" "$(gateway_processes)"
expect_no_audit 'admin.crash'
# the one name that had key and code
find_audit 'auth.login result=ok' | jq -r .actor | sort -u | wc -l | grep -vx 1 |
	none "nobody else logged in"

# --- Certificates ------------------------------------------------------------------

ssh-keygen -q -t ed25519 -N '' -f "$tree/keys/ca"
ssh-keygen -q -s "$tree/keys/ca" -I any -n hanako "$key.pub"
run with -v -o CertificateFile="$key-cert.pub" -- researcher true
grep -E 'Offering public key.*CERT' <<<"$said" >/dev/null && pass "a certificate is offered" ||
	fail "a certificate is offered" "$said"
grep -E 'accepts key.*CERT' <<<"$said" | none "and not taken"
rm -f "$key-cert.pub"

expect_ok alone researcher true
verify_log
story_done
