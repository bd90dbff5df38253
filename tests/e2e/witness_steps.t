#!/bin/bash
# A witness and whoever calls it: the nine known steps with curl, two logs,
# restarts, a kill between memory and answer, and requests meant to harm.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
source tests/lib.sh

[[ $(id -u) == 0 ]] || { skip "the witness" "needs root to give root away"; tap_done; }

account=65531
mkdir -p build
tree=$(mktemp -d "$PWD/build/test-XXXXXX")
chmod 755 "$tree"
witness_pid=
trap 'stop_witness; rm -rf "$tree"' EXIT

cases=tests/cases/audit-vectors.json
sequence=.witness_add_checkpoint_sequence
log_key=$(jq -r "$sequence.log_vkey" $cases)
other_key=$(jq -r .tlog_proof_example.log_vkey $cases)

as_witness()
{
	setpriv --reuid $account --regid $account --clear-groups "$@"
}

# start_witness FOLDER [COMMAND…]: sets $at
start_witness()
{
	local folder=$1 _

	shift
	: >"$tree/said"
	# not a function: $! has to be the witness itself
	setpriv --reuid $account --regid $account --clear-groups "$@" \
		build/bin/sekisho-witness --folder "$folder" \
		--listen 127.0.0.1:0 --log "$log_key" --log "$other_key" \
		</dev/null >"$tree/said" 2>&1 &
	witness_pid=$!
	disown $witness_pid
	for _ in {1..100}; do
		at=$(grep -o '127.0.0.1:[0-9]*' "$tree/said") && return 0
		kill -0 $witness_pid 2>/dev/null || return 1
		sleep 0.05
	done
	return 1
}

stop_witness()
{
	[[ $witness_pid ]] || return 0
	kill -TERM $witness_pid $(pgrep -P $witness_pid) 2>/dev/null
	for _ in {1..100}; do
		kill -0 $witness_pid 2>/dev/null || break
		sleep 0.05
	done
	witness_pid=
}

# new_folder NAME: an empty one of the account's, with a key
new_folder()
{
	folder=$tree/$1
	mkdir "$folder"
	chown $account:$account "$folder"
	as_witness build/bin/sekisho-witness key --folder "$folder" \
		example.com/witness >"$tree/$1.vkey"
}

