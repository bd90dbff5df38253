#!/bin/bash
# The custodian's side, without a gateway: keys elsewhere, rotated and ended;
# two persons for a regulator; what a report shows.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

if [[ $(id -u) != 0 ]]; then
	skip "the story" "needs root"
	tap_done
fi

home=$PWD
tree=$(mktemp -d)
prepare=$home/build/bin/sekisho-prepare
stopper=$home/build/tool/stopper
finish()
{
	cd / || exit
	mountpoint -q "$tree/disk" && umount "$tree/disk"
	rm -rf "$tree"
}
trap finish EXIT
cd "$tree" || exit 1

# refused STATUS WORDS SENTENCE COMMAND…: standard input goes on to it
refused()
{
	local status=$1 words=$2 sentence=$3 said got

	shift 3
	said=$("$@" 2>&1)
	got=$?
	if ((got == status)) && [[ $said == *"$words"* ]]; then
		pass "$sentence"
	else
		fail "$sentence" "status $got: $said"
	fi
}

# same SENTENCE WANTED GOT
same()
{
	if [[ $2 == "$3" ]]; then
		pass "$1"
	else
		fail "$1" "wanted: $2" "got: $3"
	fi
}

permit()
{
	cat >"$1.yaml" <<-END
		version: 1
		permit: $1
		title: One
		purpose: Test
		persons: [taro]
		starts: 2020-01-01
		ends: 2999-12-31
		datasets: [visits]
	END
}

recipe()
{
	mkdir -p "$1"
	cat >"$1/visits.yaml" <<-END
		version: 1
		permit: $1
		profile: pseudonymized
		sources:
		  visits:
		    path: ../visits.csv
		    encoding: utf-8
		    null: [""]
		    subject: {column: id, normalize: [nfkc, strip]}
		    history: ../history.csv
		    optout: {file: ../optout.csv, column: id}
		    columns:
		      id: {do: pseudonym, domain: person, as: pid}
		      sex: {do: keep}
		      age: {do: keep}
		      code: {do: keep}
		report: {quasi_identifiers: [sex, age], sensitive: [code], require: {k: 2}}
	END
}

cat >visits.csv <<'END'
id,sex,age,code
A1,1,40,E10
B1,1,40,E11
C1,2,50,E10
D1,2,50,
A2,1,40,I10
Ｄ1,2,50,E10
END
printf 'new,old\nA2,A1\n' >history.csv
echo id >optout.csv
permit P-1 && recipe P-1
permit P-2 && recipe P-2

# bundle KEYS PERMIT OUT [OPTION…]
bundle()
{
	"$prepare" run "$2/visits.yaml" --keys "$1" --permit-file "$2.yaml" \
		--out "$3" "${@:4}"
}

# pseudonyms BUNDLE: in the order of the rows
pseudonyms()
{
	tail -n +2 "$1/data/visits.csv" | cut -d, -f1
}

# --- A wrapping key on a token --------------------------------------------------------

mkdir tokens
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\n' "$tree" >softhsm.conf
export SOFTHSM2_CONF=$tree/softhsm.conf
softhsm2-util --init-token --free --label custody --pin 2468 --so-pin 13579 >/dev/null
echo 2468 >pin && chmod 600 pin
module=$(find /usr/lib -name libsofthsm2.so | head -n 1)
uri="pkcs11:token=custody;object=wrapping?module-path=$module&pin-source=file:$tree/pin"

holds "a wrapping key is made on a token" \
	"$prepare" key make --out keys --wrapping "$uri"
holds "the key of a permit is wrapped by the token" \
	"$prepare" key permit --permit P-1 --keys keys
find keys -name '*.key*' ! -name signing.key |
	none "no wrapping key lies in the folder of keys"
"$prepare" key permit --permit P-2 --keys keys >/dev/null
holds "a dataset is prepared with it" bundle keys P-1 first --report report.json


sed 's/&pin-source.*//' keys/wrapping.at >keys/asked && mv keys/asked keys/wrapping.at
chmod 600 keys/wrapping.at
refused 5 "PIN is incorrect" "a wrong PIN opens nothing" \
	"$prepare" key permit --permit P-3 --keys keys <<<9999
