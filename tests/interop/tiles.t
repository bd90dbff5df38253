#!/bin/bash
# tiles - sekisho-tiles, asked by curl and by a reader of tiles that nobody here
# wrote: hash tiles for everybody, entries for who has a token, nothing else.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh
[[ $(id -u) == 0 ]] || { skip "the view of a log" "needs root, to give it away"; tap_done; }

account=65529
folder=$(mktemp -d)
pids=()
finish()
{
	((${#pids[@]})) && kill "${pids[@]}" 2>/dev/null
	rm -rf "$folder"
}
trap finish EXIT
chmod 755 "$folder"

# --- A log, its exported tiles, a server for each -----------------------------------

export GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS='' GOPROXY=off
export GOCACHE=$PWD/build/gocache
verify=$folder/verify
go build -o "$verify" tests/interop/verify.go || exit 1
build/tests/interop/write_log "$folder" 70000
log=$folder/log
key=$(cat "$log/key.pub")
ctl=build/bin/sekishoctl
$ctl audit export --log "$log" --tiles "$folder/tiles" --entries >/dev/null
$ctl audit consistency 12345 latest --log "$log" >"$folder/grew"
chown -R $account "$folder/log" "$folder/tiles"
token=$(openssl rand -hex 32)
echo "aiko $(printf %s "$token" | sha256sum | cut -d' ' -f1)" >"$folder/auditors"
chown $account "$folder/auditors"

# begin NAME OPTION…: a server; its address in $at
begin()
{
	local name=$1 _

	shift
	setpriv --reuid $account --regid $account --clear-groups \
		build/bin/sekisho-tiles --listen 127.0.0.1:0 "$@" \
		</dev/null >"$folder/$name.said" 2>&1 &
	pids+=($!)
	for _ in {1..100}; do
		at=$(grep -o '127.0.0.1:[0-9]*' "$folder/$name.said" | head -n 1)
		[[ $at ]] && return 0
		sleep 0.1
	done
	fail "the server $name starts" "$(<"$folder/$name.said")"
}
begin log --folder "$log"
live=http://$at
begin tiles --folder "$folder/tiles" --auditors "$folder/auditors"
exported=http://$at

# --- Somebody else's reader -----------------------------------------------------------

holds "Go reads the tiles of the log's own folder" \
	"$verify" "$key" "$folder" "$live" "$folder/grew"
holds "and of an exported one" "$verify" "$key" "$folder" "$exported" "$folder/grew"
holds "with a token the entries, too" \
	env TOKEN="$token" "$verify" "$key" "$folder" "$exported" "$folder/grew"
denied()
{
	! "$@" >/dev/null 2>&1
}
holds "with another token none" \
	denied env TOKEN="${token/[0-9]/x}" "$verify" "$key" "$folder" "$exported" "$folder/grew"
grep -qF "aiko reads tile/entries/273.p/112" "$folder/tiles.said" &&
	pass "who reads entries is told to the operator" ||
	fail "who reads entries is told to the operator" "$(tail -n 3 "$folder/tiles.said")"

# --- What is answered -----------------------------------------------------------------

# expect STATUS URL [OPTION…]
expect()
{
	local want=$1 url=$2 got

	shift 2
	got=$(curl -s --path-as-is -o "$folder/body" -D "$folder/head" -w '%{http_code}' "$@" "$url")
	[[ $got == "$want" ]] && pass "$want: $url $*" || fail "$want: $url $*" "$got"
}
has()
{
	grep -qi "^$1: $2.\?$" "$folder/head" && pass "$1: $2" || fail "$1: $2" "$(<"$folder/head")"
}
expect 200 "$live/checkpoint"
has cache-control no-cache
cmp -s "$folder/body" "$log/checkpoint" && pass "the checkpoint is that of the log" ||
	fail "the checkpoint is that of the log"
expect 200 "$live/tile/0/000"
has cache-control 'public, max-age=31536000, immutable'
cmp -s "$folder/body" <(head -c 8192 "$log/hash/0") && pass "a tile is 256 hashes" ||
	fail "a tile is 256 hashes"
expect 200 "$live/tile/0/000.p/7"
[[ $(stat -c %s "$folder/body") == 224 ]] && pass "a part of one is as many as were asked" ||
	fail "a part of one is as many as were asked"
expect 200 "$live/tile/1/001.p/17"
expect 200 "$live/checkpoint" -I
expect 405 "$live/checkpoint" -X POST
has allow 'GET, HEAD'
expect 405 "$live/checkpoint" -X DELETE
for path in / /tile /tile/0 /tile/0/0 /tile/0/0000 /tile/0/x000/000 /tile/00/000 \
	/tile/0/000.p/0 /tile/0/000.p/256 /tile/0/000.p/07 /tile/9/000 /tile/-1/000 /tile/0/../../key.pub \
	/tile/0/000/ /tile/0/000.p/7/ /../key.pub /key.pub /seg/00000000000000000000.jsonl \
	/checkpoints.jsonl /hash/0 //checkpoint /tile/0/x999/x999/x999/x999/x999/x999/x999 \
	/tile/0/%2e%2e/000; do
	expect 404 "$live$path"
done
# behind the published checkpoint, though the file may have it
expect 404 "$live/tile/0/273"
expect 404 "$live/tile/0/273.p/113"
expect 200 "$live/tile/0/273.p/112"
expect 404 "$live/tile/2/000"
expect 200 "$live/tile/2/000.p/1"
sed -i '2s/.*/256/' "$folder/tiles/checkpoint"
expect 404 "$exported/tile/0/001"
expect 200 "$exported/tile/0/000"

# entries: never those of a log, and those of an exported folder with a token
expect 404 "$live/tile/entries/000" -H "Authorization: Bearer $token"
expect 401 "$exported/tile/entries/000"
has www-authenticate Bearer
expect 401 "$exported/tile/entries/000" -H "Authorization: Bearer "
expect 401 "$exported/tile/entries/000" -H "Authorization: Basic $token"
expect 401 "$exported/tile/entries/000" -H "Authorization: Bearer ${token}0"
expect 200 "$exported/tile/entries/000" -H "Authorization: Bearer $token"
has cache-control 'private, no-store'
head -c 2 "$folder/body" | od -An -tu1 | grep -q . && pass "an entry bundle is given" ||
	fail "an entry bundle is given"
expect 404 "$exported/tile/entries/001" -H "Authorization: Bearer $token"

# --- What is refused at the start -------------------------------------------------------

refused()
{
	local pattern=$1

	shift
	setpriv --reuid $account --regid $account --clear-groups timeout 10 \
		build/bin/sekisho-tiles "$@" >"$folder/said" 2>&1
	[[ $? == [12] ]] && grep -q -- "$pattern" "$folder/said"
}
holds "the entries of a log are not given out" \
	refused 'export them first' --folder "$log" --auditors "$folder/auditors"
holds "nor any over a network in clear" \
	refused 'speaks TLS' --folder "$folder/tiles" --auditors "$folder/auditors" --listen 0.0.0.0:0
echo 'aiko secret' >"$folder/auditors"
holds "a file of auditors that holds something else is refused by line" \
	refused 'auditors:1: expected a name' --folder "$folder/tiles" --auditors "$folder/auditors"
holds "a folder that is neither is refused" refused 'neither tile nor hash' --folder "$folder"
as_root()
{
	build/bin/sekisho-tiles --folder "$log" 2>&1 | grep -q 'not as root'
}
holds "it does not run as root" as_root
tap_done
