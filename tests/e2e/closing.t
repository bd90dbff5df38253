#!/bin/bash
# A permit is closed: what it leaves behind is gone, and the log says so.
# LONG=1: killed at more places (make soak).
source "$(dirname "$0")/lib.sh"

disk=
marker=mark-$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
unused=mark-$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
ended=(1 2 ${LONG:+3 4})

# Workspaces and keys lie on a disk of their own, which can be searched block
# by block. Further permits, which ended, have a disk that nobody ever used.
prepare()
{
	local part

	make_permit P-2 2020-01-01 2099-12-31 late
	for part in "${ended[@]}"; do
		make_permit "K-$part" 2020-01-01 2020-12-31 late
	done
	disk=$(mktemp "$PWD/build/disk-XXXXXX")
	truncate -s 256M "$disk"
	mke2fs -q -F -t ext4 "$disk"
	mkdir -p "$tree/disk" "$tree/state/workspaces" "$tree/state/keys"
	mount -o loop "$disk" "$tree/disk"
	mkdir "$tree/disk/workspaces" "$tree/disk/keys"
	chown 1700000003:1700000003 "$tree/disk/keys"
	for part in workspaces keys; do
		mount --bind "$tree/disk/$part" "$tree/state/$part"
	done
	for part in "${ended[@]}"; do
		yes "$unused" | head -c 1M >"$tree/state/workspaces/K-$part.img"
	done
}

take_apart()
{
	stop_gateway
	umount "$tree/state/workspaces" "$tree/state/keys" "$tree/disk"
}

# How often do these bytes, in hexadecimal, stand on the disk?
on_disk()
{
	sync -f "$tree/disk/workspaces"
	perl -e 'my $want = pack "H*", shift; my ($had, $n) = ("", 0);
		open my $disk, "<:raw", shift or die;
		while (read $disk, my $piece, 1 << 22) {
			$_ = $had . $piece;
			$n++ while /\Q$want\E/g;
			$had = length > length $want ? substr $_, 1 - length $want : $_;
		}
		print "$n\n"' "$1" "$disk"
}

hex()
{
	od -An -v -tx1 | tr -d ' \n'
}

supervisor()
{
	gateway_processes | awk '$2 == "sekishod" { print $1 }' | sed -n 2p
}

encryption()
{
	sed -i '/^workspace_encryption:/d' "$tree/etc/site.yaml"
	echo "workspace_encryption: $1" >>"$tree/etc/site.yaml"
	as operator policy apply >/dev/null
}

story prepare
expect_ok as researcher "echo $marker >/workspace/secret; sync"
echo "sent in $marker" >"$tree/new.csv"
CODES=$tree/codes/hanako SSH_ASKPASS=$tree/askpass SSH_ASKPASS_REQUIRE=force \
	timeout 60 sftp -q -F "$tree/ssh_config" researcher >"$tree/said" 2>&1 <<<"put $tree/new.csv /import/new/new.csv"
grep -rqF "$marker" "$tree/state/requests/import/P-1" &&
	pass "a file was sent in" || fail "a file was sent in" "$(cat "$tree/said")"
encryption off
expect_ok as expired "echo $marker >/workspace/secret; sync"
encryption when_possible
(($(on_disk "$(printf '%s' "$marker" | hex)") > 0)) &&
	pass "the disk has the marker in clear, in the workspace without encryption" ||
	fail "the disk has the marker in clear, in the workspace without encryption"

# --- What is refused ----------------------------------------------------------------

expect_denied as operator permit close P-1
grep -q 'suspend it first' <<<"$said" && pass "a permit in force is suspended first" ||
	fail "a permit in force is suspended first" "$said"
expect_denied as operator permit close P-9
expect_denied as researcher sekisho permit close P-1
expect_no_audit 'permit.close'

# closed PERMIT: close it, and all but the vault's part is done
closed()
{
	expect_text 'erase.workspace' as operator permit close "$1"
	expect_audit "permit.close permit=$1"
	expect_audit "erase.key result=ok permit=$1"
	expect_audit "erase.workspace result=ok permit=$1 bytes=67108864 files=1"
	expect_audit "erase.transfers result=ok permit=$1"
	[[ ! -e $tree/state/workspaces/$1.img ]] && pass "the disk of $1 is gone" ||
		fail "the disk of $1 is gone"
}

# --- Closed ---------------------------------------------------------------------------

# as a backup would be made by a program that knows CACHEDIR.TAG
tar -C "$tree/state" --exclude-caches -cf "$tree/backup.tar" workspaces keys
site=$(cat "$tree"/state/keys/permits/site.* | hex)
wrapped=$(cat "$tree"/state/keys/permits/ring.* |
	perl -0777 -ne 'print unpack "H*", substr $_, index($_, "P-1\0") + 65, 60')
(($(on_disk "$site") == 1 && $(on_disk "$wrapped") == 1)) &&
	pass "the wrapped key and what it is wrapped under are found on the disk" ||
	fail "the wrapped key and what it is wrapped under are found on the disk"