[[ -e keys/P-3.permit ]] && fail "nothing was made" || pass "nothing was made"
holds "a PIN that is typed opens it" \
	"$prepare" key permit --permit P-3 --keys keys <<<2468
mv tokens elsewhere && mkdir tokens
refused 5 "E_KEY" "without the token there is no key" \
	"$prepare" key permit --permit P-4 --keys keys <<<2468
rm -r tokens && mv elsewhere tokens

# --- Rotation ------------------------------------------------------------------------

cp -a keys before
holds "the wrapping key is exchanged on the token" \
	"$prepare" key rotate --keys keys <<<2468
bundle keys P-1 rotated <<<2468 >/dev/null
same "pseudonyms stay what they were" "$(pseudonyms first)" "$(pseudonyms rotated)"
refused 5 "not there" "what was wrapped before cannot be unwrapped any more" \
	"$prepare" key permit --permit P-5 --keys before <<<2468

mkdir stick
holds "it can move from the token to a file on another medium" \
	"$prepare" key rotate --keys keys --wrapping "$tree/stick/wrapping.key" <<<2468
bundle keys P-1 moved >/dev/null
same "pseudonyms stay what they were" "$(pseudonyms first)" "$(pseudonyms moved)"
mv stick away
refused 5 "not there" "without the medium no key can be used" bundle keys P-1 none
mv away stick
refused 2 "wrapping" "a place that is no path from the root is refused" \
	"$prepare" key rotate --keys keys --wrapping here.key
cp stick/wrapping.key.2 taken 2>/dev/null || cp stick/wrapping.key taken
refused 6 "E_OUTPUT_EXISTS" "a key that is there is not taken for a new one" \
	"$prepare" key rotate --keys keys --wrapping "$tree/taken"
cmp -s taken stick/wrapping.key && pass "it stays as it was" || fail "it stays as it was"

# Killed at every system call: what is there can be finished, and is the same.
cp -a keys kept && cp -a stick kept-stick
calls=$("$stopper" --count "$prepare" key rotate --keys keys | tail -n 1)
rm -rf keys stick && cp -a kept keys && cp -a kept-stick stick
for ((n = calls / 4; n <= calls; n++)); do
	"$stopper" --kill-at "$n" "$prepare" key rotate --keys keys >/dev/null 2>&1
	if ! "$prepare" key rotate --keys keys >rotate.out 2>&1; then
		echo "killed at $n: $(cat rotate.out)"
	elif ! cmp -s <(bundle keys P-1 "n$n" >/dev/null 2>&1 && pseudonyms "n$n") <(pseudonyms first); then
		echo "killed at $n: other pseudonyms"
	elif compgen -G 'keys/wrapping.next' || compgen -G 'keys/wrapping.old'; then
		echo "killed at $n: left behind"
	fi
	rm -rf keys stick "n$n" && cp -a kept keys && cp -a kept-stick stick
done | none "a rotation that was killed anywhere is finished by the next"
[[ $calls -gt 100 ]] && pass "it was killed at more than a few places" ||
	fail "it was killed at more than a few places" "$calls"
refused 5 "broken off" "until then no key is used" bash -c '
	"$1" --at renameat:3=kill "$2" key rotate --keys keys >/dev/null 2>&1
	"$2" key permit --permit P-6 --keys keys' - "$stopper" "$prepare"
rm -rf keys stick && cp -a kept keys && cp -a kept-stick stick

# --- The end of a permit ---------------------------------------------------------------

truncate -s 16M disk.image && mkfs.ext4 -q disk.image && mkdir disk &&
	mount -o loop disk.image disk
"$prepare" key make --out disk/keys >/dev/null
"$prepare" key permit --permit P-1 --keys disk/keys >/dev/null
"$prepare" key permit --permit P-2 --keys disk/keys >/dev/null
bundle disk/keys P-2 ended >/dev/null
bundle disk/keys P-1 going >/dev/null
wrapped=$(cat disk/keys/P-2.permit)
wrapping=$(cat disk/keys/wrapping.key)
cp disk/keys/P-2.permit stolen.permit

