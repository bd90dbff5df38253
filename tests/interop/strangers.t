#!/bin/bash
# strangers - our log is verified by programs that nobody here wrote: Go's
# sumdb packages, openssl, jq and coreutils, all from Debian.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

write_log=build/tests/interop/write_log
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Go finds the packages where Debian puts them, and no network.
export GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS='' GOPROXY=off
export GOCACHE=$PWD/build/gocache
verify=$folder/verify
holds "an auditor's verifier is built from Debian's packages alone" \
	go build -o "$verify" tests/interop/verify.go

mkdir "$folder/large" "$folder/small"
$write_log "$folder/large" 70000
$write_log "$folder/small" 60
large=$(cat "$folder/large/log/key.pub")
small=$(cat "$folder/small/log/key.pub")

# says PATTERN COMMAND…: what it prints matches, whatever its status
says()
{
	local pattern=$1 said

	shift
	said=$("$@" 2>&1)
	[[ $said =~ $pattern ]] || { echo "$said" >&2; return 1; }
}

holds "Go's note and tlog verify a log of two segments, and its receipt" \
	says '^70000 entries$' "$verify" "$large" "$folder/large"
says '70000' build/bin/sekisho-verify --key "$large" "$folder/large/log" &&
	pass "so does our own" || fail "so does our own"
holds "both verify the receipt" \
	build/bin/sekisho-verify receipt --key "$small" "$folder/small/receipt.json" \
	"$folder/small/receipt.tlog-proof" "$folder/small/"*.csv
ctl=build/bin/sekishoctl
exported()
{
	$ctl audit export --log "$folder/large/log" --tiles "$folder/tiles" --entries &&
		$ctl audit consistency 12345 latest --log "$folder/large/log" --out "$folder/grew" &&
		"$verify" "$large" "$folder/large" "$folder/tiles" "$folder/grew"
}
holds "exported tiles, entry bundles and a consistency proof are right to Go" exported
$ctl audit proof 35000 --log "$folder/large/log" --out "$folder/proof" >/dev/null
holds "a proof by sekishoctl is the one that the store was given" \
	cmp "$folder/proof" "$folder/large/receipt.tlog-proof"
denied()
{
	! "$@" >/dev/null 2>&1
}
holds "what does not exist is not proven" \
	denied $ctl audit proof 70000 --log "$folder/large/log" --out "$folder/nothing"
holds "nor between sizes that were not signed" \
	denied $ctl audit consistency 5 7 --log "$folder/large/log" --out "$folder/nothing"
cp -r "$folder/large/log" "$folder/forged"
printf X | dd of="$folder/forged/hash/0" bs=1 seek=1120032 conv=notrunc status=none
holds "nor by forged hashes" \
	denied $ctl audit proof 35000 --log "$folder/forged" --out "$folder/nothing"
printf X | dd of="$folder/forged/seg/00000000000000000000.jsonl" bs=1 seek=999 conv=notrunc status=none
holds "a changed log is not exported" \
	denied $ctl audit export --log "$folder/forged" --tiles "$folder/forged.tiles"
[[ ! -e $folder/nothing && ! -e $folder/forged.tiles/checkpoint ]] &&
	pass "and nothing is written that could be taken for it" ||
	fail "and nothing is written that could be taken for it"

holds "another log's key verifies nothing" \
	says 'checkpoint' "$verify" "$small" "$folder/large"

# flip FILE OFFSET: one bit of one byte
flip()
{
	perl -e 'open my $f, "+<", $ARGV[0] or die; seek $f, $ARGV[1], 0;
		read $f, my $c, 1; seek $f, $ARGV[1], 0; print $f chr(ord($c) ^ 1)' "$@"
}

segment=$folder/small/log/seg/00000000000000000000.jsonl
size=$(stat -c %s "$segment")
missed=
for ((at = 7; at < size; at += 97)); do
	index=$(($(head -c "$((at + 1))" "$segment" | wc -l)))
	flip "$segment" "$at"
	"$verify" "$small" "$folder/small" >/dev/null && missed+=" $at"
	build/bin/sekisho-verify --key "$small" "$folder/small/log" >/dev/null && missed+=" $at"
	flip "$segment" "$at"
done
[[ ! $missed ]] && pass "a flipped bit anywhere is found by both" ||
	fail "a flipped bit anywhere is found by both" "$missed"

middle=$(head -n 30 "$segment" | wc -c)
flip "$segment" $((middle + 60))
index=$("$verify" "$small" "$folder/small")
ours=$(build/bin/sekisho-verify --json --key "$small" "$folder/small/log" | jq .index)
[[ $index == "entry 3"[01]* && $ours == 3[01] ]] && pass "and at the same place" ||
	fail "and at the same place" "$index; $ours"
flip "$segment" $((middle + 60))

# --- openssl: the checkpoint's signature -------------------------------------------

checkpoint=$folder/small/log/checkpoint
sed '/^$/,$d' "$checkpoint" >"$folder/text"
sed -n 's/^— [^ ]* //p' "$checkpoint" | base64 -d | tail -c +5 >"$folder/signature"
{
	printf '302a300506032b6570032100' | tr a-f A-F | basenc -d --base16
	cut -d+ -f3- <<<"$small" | base64 -d | tail -c +2
} >"$folder/key.der"
signed()
{
	openssl pkeyutl -verify -pubin -keyform DER -inkey "$folder/key.der" -rawin \
		-in "$1" -sigfile "$folder/signature"
}
holds "openssl verifies a checkpoint" signed "$folder/text"
sed 's/^6/7/' "$folder/text" >"$folder/changed"
signed "$folder/changed" >/dev/null 2>&1 &&
	fail "openssl refuses another size" || pass "openssl refuses another size"

# --- jq and coreutils: the chain ---------------------------------------------------

leaf()
{
	{ printf '\0'; printf %s "$1"; } | sha256sum | cut -c1-64 | tr a-f A-F |
		basenc -d --base16 | base64 -w0
}

broken=
n=0
previous=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
while IFS= read -r line; do
	read -r i p < <(jq -r '"\(._i) \(._p)"' <<<"$line")
	[[ $i == "$n" && $p == "$previous" ]] || broken+=" $n"
	[[ $(jq -cS . <<<"$line") == "$line" ]] || broken+=" $n(form)"
	previous=$(leaf "$line")
	((++n))
done <"$segment"
[[ $n == 60 && ! $broken ]] && pass "jq and coreutils follow the chain" ||
	fail "jq and coreutils follow the chain" "$n entries; broken at$broken"

[[ $(jq -j .entry "$folder/small/receipt.json") == "$(sed -n 31p "$segment")" ]] &&
	pass "jq takes the entry out of a receipt as it stands in the log" ||
	fail "jq takes the entry out of a receipt as it stands in the log"

tap_done
