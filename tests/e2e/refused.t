#!/bin/bash
# What nobody gets: forwarding, a wrong login, a permit that does not hold.
source "$(dirname "$0")/lib.sh"
story

# refused_request KIND SENTENCE OPTION…: the connection may go on, without it
refused_request()
{
	local kind=$1

	shift
	expect_audit_from_here
	run with -o ExitOnForwardFailure=yes "$@" -- researcher sekisho whoami
	expect_audit "channel.refused result=deny kind=$kind"
}

# -L asks for nothing until somebody connects: -W asks at once
refused_request forward -W 127.0.0.1:22
refused_request forward -R 0:127.0.0.1:22
refused_request forward -R "$tree/remote.sock:127.0.0.1:22"
refused_request tunnel -w any:any -o Tunnel=point-to-point

forward_in_use()
{
	local local_port pid

	local_port=$(free_port)
	expect_audit_from_here
	ssh_as researcher -N "$@" "$local_port$target" researcher </dev/null >/dev/null 2>&1 &
	pid=$!
	for _ in {1..50}; do
		[[ $(ss -Hltn "sport = :$local_port") ]] && break
		sleep 0.2
	done
	# a whole SOCKS4 request; to a -L port it is bytes like any
	printf '\004\001\000\026\177\000\000\001\000' |
		timeout 5 bash -c "cat > /dev/tcp/127.0.0.1/$local_port; sleep 1" 2>/dev/null
	expect_audit 'channel.refused result=deny kind=forward'
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
}
target=:127.0.0.1:22 forward_in_use -L
target='' forward_in_use -D

# the client asks for an agent only if it has one, for X11 with a display
eval "$(ssh-agent -s)" >/dev/null
refused_request agent -A -o IdentityAgent="$SSH_AUTH_SOCK"
ssh-agent -k >/dev/null
unset SSH_AUTH_SOCK SSH_AGENT_PID
xauth=$tree/xauth
printf '#!/bin/sh\necho "x MIT-MAGIC-COOKIE-1 00112233445566778899aabbccddeeff"\n' >"$xauth"
chmod 755 "$xauth"
DISPLAY=127.0.0.1:99 refused_request x11 -X -o XAuthLocation="$xauth"

# --- Second factors ---

expect_audit_from_here
cp "$tree/codes/jiro" "$tree/codes/kept"
used=$(head -n 1 "$tree/codes/jiro")
expect_ok alone researcher2 sekisho whoami
echo 00000000 >"$tree/codes/jiro"
expect_denied alone researcher2 sekisho whoami
expect_audit 'auth.code result=deny reason=wrong_code'

expect_audit_from_here
sleep 2
echo "$used" >"$tree/codes/jiro"
expect_denied alone researcher2 sekisho whoami
expect_audit 'auth.code result=deny'

expect_audit_from_here
expect_denied with -o PreferredAuthentications=publickey -- researcher2 sekisho whoami
expect_audit 'auth.key result=ok'
expect_no_audit 'auth.login result=ok'
expect_no_audit 'channel.open'

# --- Keys and persons ---

expect_audit_from_here
expect_denied with -o User=nobody-here -- researcher sekisho whoami
expect_audit 'auth.key result=deny reason=unknown_person'
expect_denied with -o IdentityFile="$tree/keys/jiro" -o User=hanako -- reviewer true
expect_audit 'auth.key result=deny'
expect_denied with -o PreferredAuthentications=password -- researcher true
expect_denied with -o PreferredAuthentications=none -- researcher true
expect_no_audit 'auth.login result=ok'

# --- Permits ---

expect_audit_from_here
expect_denied alone expired true
expect_audit 'auth.login result=deny'
sleep 2
tail -n +3 "$tree/codes/kept" >"$tree/codes/jiro"
expect_denied with -o User=jiro+P-2 -- researcher2 true
expect_denied with -o User=jiro+P-9 -- researcher2 true
expect_denied with -o User=hanako+audit -- researcher true
expect_no_audit 'session.open'

# --- What looks like a file transfer and is a command ---

expect_audit_from_here
echo text >"$tree/file"
refused_transfer()
{
	CODES=$tree/codes/hanako SSH_ASKPASS=$tree/askpass \
		SSH_ASKPASS_REQUIRE=force timeout 60 "$@" </dev/null
}
expect_denied refused_transfer scp -O -F "$tree/ssh_config" "$tree/file" researcher:/workspace/
expect_audit 'channel.open result=deny'
expect_audit_from_here
expect_denied refused_transfer rsync -e "ssh -F $tree/ssh_config" "$tree/file" researcher:/workspace/
expect_audit 'channel.open result=deny'

verify_log
story_done