# on_disk BASE64: is the line, or what it stands for, anywhere on the disk?
on_disk()
{
	sync -f disk
	python3 - disk.image "$1" <<-'END'
		import base64, sys
		image = open(sys.argv[1], "rb").read()
		line = sys.argv[2]
		print(line.encode() in image or base64.b64decode(line) in image)
	END
}
same "the wrapped key lies on the disk" True "$(on_disk "$wrapped")"
same "its wrapping key lies on the disk" True "$(on_disk "$wrapping")"
holds "a permit's key is destroyed" "$prepare" key destroy --permit P-2 --keys disk/keys
umount disk && mount -o loop disk.image disk
same "no block of the disk has the wrapped key" False "$(on_disk "$wrapped")"
same "no block of the disk has the key that it was wrapped under" False "$(on_disk "$wrapping")"
[[ ! -e disk/keys/P-2.permit ]] && pass "its file is gone" || fail "its file is gone"
jq -e '.permit == "P-2" and .event == "key.destroyed"' <(head -n 1 disk/keys/P-2.destroyed) >/dev/null &&
	pass "a record says so" || fail "a record says so"
{ printf '302a300506032b6570032100' | xxd -r -p; base64 -d disk/keys/signing.pub; } >public.der
head -n 1 disk/keys/P-2.destroyed >record
tail -n 1 disk/keys/P-2.destroyed | base64 -d >record.sig
holds "the record is signed" openssl pkeyutl -verify -pubin -keyform DER -inkey public.der \
	-rawin -in record -sigfile record.sig
refused 5 "E_KEY" "nothing is prepared for the permit any more" bundle disk/keys P-2 again
refused 5 "has ended" "it gets no new key" "$prepare" key permit --permit P-2 --keys disk/keys
cp stolen.permit disk/keys/P-2.permit && chmod 600 disk/keys/P-2.permit
refused 5 "E_KEY" "a copy of the wrapped key that was kept is of no use" bundle disk/keys P-2 again
rm disk/keys/P-2.permit
bundle disk/keys P-1 stays >/dev/null
same "other permits go on" "$(pseudonyms going)" "$(pseudonyms stays)"
ln disk/keys/P-1.permit disk/keys/second
refused 5 "second name" "a key with a second name is not said to be destroyed" \
	"$prepare" key destroy --permit P-1 --keys disk/keys
rm disk/keys/second
"$prepare" key rotate --keys disk/keys >/dev/null 2>&1
refused 5 "E_KEY" "a permit without a key cannot end" "$prepare" key destroy --permit P-9 --keys disk/keys

tar --exclude-caches-all -C disk -cf backup.tar . && tar -tf backup.tar | grep -E 'permit|wrapping|signing' |
	none "a backup that knows CACHEDIR.TAG holds no key"
umount disk

# --- Two custodians ----------------------------------------------------------------------

holds "a custodian has a key of their own" bash -c \
	'"$1" custodian make --as hanako --out hanako.key <<<"hyakunin isshu" >>keys/custodians' - "$prepare"
"$prepare" custodian make --as jiro --out jiro.key <<<"genji monogatari" >>keys/custodians
"$prepare" custodian make --as mallory --out mallory.key <<<"makura no soshi" >outsider
refused 5 "12 bytes" "a short passphrase is refused" \
	"$prepare" custodian make --as x --out x.key <<<short
age-keygen -o regulator.key 2>/dev/null
recipient=$(age-keygen -y regulator.key)
pseudonyms first | sed -n '1p;3p;4p' >wanted

# ask NAME PASSPHRASE OUT [OPTION…]
ask()
{
	"$prepare" reidentify ask --permit P-1 --pseudonyms wanted --case K-77 \
		--ground '個人情報保護法 第一条' --recipient "$recipient" --as "$1" \
		--key "$1.key" --out "$3" "${@:4}" <<<"$2"
}
approve()
{
	"$prepare" reidentify approve "$3" --custodians keys/custodians --as "$1" \
		--key "$1.key" --out "$4" <<<"$2"
}
trace()
{
	"$prepare" reidentify run "$1" --recipe P-1/visits.yaml --keys keys --out "$2"
}