expect_ok as operator suspend permit P-1 its time is over
expect_ok as operator suspend permit P-2 its time is over
expect_audit_from_here
closed P-1
expect_audit 'erase.vault result=ok permit=P-1 phase=done'
# the vault dies with what it was told unread
pid=$(pids_of sekisho-vault)
kill -STOP "$pid"
closed P-2
kill -KILL "$pid"
expect_audit 'admin.crash program=sekisho-vault'
expect_no_audit 'erase.vault permit=P-2'
expect_order admin.act permit.close erase.order erase.workspace
expect_no_audit 'erase.recordings'
find "$tree/state/requests/import/P-1" 2>&1 | grep -v 'No such file' |
	none "what was sent in is gone"
(($(on_disk "$(printf '%s' "$marker" | hex)") == 0)) &&
	pass "no block of the disk has a marker" || fail "no block of the disk has a marker"
(($(on_disk "$(printf '%s' "$unused" | hex)") > 1000)) &&
	pass "but in what was not closed" || fail "but in what was not closed"
for bytes in "$site" "$wrapped"; do
	on_disk "$bytes"
done | grep -v '^0$' | none "no block has the wrapped key, or what it was wrapped under"
expect_denied as operator permit close P-1
expect_text closed as operator permit list
hang_up researcher
hang_up expired
expect_denied as researcher true
grep -qE 'closed|閉じ' <<<"$said" && pass "the person reads that it is closed" ||
	fail "the person reads that it is closed" "$said"
expect_ok as operator lift permit P-1
hang_up researcher
expect_denied as researcher true

# --- When its days are over --------------------------------------------------------

[[ $(find "$tree/state/recordings/P-1" -type f | wc -l) -gt 0 ]] &&
	pass "what terminals showed is kept for its time" ||
	fail "what terminals showed is kept for its time"
stop_gateway
# what is left of a supervisor that died before it gave the folder away
mkdir -m 700 "$tree/state/recordings/P-1/0-begun" "$tree/state/requests/import/K-1"
sqlite3 "$tree/state/state/policy.db" \
	"UPDATE erasures SET due = 1 WHERE permit = 'P-1' AND class = 'recordings';
	UPDATE erasures SET due = 1 WHERE permit = 'P-2' AND class = 'key'"
start_gateway || fail "the gateway starts again"
expect_audit 'erase.vault result=ok permit=P-2 phase=done'
expect_audit 'erase.recordings result=ok permit=P-1 files~^[1-9]'
[[ ! -e $tree/state/recordings/P-1 && -d $tree/state/recordings/P-2 ]] &&
	pass "then it goes, and no other permit's" || fail "then it goes, and no other permit's"
expect_denied as operator permit close P-1

# the backup: what it holds opens with nothing that still exists
mkdir "$tree/restored"
tar -C "$tree/restored" -xf "$tree/backup.tar"
(cd "$tree/restored/keys/permits" && ls) | grep -v '^CACHEDIR.TAG$' |
	none "the backup has no permit's key"
grep -qaF "$marker" "$tree/restored/workspaces/P-1.img" &&
	fail "its copy of the encrypted disk shows nothing" ||
	pass "its copy of the encrypted disk shows nothing"
cp "$tree/restored/workspaces/P-1.img" "$tree/state/workspaces/P-1.img"
expect_denied as researcher true
rm "$tree/state/workspaces/P-1.img"

# --- Killed --------------------------------------------------------------------------

# killed POINT PERMIT PID: the process dies there; the next one goes on
killed()
{
	local stopper _

	expect_audit_from_here
	build/tool/stopper --at "$1=kill" --only --pid "$3" --seconds 20 &
	stopper=$!
	sleep 0.3
	as operator permit close "$2" >/dev/null 2>&1
	wait "$stopper" 2>/dev/null
	expect_audit 'admin.start recovered~.'
	# where it was not on record yet, nothing was said, and it is said again
	for _ in {1..20}; do
		as operator permit close "$2" 2>&1 | grep -q 'already' && break
		sleep 0.3
	done
	expect_audit "erase.key result=ok permit=$2"
	expect_audit "erase.workspace result=ok permit=$2"
	expect_audit "erase.transfers result=ok permit=$2"
	[[ ! -e $tree/state/workspaces/$2.img ]] && pass "killed at $1, the disk goes all the same" ||
		fail "killed at $1, the disk goes all the same"
}

# overwritten, and not yet removed; closed, and not yet on record
killed unlinkat:1 K-1 "$(supervisor)"
killed fdatasync:1 K-2 "$(pids_of sekisho-policy)"
if [[ ${LONG-} ]]; then
	killed flock:1 K-3 "$(supervisor)"
	killed clone:1 K-4 "$(supervisor)"
fi
(($(on_disk "$(printf '%s' "$unused" | hex)") == 0)) &&
	pass "no block of the disk has those either" ||
	fail "no block of the disk has those either"
verify_log
take_apart
rm -f "$disk"
story_done