# post FILE: sets status, type; the body is in $tree/body
post()
{
	local answer

	: >"$tree/body"
	answer=$(curl -sS -m 20 -o "$tree/body" -w '%{http_code} %{content_type}' \
		--data-binary "@$1" "http://$at/add-checkpoint" 2>"$tree/curl")
	status=${answer%% *}
	type=${answer#* }
}

# says SENTENCE STATUS [TEXT]: what the last post was told
says()
{
	if [[ $status == "$2" ]] && grep -qF -- "${3-}" "$tree/body"; then
		pass "$1"
	else
		fail "$1" "status $status ($type): $(head -c 300 "$tree/body")"
	fi
}

step()
{
	jq -j "$sequence.steps[$1].request_body" $cases >"$tree/request"
	post "$tree/request"
}

# --- Its key -------------------------------------------------------------------

new_folder first
grep -qE '^example\.com/witness\+[0-9a-f]{8}\+B[A-Za-z0-9+/]{43}' "$tree/first.vkey" &&
	pass "the key is a cosigner's, as C2SP writes it" ||
	fail "the key is a cosigner's, as C2SP writes it" "$(cat "$tree/first.vkey")"
[[ $(stat -c %a "$tree/first/witness.key") == 600 ]] &&
	pass "only the account reads the key" || fail "only the account reads the key"
[[ $(as_witness build/bin/sekisho-witness key --folder "$tree/first" example.com/witness) == "$(<"$tree/first.vkey")" ]] &&
	pass "asked again, it is the same key" || fail "asked again, it is the same key"
as_witness build/bin/sekisho-witness key --folder "$tree/first" other.example/witness >/dev/null 2>&1 &&
	fail "a key is never replaced" || pass "a key is never replaced"

build/bin/sekisho-witness --folder "$tree/first" --log "$log_key" >"$tree/said" 2>&1
grep -q 'not as root' "$tree/said" && pass "as root it does not start" ||
	fail "as root it does not start" "$(<"$tree/said")"

# --- Nine steps ------------------------------------------------------------------

start_witness "$tree/first" || fail "a witness starts" "$(<"$tree/said")"
filters()
{
	awk '$1 == "Seccomp_filters:" { print $2 }' "/proc/$1/status"
}
(($(filters $witness_pid) == $(filters $$) + 1)) &&
	pass "it obeys a system-call filter" || fail "it obeys a system-call filter"
as_witness build/bin/sekisho-witness --folder "$tree/first" --listen 127.0.0.1:0 \
	--log "$log_key" >"$tree/second" 2>&1 </dev/null
grep -q 'another sekisho-witness' "$tree/second" &&
	pass "two witnesses do not share a memory" ||
	fail "two witnesses do not share a memory" "$(<"$tree/second")"

for i in {0..8}; do
	want=$(jq -r "$sequence.steps[$i].http_status" $cases)
	text=$(jq -r "$sequence.steps[$i].assert" $cases | sed 's/.*"\(.*\)"$/\1/; s/\\n$//')
	# the recording is older than the text that says 404 here
	[[ $text == 'unknown log' ]] && want=404
	step "$i"
	says "step $((i + 1)) of nine: $want, $text" "$want" "$text"
	if [[ $want == 409 ]]; then
		[[ $type == text/x.tlog.size ]] &&
			pass "step $((i + 1)): the size has its content type" ||
			fail "step $((i + 1)): the size has its content type" "$type"
	fi
done

# the cosignature, by OpenSSL alone
step 7
says "what it has not seen from there is refused" 409 5
jq -j "$sequence.steps[7].request_body" $cases | sed '1,/^$/d; 1,/^$/!d' |
	sed '$d' >"$tree/text"
jq -j "$sequence.steps[7].request_body" $cases |
	sed -n '/^$/,$p' | sed 1d >"$tree/note"
{ echo "old 5"; echo; cat "$tree/note"; } >"$tree/request"
post "$tree/request"
says "the same checkpoint again is cosigned again" 200 '— example.com/witness '
cut -d' ' -f3 "$tree/body" | base64 -d >"$tree/raw"
stamp=$((16#$(tail -c +5 "$tree/raw" | head -c 8 | xxd -p)))
((stamp > $(date +%s) - 60 && stamp <= $(date +%s))) &&
	pass "a cosignature says when" || fail "a cosignature says when" "$stamp"
{ printf 'cosignature/v1\ntime %d\n' "$stamp"; cat "$tree/text"; } >"$tree/message"
tail -c +13 "$tree/raw" >"$tree/signature"
{ printf '302a300506032b6570032100' | xxd -r -p
	sed 's/.*+//' "$tree/first.vkey" >/dev/null
	cut -d+ -f3- "$tree/first.vkey" | base64 -d | tail -c 32; } >"$tree/public.der"
holds "OpenSSL accepts the cosignature" openssl pkeyutl -verify -pubin \
	-keyform DER -inkey "$tree/public.der" -rawin -in "$tree/message" -sigfile "$tree/signature"

# --- Two logs, and a memory -------------------------------------------------------

jq -j .tlog_proof_example.old_checkpoint $cases >"$tree/old"
jq -j .tlog_proof_example.add_checkpoint_request $cases >"$tree/next"
post "$tree/next"
says "of another log it has seen nothing" 409 0
{ echo "old 0"; echo; cat "$tree/old"; } >"$tree/early"
post "$tree/early"
says "a second log is cosigned beside the first" 200 '— example.com/witness '
stop_witness
start_witness "$tree/first" || fail "a witness starts again" "$(<"$tree/said")"
step 8
says "after a restart the first log is remembered" 409 5
post "$tree/next"
says "after a restart the second goes on where it was" 200 '— example.com/witness '
post "$tree/early"
says "an older checkpoint is history" 409 70000

# --- What is malformed ---------------------------------------------------------------

malformed()
{
	printf "$2" >"$tree/request"
	post "$tree/request"
	says "malformed: $1" 400 malformed
}
malformed "nothing" ''
malformed "no old size" 'new 0\n\no\n1\n'
malformed "a leading zero" 'old 01\n\no\n1\n'
malformed "a negative size" 'old -1\n\no\n1\n'
malformed "a size beyond 64 bits" 'old 18446744073709551616\n\no\n1\n'
malformed "a proof that is none" 'old 1\nAAAA\n\no\n1\n'
malformed "no checkpoint" 'old 0\n\n'
malformed "no end of the proof" 'old 0'
{ echo 'old 1'; for i in {1..64}; do head -c 32 /dev/zero | base64; done; echo; cat "$tree/note"; } >"$tree/request"
post "$tree/request"
says "malformed: a proof of 64 hashes" 400 malformed
{ echo 'old 6'; echo; cat "$tree/note"; } >"$tree/request"
post "$tree/request"
says "an old size above the checkpoint's" 400 'old size'
{ echo 'old 5'; head -c 32 /dev/zero | base64; echo; cat "$tree/note"; } >"$tree/request"
post "$tree/request"
says "a proof where none can be" 422 'consistency proof'

status=$(curl -sS -m 20 -o "$tree/body" -w '%{http_code}' "http://$at/")
says "there is no other page" 404
status=$(curl -sS -m 20 -o "$tree/body" -w '%{http_code}' "http://$at/add-checkpoint")
says "there is no other method" 405
head -c 100000 /dev/zero >"$tree/large"
status=$(curl -sS -m 20 -o "$tree/body" -w '%{http_code}' -H 'Expect:' --data-binary "@$tree/large" "http://$at/add-checkpoint" 2>/dev/null)
says "too large, by its length" 413
curl -sS -m 20 -o /dev/null -H 'Transfer-Encoding: chunked' --data-binary "@$tree/large" \
	"http://$at/add-checkpoint" 2>/dev/null &&
	fail "too large, in pieces" || pass "too large, in pieces"
head -c 20000 /dev/zero | tr '\0' a >"$tree/header"
curl -sS -m 20 -o /dev/null -H "X: $(<"$tree/header")" "http://$at/add-checkpoint" 2>/dev/null
head -c 4096 /dev/urandom | timeout 5 bash -c "cat >/dev/tcp/${at/://}" 2>/dev/null
step 8
says "after all that it answers" 409 5

# --- Slow ones ------------------------------------------------------------------------

slow=()
for i in {1..40}; do
	{ exec 7<>"/dev/tcp/${at/://}" && printf 'POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n' >&7 &&
		sleep 60; } 2>/dev/null &
	slow+=($!)
done
sleep 0.5
curl -sS -m 20 --interface 127.0.0.2 -o "$tree/body" -w '%{http_code}' \
	--data-binary "@$tree/note" "http://$at/add-checkpoint" >"$tree/status" 2>"$tree/curl"
status=$(<"$tree/status")
says "forty that say nothing do not keep another address out" 400 malformed
kill "${slow[@]}" 2>/dev/null
wait "${slow[@]}" 2>/dev/null
trap '' PIPE # so that a closed connection is an error, not an end
exec 7<>"/dev/tcp/${at/://}"
began=$SECONDS
printf 'POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 30000\r\n\r\n' >&7
while ((SECONDS - began < 60)) && printf 'x' >&7 2>/dev/null; do sleep 2; done
exec 7>&-
trap - PIPE
((SECONDS - began < 50)) && pass "a byte now and then holds a place for half a minute only" ||
	fail "a byte now and then holds a place for half a minute only" "$((SECONDS - began)) s"
stop_witness

# --- Killed -----------------------------------------------------------------------------

# Before each of the calls by which the memory changes, and before the answer
for call in renameat fsync:1 fsync:2 sendmsg; do
	new_folder "kill-$call"
	name=${call%:*} when=${call#*:}
	[[ $when == "$call" ]] && when=1
	start_witness "$folder" strace -f -qq -o /dev/null \
		-e "trace=$name" -e "inject=$name:signal=KILL:when=$when" ||
		fail "a witness starts" "$(<"$tree/said")"
	step 0
	[[ $status == 000 ]] && killed=1 || killed=
	witness_pid=
	start_witness "$folder" || fail "a witness starts after a kill" "$(<"$tree/said")"
	step 0
	first=$status
	step 8
	if [[ $killed && ($first == 200 || $first == 409) && $status == 409 ]] &&
		grep -qx 1 "$tree/body"; then
		pass "killed at $call: it says what it knows, and goes on"
	else
		fail "killed at $call: it says what it knows, and goes on" \
			"killed=${killed:-no} $first, then $status $(<"$tree/body")"
	fi
	stop_witness
done

# --- A memory that is damaged --------------------------------------------------------------

new_folder damaged
start_witness "$folder" || fail "a witness starts" "$(<"$tree/said")"
step 0
stop_witness
seen=$(echo "$folder"/seen-*)
sed -i 's/^1$/2/' "$seen"
start_witness "$folder" && fail "with a damaged memory it does not start" ||
	pass "with a damaged memory it does not start"
witness_pid=
ln -sf "$tree/old" "$seen"
start_witness "$folder" && fail "a link is not its memory" || pass "a link is not its memory"
witness_pid=

tap_done
