#!/bin/bash
# A dataset is what the permit was approved for, or no session begins.
source "$(dirname "$0")/lib.sh"
story

dataset=$(echo "$tree"/state/datasets/D-1/*)

expect_ok as researcher true
expect_audit 'dataset.mount result=ok dataset=D-1 permit=P-1 session~^s'
expect_order session.open dataset.mount session.start
hang_up researcher

# --- Only its data is seen ------------------------------------------------------

expect_text '^D-1.db catalogue.json people.csv $' as researcher 'ls /data/D-1 | tr "\n" " "'
expect_no 'pseudonyms|manifest' as researcher 'find / -xdev -name "pseudonyms*" -o -name "manifest.json*" 2>/dev/null; ls -a /data/D-1 /data/D-1/..'
hang_up researcher

# --- Files that are not the approved ones ------------------------------------------

# refused SENTENCE: neither a session nor a shell, and the person reads why
refused()
{
	expect_audit_from_here
	expect_denied alone researcher true
	grep -q 'D-1' <<<"$said" && pass "the person reads which dataset: $1" ||
		fail "the person reads which dataset: $1" "$said"
	expect_audit 'dataset.mount result=deny dataset=D-1 permit=P-1 why~.'
	expect_no_audit 'session.start'
	expect_audit 'session.close why~dataset'
}

cp -a "$dataset" "$tree/kept"
back()
{
	rm -rf "$dataset"
	cp -a "$tree/kept" "$dataset"
}

chmod u+w "$dataset/manifest.json"
sed -i 's/"bytes":/"bytes": /' "$dataset/manifest.json"
refused "one byte of the manifest changed"
back
chmod u+w "$dataset/data/people.csv"
sed -i 's/,63,/,64,/' "$dataset/data/people.csv"
refused "one byte of a file changed, its size is the same"
back
: >"$dataset/data/more.csv"
refused "a file that nobody listed"
back
rm "$dataset/data/D-1.db"
refused "a listed file is missing"
back
rm "$dataset/data/people.csv"
ln -s ../manifest.json "$dataset/data/people.csv"
refused "a link in the place of a file"
back
rm -r "$dataset"
refused "the folder is missing"
back
expect_ok alone researcher true

# --- A policy without a manifest -----------------------------------------------------

sed -i '/^manifest:/d' "$tree/etc/datasets/D-1.yaml"
expect_ok as operator policy apply
# policy itself says no: nothing is ordered that could not be compared
expect_audit_from_here
expect_denied alone researcher true
[[ $said == *D-1*マニフェスト* ]] &&
	pass "the person reads which dataset cannot be compared" ||
	fail "the person reads which dataset cannot be compared" "$said"
expect_audit 'channel.open result=deny reason=manifest'
expect_no_audit 'session.open'

verify_log
story_done
