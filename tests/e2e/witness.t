#!/bin/bash
# Others vouch for the log: two witnesses and a time-stamp authority. One
# witness dies, one remembers more than a log that was put back.
source "$(dirname "$0")/lib.sh"
account=65531
declare -A witness_pids witness_ports
helpers=()

# No machine of the story outlives it, however it ends.
end_outside()
{
	((${#helpers[@]})) && kill "${helpers[@]}" 2>/dev/null
	helpers=()
}
trap end_outside EXIT

# begin_witness NAME: sets witness_pids, witness_ports
begin_witness()
{
	local folder=$tree/$1 port=${witness_ports[$1]:-0} key logs=() _

	# every key that the log has had
	while read -r key; do
		logs+=(--log "$key")
	done <"$tree/state/audit/key.pub"
	if [[ ! -d $folder ]]; then
		mkdir "$folder" && chown $account:$account "$folder"
		setpriv --reuid $account --regid $account --clear-groups \
			build/bin/sekisho-witness key --folder "$folder" \
			"$1.example" >"$tree/$1.vkey"
	fi
	: >"$tree/$1.said"
	setpriv --reuid $account --regid $account --clear-groups \
		build/bin/sekisho-witness --folder "$folder" \
		--listen "127.0.0.1:$port" "${logs[@]}" \
		</dev/null >"$tree/$1.said" 2>&1 &
	witness_pids[$1]=$!
	helpers+=($!)
	disown $!
	for _ in {1..50}; do
		witness_ports[$1]=$(grep -o '127.0.0.1:[0-9]*' "$tree/$1.said" | cut -d: -f2)
		[[ ${witness_ports[$1]} ]] && return 0
		sleep 0.1
	done
	fail "witness $1 starts" "$(<"$tree/$1.said")"
}

end_witness()
{
	kill "${witness_pids[$1]}"
	while kill -0 "${witness_pids[$1]}" 2>/dev/null; do
		sleep 0.1
	done
}

begin_authority()
{
	local folder=$tree/authority _

	mkdir "$folder"
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Authority \
		-addext extendedKeyUsage=critical,timeStamping \
		-keyout "$folder/key.pem" -out "$folder/certificate.pem" 2>/dev/null
	echo 01 >"$folder/serial"
	cat >"$folder/authority.cnf" <<-END
	[tsa]
	default_tsa = story
	[story]
	serial = $folder/serial
	signer_cert = $folder/certificate.pem
	signer_key = $folder/key.pem
	signer_digest = sha256
	default_policy = 1.2.3.4.1
	digests = sha256
	accuracy = secs:1
	END
	perl tests/e2e/authority.pl "$folder" </dev/null >"$folder/said" 2>&1 &
	helpers+=($!)
	disown $!
	for _ in {1..50}; do
		[[ -s $folder/port ]] && return 0
		sleep 0.1
	done
	fail "an authority starts" "$(<"$folder/said")"
}

# expect_verify STATUS EXPRESSION OPTION…: of the running log
expect_verify()
{
	local want=$1 expression=$2

	shift 2
	run build/bin/sekisho-verify --lang en "$@" "$tree/state/audit"
	if ((status == want)) && grep -qE -- "$expression" <<<"$said"; then
		pass "sekisho-verify says '$expression' ($want)"
	else
		fail "sekisho-verify says '$expression' ($want)" "status $status: $said"
	fi
}

story

# --- Nobody -----------------------------------------------------------------------

mark=0
expect_audit 'log.anchor result=error reason=no_witness'
expect_text 'No outside witness is configured' as operator status

# --- Two of two ---------------------------------------------------------------------

begin_witness east
begin_witness west
begin_authority
write_policy()
{
	cat >"$tree/etc/witnesses" <<-END
	# who vouches for this log
	$(sed 's/^/log /' "$tree/state/audit/key.pub")
	witness east $(<"$tree/east.vkey") http://127.0.0.1:${witness_ports[east]}
	witness west $(<"$tree/west.vkey") http://127.0.0.1:${witness_ports[west]}
	group both 2 east west
	quorum both
	END
}
echo 'witness east nonsense' >"$tree/etc/witnesses"
expect_denied as operator policy apply
grep -q 'witnesses:1: ' <<<"$said" && pass "a policy of witnesses that is none is refused, by line" ||
	fail "a policy of witnesses that is none is refused, by line" "$said"
write_policy
echo "timestamps: http://127.0.0.1:$(<"$tree/authority/port")/" >>"$tree/etc/site.yaml"
expect_audit_from_here
expect_ok as operator policy apply
expect_audit 'log.anchor result=ok reason=quorum cosigned=2 witnesses=2'
expect_audit 'log.anchor result=ok reason=stamped'
expect_no 'No outside witness' as operator status
expect_ok as researcher true
hang_up researcher
expect_audit 'session.close'
sleep 3
expect_verify 0 'Witnessed up to entry [0-9]+ by the quorum' --policy "$tree/etc/witnesses" --max-age 60
expect_verify 0 'authority that was not checked' --policy "$tree/etc/witnesses"
expect_verify 0 'Time stamp over [0-9]+ entries: 20[0-9-]+ ' --policy "$tree/etc/witnesses" \
	--tsa "$tree/authority/certificate.pem"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Other \
	-keyout /dev/null -out "$tree/other.pem" 2>/dev/null
expect_verify 3 'time stamp does not verify' --policy "$tree/etc/witnesses" --tsa "$tree/other.pem"

# with OpenSSL alone
stamped=$(grep '"token"' "$tree/state/audit/checkpoints.jsonl" | tail -n 1)
jq -j .note <<<"$stamped" >"$tree/note"
jq -j .token <<<"$stamped" | base64 -d >"$tree/token"
holds "openssl ts -verify accepts the token" openssl ts -verify -data "$tree/note" \
	-in "$tree/token" -token_in -CAfile "$tree/authority/certificate.pem"

# a cosignature with another time in it counts for nobody
cp -R "$tree/state/audit" "$tree/copy"
perl -i -pe 's/(west\.example [^ ]{6})(.)/$1 . ($2 eq "A" ? "B" : "A")/e' "$tree/copy/checkpoints.jsonl"
run build/bin/sekisho-verify --lang en --policy "$tree/etc/witnesses" "$tree/copy"
((status == 3)) && grep -q 'not cosigned by the quorum\|is cosigned by the quorum' <<<"$said" &&
	pass "changed cosignatures make no quorum" || fail "changed cosignatures make no quorum" "status $status: $said"

# --- A release waits for its witnesses -----------------------------------------------

sed -i '/^\(reviewers\|release_needs\):/d' "$tree/etc/site.yaml"
printf 'reviewers: 1\nrelease_needs: cosigned\n' >>"$tree/etc/site.yaml"
mv "$tree/etc/witnesses" "$tree/witnesses"
run as operator policy apply
((status != 0)) && grep -q "needs the file witnesses" <<<"$said" &&
	pass "without a quorum no release can ask for it" ||
	fail "without a quorum no release can ask for it" "$said"
mv "$tree/witnesses" "$tree/etc/witnesses"
expect_ok as operator policy apply

# request_is REQUEST STATE
request_is()
{
	local _

	for _ in {1..50}; do
		said=$(as_operator request show "$1" --json)
		[[ $said == *"\"$2\""* ]] && break
		sleep 0.2
	done
	[[ $said == *"\"$2\""* ]] && pass "request $1 is $2" || fail "request $1 is $2" "$said"
}

expect_audit_from_here
end_witness west
expect_ok as researcher "printf 'age,n\n40-49,120\n50-59,150\n' >/out/t.csv; sekisho submit --purpose 'Table 1' /out/t.csv"
request_is 1 review
expect_text 'approved|approve|承認' console reviewer "file 1 1" "vote 1 approve all"
expect_audit 'release.open request=1'
request_is 1 approved
expect_no_audit 'release.done'
expect_text 'Request 1 is approved and waits until the quorum' as operator status
expect_text 'waits until the quorum' as operator request show 1
expect_text 'cosigned the log|連署すると' as researcher 'command sekisho status 1'
hang_up researcher
stop_gateway
start_gateway || fail "the gateway starts again" "$(tail -n 5 "$tree/gateway.log")"
sleep 3
expect_no_audit 'release.done'
request_is 1 approved
begin_witness west
expect_audit 'release.done request=1 reason=ok'
request_is 1 released
expect_no 'waits until the quorum' as operator status
holds "released files are fetched" fetch researcher released/1 "$tree/fetched"
for witness in east west; do
	grep -q "^— $witness.example " "$tree/fetched/receipt.tlog-proof" &&
		pass "the receipt's checkpoint has $witness's cosignature" ||
		fail "the receipt's checkpoint has $witness's cosignature" "$(ls "$tree/fetched")"
done
expect_ok build/bin/sekisho-verify receipt --policy "$tree/etc/witnesses" \
	"$tree/fetched/receipt.json" "$tree/fetched/receipt.tlog-proof" "$tree/fetched/t.csv"

# --- The log's key is exchanged under its witnesses -----------------------------------------

before=$(<"$tree/state/audit/key.pub")
hang_up researcher
stop_gateway
touch "$tree/state/audit-keys/rotate"
expect_audit_from_here
start_gateway || fail "the gateway starts with a new key" "$(tail -n 5 "$tree/gateway.log")"
expect_audit 'log.key'
[[ $(wc -l <"$tree/state/audit/key.pub") == 2 && $(head -n 1 "$tree/state/audit/key.pub") == "$before" ]] &&
	pass "the log has two keys" || fail "the log has two keys" "$(<"$tree/state/audit/key.pub")"
# witnesses that do not know the new key do not cosign
expect_audit 'log.anchor result=error reason=forbidden'
expect_audit 'log.anchor result=error reason=no_quorum'
end_witness east
end_witness west
begin_witness east
begin_witness west
write_policy
expect_audit_from_here
expect_ok as operator policy apply
expect_ok as researcher true
expect_audit 'log.anchor result=ok reason=quorum cosigned=2'
hang_up researcher
expect_audit 'session.close'
sleep 3
expect_verify 0 'Witnessed up to entry [0-9]+ by the quorum' --policy "$tree/etc/witnesses" --max-age 60
sed "/^log /d; 1i log $before" "$tree/etc/witnesses" >"$tree/old_key"
expect_verify 0 '2 keys, each signed over by the one before' --policy "$tree/old_key" --max-age 60
expect_ok build/bin/sekisho-verify receipt --policy "$tree/etc/witnesses" \
	"$tree/fetched/receipt.json" "$tree/fetched/receipt.tlog-proof" "$tree/fetched/t.csv"

# --- One witness dies -----------------------------------------------------------------

expect_audit_from_here
end_witness west
expect_ok as researcher true
hang_up researcher
expect_audit 'log.anchor result=error reason=unreachable witness=west'
expect_audit 'log.anchor result=error reason=no_quorum cosigned=1 witnesses=2'
sleep 3
expect_verify 0 'Witnessed up to entry' --policy "$tree/etc/witnesses"
expect_verify 3 'the quorum of witnesses saw the log [0-9]+ seconds ago' \
	--policy "$tree/etc/witnesses" --max-age 1
sed 's/group both 2/group both any/' "$tree/etc/witnesses" >"$tree/any"
expect_verify 0 'Witnessed up to entry' --policy "$tree/any" --max-age 60

# --- A log that was put back ------------------------------------------------------------
#
# Folder and anchor together: nothing on this machine can tell.

begin_witness west
stop_gateway
rm -rf "$tree/older"
mkdir "$tree/older"
cp -a "$tree/state/audit" "$tree/state/anchor" "$tree/older"
start_gateway || fail "the gateway starts again" "$(tail -n 5 "$tree/gateway.log")"
expect_audit_from_here
expect_ok as researcher true
hang_up researcher
expect_audit 'session.close'
sleep 3
stop_gateway
rm -rf "$tree/state/audit" "$tree/state/anchor"
cp -a "$tree/older/audit" "$tree/older/anchor" "$tree/state"
expect_audit_from_here
start_gateway || fail "the gateway starts with the older log" "$(tail -n 5 "$tree/gateway.log")"
expect_audit 'log.anchor result=error reason~^(ahead|conflict|unproven)$ witness=east'
expect_audit 'log.anchor result=error reason=no_quorum'

end_outside
story_done
