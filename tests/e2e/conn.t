#!/bin/bash
# The connection alone: real clients against sekisho-conn, sekisho-keys and
# sekisho-listen, with a supervisor and a policy played by fake_peers.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

if [[ $(id -u) != 0 ]]; then
	skip "the connection alone" "needs root"
	tap_done
fi

here=$(mktemp -d)
peers_pid=
port=$((20000 + $$ % 10000))
export SSH_ASKPASS=$here/code SSH_ASKPASS_REQUIRE=force

end()
{
	[[ -n $peers_pid ]] && kill "$peers_pid" 2>/dev/null && wait "$peers_pid" 2>/dev/null
	rm -rf "$here"
}
trap end EXIT

# start UNAUTHENTICATED PER_SOURCE: fresh processes on a new port
start()
{
	if [[ -n $peers_pid ]]; then
		kill "$peers_pid"
		wait "$peers_pid" 2>/dev/null
	fi
	[[ -e $here/log ]] && cat "$here/log" >>"$here/logs"
	port=$((port + 1))
	while [[ $(ss -Hltan "sport = :$port") ]]; do
		port=$((port + 1))
	done
	: >"$here/log" # the old one speaks of listening, too
	"$here/fake_peers" build/bin "$here/keys" "$here/empty" \
		"$here/alice.pub" "$port" "$1" "$2" >"$here/log" 2>&1 &
	peers_pid=$!
	for _ in {1..200}; do
		grep -q LISTENING "$here/log" && break
		sleep 0.1
	done
	echo "[127.0.0.1]:$port $(cat "$here/keys/host_ed25519.pub")" >"$here/known"
}

go()
{
	timeout "${limit-60}" ssh -F none -p "$port" -i "$here/alice" -o IdentitiesOnly=yes \
		-o UserKnownHostsFile="$here/known" \
		-o StrictHostKeyChecking=yes -o LogLevel="${level:-ERROR}" "$@"
}

# is SENTENCE WANTED GOT
is()
{
	if [[ $3 == "$2" ]]; then
		pass "$1"
	else
		fail "$1" "wanted '$2', got '$3'"$'\n'"$(tail -n 8 "$here/log")"
	fi
}

# heard SENTENCE TEXT: the other processes were told, within two seconds
heard()
{
	for _ in {1..20}; do
		if grep -qF -- "$2" "$here/log"; then
			pass "$1"
			return
		fi
		sleep 0.1
	done
	fail "$1" "no '$2' in: $(tail -n 8 "$here/log")"
}

make -s build/bin/sekisho-conn build/bin/sekisho-keys build/bin/sekisho-listen \
	build/obj/tests/e2e/fake_peers.o build/lib/gateway_base.a >"$here/make" 2>&1 &&
	cc -o "$here/fake_peers" build/obj/tests/e2e/fake_peers.o \
		build/lib/gateway_base.a -lcrypto >>"$here/make" 2>&1 ||
	fail "the programs are built" "$(tail "$here/make")"

mkdir -p "$here/keys/permits" "$here/empty"
chown 64900:64900 "$here/keys/permits" # fake_peers' UID
chmod 755 "$here" "$here/empty"
printf '#!/bin/sh\necho 123456\n' >"$here/code"
printf '#!/bin/sh\necho 000000\n' >"$here/wrong"
chmod +x "$here/code" "$here/wrong"
for name in alice other ca; do
	ssh-keygen -q -t ed25519 -N '' -f "$here/$name"
done
ssh-keygen -q -t rsa -b 2048 -N '' -f "$here/short"
start 10 20

# --- The host key -------------------------------------------------------------
is "the host key is a private file of 32 bytes" "600 32" \
	"$(stat -c '%a %s' "$here/keys/host_ed25519")"
is "the connection's signature verifies although it holds no host key" 7 \
	"$(go alice@127.0.0.1 exit 7 </dev/null; echo $?)"
is "its own signing function of libssh is replaced at link time" 1 \
	"$(nm build/bin/sekisho-conn | grep -c ' T __wrap_pki_sign_data$')"
is "Kerberos is not loaded" 0 "$(ldd build/bin/sekisho-conn | grep -c gssapi)"

# --- Login ----------------------------------------------------------------------
heard "policy was asked about the key" "KEY alice ssh-ed25519 good"
is "another key does not open" 255 \
	"$(go -i "$here/other" -o IdentityFile=none other@127.0.0.1 exit 0 </dev/null 2>/dev/null; echo $?)"
