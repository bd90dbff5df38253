#!/bin/bash
# What people see over sftp: a researcher three folders, reviewers nothing.
source "$(dirname "$0")/lib.sh"
story

# sftp_as HOST COMMAND…: one sftp, a command an argument
sftp_as()
{
	local host=$1

	shift
	printf '%s\n' "$@" >"$tree/batch"
	CODES=$tree/codes/$(person_of "$host") SSH_ASKPASS=$tree/askpass \
		SSH_ASKPASS_REQUIRE=force \
		timeout 60 sftp -q -F "$tree/ssh_config" -o BatchMode=no -b "$tree/batch" "$host"
}

scp_as()
{
	local host=$1

	shift
	CODES=$tree/codes/$(person_of "$host") SSH_ASKPASS=$tree/askpass \
		SSH_ASKPASS_REQUIRE=force timeout 60 scp -q -F "$tree/ssh_config" "$@"
}

# --- The folders, made when they are first needed ---------------------------------

expect_text '^/?import *$' sftp_as researcher 'ls -1 /'
expect_text '^/?released *$' sftp_as researcher 'ls -1 /'
expect_text '^/?requests *$' sftp_as researcher 'ls -1 /'
expect_text '^(/import/)?new *$' sftp_as researcher 'ls -1 /import'
expect_audit 'files.open view=released,requests,import/new permit=P-1'
actor=$(find_audit 'files.open permit=P-1' | head -n 1 | jq -r .actor)
for folder in released status import; do
	[[ -d $tree/state/requests/$folder/P-1/$actor ]] || echo "$folder"
done | none "the person's folders are there"

# --- Sending in ---------------------------------------------------------------------

echo 'summary(d)' >"$tree/code.R"
expect_ok sftp_as researcher "put $tree/code.R /import/new/code.R" 'mkdir /import/new/lib'
expect_ok scp_as researcher "$tree/code.R" researcher:/import/new/lib/
cmp -s "$tree/code.R" "$tree/state/requests/import/P-1/$actor/lib/code.R" &&
	pass "what was sent in is there as it was" ||
	fail "what was sent in is there as it was" "$(ls -lR "$tree/state/requests/import")"
expect_audit "files.write result=ok view=import/new phase=done sha256=$(sha256sum <"$tree/code.R" | cut -c 1-64)"
store_gid=$((1700000000 + 6))
find "$tree/state/requests/import/P-1/$actor" ! -gid $store_gid |
	none "all of it is in the store's group"
# another connection, so another uid, may go on with it
expect_ok sftp_as researcher 'rename /import/new/lib/code.R /import/new/lib/b.R' 'rm /import/new/code.R'

# --- Fetching -----------------------------------------------------------------------

release=$tree/state/requests/released/P-1/$actor/1
mkdir "$release"
echo 'a,b' >"$release/table.csv"
chown -R $store_gid:$store_gid "$release"
chmod 750 "$release"
chmod 640 "$release/table.csv"
expect_audit_from_here
expect_ok sftp_as researcher "get /released/1/table.csv $tree/table.csv"
cmp -s "$tree/table.csv" "$release/table.csv" && pass "it came as it was" ||
	fail "it came as it was"
expect_audit 'files.read view=released phase=begin'
expect_audit "files.read view=released phase=done sha256=$(sha256sum <"$release/table.csv" | cut -c 1-64)"
expect_denied sftp_as researcher "put $tree/code.R /released/1/code.R"
expect_denied sftp_as researcher 'rm /released/1/table.csv'
expect_denied sftp_as researcher "put $tree/code.R /requests/code.R"
expect_denied sftp_as researcher "get /released/../../frozen $tree/x"
expect_no 'table.csv' sftp_as researcher2 'ls -1 /released' 'ls -1 /released/1'

# --- What is not there ------------------------------------------------------------------

expect_audit_from_here
for path in /data/D-1/people.csv /out/table.csv /workspace/code.R; do
	expect_denied scp_as researcher "researcher:$path" "$tree/leak"
	place=${path#/}
	expect_audit "files.refused result=deny permit=P-1 place=${place%%/*}"
	expect_denied scp_as researcher "$tree/code.R" "researcher:$path"
	expect_denied sftp_as researcher "get $path $tree/leak"
done
[[ -e $tree/leak ]] && fail "nothing arrived" || pass "nothing arrived"
expect_no_audit 'files.read'

# --- Others, who have nothing to transfer -----------------------------------------------------------------------------

for who in reviewer approver; do
	expect_audit_from_here
	expect_denied sftp_as $who 'ls -1 /'
	expect_audit 'channel.open result=deny kind=sftp'
	expect_denied sftp_as $who "get /released/1/table.csv $tree/leak"
	expect_denied sftp_as $who "put $tree/code.R /import/new/code.R"
done

verify_log
story_done