holds "a custodian asks" ask hanako "hyakunin isshu" request.note
refused 5 "passphrase" "the key alone is not enough" approve jiro "wrong passphrase" request.note out.note
refused 4 "another custodian" "who asks cannot approve" \
	approve hanako "hyakunin isshu" request.note out.note
refused 4 "not on the list" "a stranger cannot approve" \
	approve mallory "makura no soshi" request.note out.note
refused 4 "no second custodian" "without an approval nobody is traced" trace request.note found.age
sed 's/K-77/K-78/' request.note >changed.note
refused 4 "no custodian of the list signed" "a request that was changed is refused" \
	approve jiro "genji monogatari" changed.note out.note
{ cat keys/custodians; sed -n 1p keys/custodians; } >twice
refused 5 "twice" "a list with one person twice is refused" \
	"$prepare" reidentify approve request.note --custodians twice --as jiro --key jiro.key \
	--out out.note <<<"genji monogatari"
refused 4 "more pseudonyms" "more pseudonyms than the request says are refused" \
	ask hanako "hyakunin isshu" small.note --most 2
refused 2 "most" "and so is a request for more than can be asked" \
	ask hanako "hyakunin isshu" small.note --most 1001
recipient=age1aaaa refused 2 "recipient" "a recipient that is no age key is refused" \
	ask hanako "hyakunin isshu" small.note
[[ -e found.age || -e out.note || -e small.note ]] && fail "nothing was written" ||
	pass "nothing was written"

holds "another custodian approves" approve jiro "genji monogatari" request.note approved.note
refused 4 "another permit" "a recipe of another permit is refused" \
	"$prepare" reidentify run approved.note --recipe P-2/visits.yaml --keys keys --out found.age
said=$(trace approved.note found.age)
same "every line of the file can be read by the recipient" "pseudonym,id $(sed -n 1p wanted),A1 $(sed -n 1p wanted),A2 $(sed -n 2p wanted),C1 $(sed -n 3p wanted),D1 $(sed -n 3p wanted),Ｄ1" \
	"$({ age -d -i regulator.key found.age | head -n 1; age -d -i regulator.key found.age | tail -n +2 | sort -t, -k2; } | paste -sd ' ')"
age-keygen -o other.key 2>/dev/null
age -d -i other.key found.age 2>/dev/null | none "and by nobody else"
grep -aFc -e 'pseudonym,id' -e "$(sed -n 1p wanted)" found.age | grep -vx 0 |
	none "nothing of it stands there in clear"
[[ $said =~ request=([0-9a-f]{64})\ journal=([0-9]+):([0-9a-f]{64}) ]] &&
	pass "a line for the gateway's log is handed over" ||
	fail "a line for the gateway's log is handed over" "$said"
same "it names the journal's last line" "$(tail -n 1 keys/journal | tr -d '\n' | sha256sum | cut -d' ' -f1)" "${BASH_REMATCH[3]}"
same "and the request" "$(head -n 1 approved.note | sha256sum | cut -d' ' -f1)" "${BASH_REMATCH[1]}"
jq -se '.[-2].event == "reidentify.begin" and .[-1].event == "reidentify.done" and
	.[-1].asked_by == "hanako" and .[-1].approved_by == "jiro" and .[-1].met == 3 and
	.[-1].ids == 5 and .[-1].case == "K-77"' keys/journal >/dev/null &&
	pass "the journal has both names and the counts" || fail "the journal has both names and the counts" "$(tail -n 2 keys/journal)"
grep -F "$(sed -n 1p wanted)" keys/journal | none "and no pseudonym"
refused 4 "before" "a request is carried out once" trace approved.note twice.age