heard "the name of a stranger is reported" "KEY other ssh-ed25519 wrong"
is "a wrong code does not open" 255 \
	"$(SSH_ASKPASS=$here/wrong go alice@127.0.0.1 exit 0 </dev/null 2>/dev/null; echo $?)"
heard "policy was asked about the code" "CODE wrong"
keys_before=$(grep -c ^KEY "$here/log")
ssh-keygen -q -s "$here/ca" -I alice -n alice "$here/other.pub" 2>/dev/null
is "a certificate does not open" 255 \
	"$(timeout 20 ssh -F none -p "$port" -i "$here/other" -o CertificateFile="$here/other-cert.pub" \
		-o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-o PubkeyAcceptedAlgorithms=ssh-ed25519-cert-v01@openssh.com \
		alice@127.0.0.1 exit 0 </dev/null 2>/dev/null; echo $?)"
is "an RSA key of 2048 bits does not open" 255 \
	"$(timeout 20 ssh -F none -p "$port" -i "$here/short" -o IdentitiesOnly=yes \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		alice@127.0.0.1 exit 0 </dev/null 2>/dev/null; echo $?)"
is "neither of them reaches policy" "$keys_before" "$(grep -c ^KEY "$here/log")"
is "a code without a key does not open" 255 \
	"$(go -o PreferredAuthentications=keyboard-interactive,password,gssapi-with-mic \
		alice@127.0.0.1 exit 0 </dev/null 2>/dev/null; echo $?)"
head -c 200000 /dev/zero | timeout 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; cat >&3" 2>/dev/null
is "rubbish instead of SSH ends that connection alone" 7 \
	"$(go alice@127.0.0.1 exit 7 </dev/null; echo $?)"

# --- What is offered --------------------------------------------------------------
for option in "-c aes256-gcm@openssh.com" "-c aes256-cbc" "-c aes128-ctr" \
	"-c aes256-ctr -m hmac-sha2-256" "-o KexAlgorithms=diffie-hellman-group14-sha256" \
	"-o HostKeyAlgorithms=rsa-sha2-512"; do
	# shellcheck disable=SC2086
	is "a client with nothing but $option is refused" 255 \
		"$(go $option alice@127.0.0.1 exit 0 </dev/null 2>/dev/null; echo $?)"
done
is "aes256-ctr with etm works" 0 \
	"$(go -c aes256-ctr -m hmac-sha2-512-etm@openssh.com alice@127.0.0.1 exit 0 </dev/null; echo $?)"
is "strict key exchange is in force" 1 \
	"$(level=DEBUG3 go alice@127.0.0.1 exit 0 </dev/null 2>&1 | grep -c 'will use strict KEX ordering')"
ssh-audit -n -p "$port" 127.0.0.1 >"$here/audited" 2>&1
is "ssh-audit reads what we offer" 1 "$(grep -c '^(kex) curve25519-sha256 ' "$here/audited")"
is "and finds nothing that it knows to be weak" "" \
	"$(grep -E '\[(fail|warn)\]' "$here/audited" | grep -v kex-strict-s)"

# --- Channels -----------------------------------------------------------------------
is "bytes and the end of input pass both ways" hello \
	"$(echo hello | go alice@127.0.0.1 echo)"
said=$(go alice@127.0.0.1 stderr </dev/null 2>&1); status=$?
is "stderr and exit status pass" "oops 4" "$said $status"
said=$(go alice@127.0.0.1 refuse </dev/null 2>&1); status=$?
is "a refusal of policy is told" "The permit does not allow this. 3" "$said $status"
is "on a terminal with its line ends" 1 \
	"$(go -tt alice@127.0.0.1 refuse </dev/null 2>&1 | grep -c $'this.\r')"
is "a channel whose server vanishes ends with an error" 255 \
	"$(go alice@127.0.0.1 vanish </dev/null; echo $?)"
is "64 MiB to the gateway arrive" 67108864 \
	"$(head -c 67108864 /dev/zero | go alice@127.0.0.1 count)"
is "64 MiB from the gateway arrive" 67108864 \
	"$(go alice@127.0.0.1 flood </dev/null | wc -c)"
head -c 67108864 /dev/urandom >"$here/random"
is "64 MiB through an echo come back as they were" "$(sha256sum <"$here/random")" \
	"$(go alice@127.0.0.1 echo <"$here/random" | sha256sum)"