# A file that age's own chunks are needed for
{ echo id,sex,age,code; for ((i = 0; i < 4000; i++)); do printf 'N%060d,1,40,E10\n' "$i"; done; } >visits.csv
bundle keys P-1 many >/dev/null
pseudonyms many | sort -u | head -n 1000 >wanted
ask hanako "hyakunin isshu" many.note --most 1000 >/dev/null
approve jiro "genji monogatari" many.note many2.note >/dev/null
trace many2.note many.age >/dev/null
same "a file of more than one chunk is read whole" 1001 "$(age -d -i regulator.key many.age | wc -l)"

# --- The journal -----------------------------------------------------------------------

holds "the journal is shown when it is whole" "$prepare" journal --keys keys
cp keys/journal journal.kept
sed -i '2s/"uid":0/"uid":1/' keys/journal
refused 5 "E_JOURNAL" "a line that was changed is found" "$prepare" journal --keys keys
sed 2d journal.kept >keys/journal
refused 5 "E_JOURNAL" "a line that was taken out is found" "$prepare" journal --keys keys
refused 5 "E_JOURNAL" "nothing is done over it" "$prepare" key permit --permit P-7 --keys keys
cp journal.kept keys/journal

# --- Somebody opts out later --------------------------------------------------------------

check()
{
	"$prepare" optout check first --recipe P-1/visits.yaml --keys keys \
		--public keys/signing.pub --out mark
}
holds "a dataset with nobody who opted out is said to be so" check
[[ -e mark ]] && fail "and gets no mark" || pass "and gets no mark"
# A2 is A1's later number, and nobody knows Z9
printf 'A2\nA1\nZ9\n' >>optout.csv
refused 4 '"count":1' "a person who opted out under a later number is found, once" check
same "the mark names the manifest that is stale" "$(sha256sum <first/manifest.json | cut -d' ' -f1)" \
	"$(head -n 1 mark | jq -r .manifest)"
head -n 1 mark | grep -E "A1|A2|$(sed -n 1p <(pseudonyms first))" | none "and nobody by name"
{ printf '302a300506032b6570032100' | xxd -r -p; base64 -d keys/signing.pub; } >public.der
head -n 1 mark >record && tail -n 1 mark | base64 -d >record.sig
holds "the mark is signed" openssl pkeyutl -verify -pubin -keyform DER -inkey public.der \
	-rawin -in record -sigfile record.sig
rm optout.csv mark
refused 4 "E_OPTOUT_MISSING" "a list that is missing is not an empty one" check
echo id >optout.csv

# --- A report ------------------------------------------------------------------------------

said=$(LC_ALL=C.UTF-8 "$prepare" report report.json)
[[ $said == *"smallest class (k): 2"* && $said == *"fewest sensitive values (l): 2"* &&
	$said == *"unique persons: 0.0%"* && $said =~ code\ +TEXT\ +16.6%\ +3 ]] &&
	pass "a report says k, l, unique persons and empty values" ||
	fail "a report says k, l, unique persons and empty values" "$said"
LANG=ja_JP.UTF-8 LC_ALL='' "$prepare" report report.json --html report.html
grep -q '<html lang="ja">' report.html && grep -q '最小の組の人数' report.html &&
	pass "the page is in the reader's language" || fail "the page is in the reader's language"
grep -Eio '<script|src=|href=|url\(|@import|https?:' report.html |
	none "the page loads nothing and runs nothing"
holds "the page is well-formed" python3 -c '
import html.parser, sys
class Check(html.parser.HTMLParser):
    open, void = [], {"meta", "rect", "html"}
    def handle_starttag(self, tag, attrs):
        if tag not in self.void: self.open.append(tag)
    def handle_startendtag(self, tag, attrs): pass
    def handle_endtag(self, tag):
        if tag not in self.void: assert self.open.pop() == tag, tag
check = Check(); check.feed(open(sys.argv[1], encoding="utf-8").read()); assert not check.open' report.html
sed 's/"name":"sex"/"name":"<script>"/' report.json >hostile.json
"$prepare" report hostile.json --html hostile.html
grep -o '<script' hostile.html | none "a name cannot become a part of the page"
sed 's/"rows":6/"rows":-6/' report.json >broken.json
refused 6 "not a report" "what is no report is refused" "$prepare" report broken.json

tap_done