# a reader that never reads is the point; its ssh would wait for the flood's end
# shellcheck disable=SC2216
(limit=6 go alice@127.0.0.1 flood </dev/null | sleep 3) &
sleep 2
conn=$(grep -oP 'ACCEPTED \S+ pid \K\d+' "$here/log" | tail -n 1)
peak=$(awk '/VmHWM/ { print $2 }' "/proc/$conn/status")
is "a client that does not read costs less than 16 MB" yes \
	"$([[ $peak -lt 16384 ]] && echo yes || echo "$peak kB")"
is "it has no capability, a filter, and an empty root" "0000000000000000 2 0" \
	"$(awk '/CapEff|^Seccomp:/ { printf "%s ", $2 }' "/proc/$conn/status"; find "/proc/$conn/root/" -mindepth 1 | wc -l)"
wait $!

# --- Several channels over one connection ----------------------------------------------
go -M -N -f -S "$here/master" alice@127.0.0.1 </dev/null >/dev/null 2>&1
over() { timeout 20 ssh -F none -S "$here/master" -o LogLevel=ERROR "$@"; }
codes=$(grep -c ^CODE "$here/log")
(sleep 2; echo late) | over x echo >"$here/late" &
is "a second channel works beside the first" early "$(echo early | over x echo)"
wait $!
is "and the first still does" late "$(cat "$here/late")"
is "without a new code" "$codes" "$(grep -c ^CODE "$here/log")"
for _ in 1 2 3 4 5; do sleep 3 | over x echo >/dev/null 2>&1 & done
sleep 1
heard "a channel above the person's number is refused" "REFUSED channels"
over -O exit x 2>/dev/null
wait %2 %3 %4 %5 %6 2>/dev/null

# --- What does not exist ---------------------------------------------------------------
go -W 127.0.0.1:22 alice@127.0.0.1 </dev/null >/dev/null 2>&1
heard "direct-tcpip is refused and reported" "REFUSED forward"
cat "$here/log" >>"$here/logs"
: >"$here/log"
go -R 0:127.0.0.1:22 alice@127.0.0.1 exit 0 </dev/null >/dev/null 2>&1
heard "tcpip-forward is refused and reported" "REFUSED forward"
eval "$(ssh-agent -s)" >/dev/null
go -A alice@127.0.0.1 exit 0 </dev/null >/dev/null 2>&1
heard "agent forwarding is refused and reported" "REFUSED agent"
kill "$SSH_AGENT_PID"
go -s alice@127.0.0.1 netconf </dev/null >/dev/null 2>&1
heard "another subsystem than sftp is refused and reported" "REFUSED subsystem"

# --- Terminal ---------------------------------------------------------------------------
expect -c "
	set timeout 20
	set stty_init \"rows 30 cols 100\"
	spawn -noecho env SSH_ASKPASS=$here/code SSH_ASKPASS_REQUIRE=force ssh -tt -F none -p $port -i $here/alice -o IdentitiesOnly=yes -o UserKnownHostsFile=$here/known alice@127.0.0.1 echo
	sleep 1
	stty rows 41 cols 133 < \$spawn_out(slave,name)
	sleep 1
	close
	wait" >/dev/null 2>&1
heard "a terminal's size is asked for" "100x30 echo"
heard "and a change of it passes" "RESIZE 133x41"

# --- Limits of the listener -------------------------------------------------------------
start 2 20
exec 4<>/dev/tcp/127.0.0.1/$port 5<>/dev/tcp/127.0.0.1/$port
sleep 0.3
is "strangers above the limit are turned away" 255 \
	"$(go alice@127.0.0.1 exit 0 </dev/null 2>/dev/null; echo $?)"
exec 4>&- 5>&-
sleep 0.3
is "and let in when others have gone" 0 "$(go alice@127.0.0.1 exit 0 </dev/null; echo $?)"
start 20 2
exec 4<>/dev/tcp/127.0.0.1/$port 5<>/dev/tcp/127.0.0.1/$port
sleep 0.3
is "one source has a limit of its own" 255 \
	"$(go alice@127.0.0.1 exit 0 </dev/null 2>/dev/null; echo $?)"
exec 4>&- 5>&-

is "no connection process was killed" 0 "$(cat "$here/logs" "$here/log" | grep -c 'GONE signal')"
tap_done
