#!/bin/bash
# A permit's workspace is encrypted under its own key, or the site is told.
source "$(dirname "$0")/lib.sh"

second_permit()
{
	make_permit P-2 2020-01-01 2099-12-31 late
}

# Never as one word in this script's own arguments: the log would not have it
# either way, but a search of the tree must find only what sessions wrote.
marker=mark-$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
image=workspaces/P-1.img

# in_clear FILE: does the marker stand in it?
in_clear()
{
	LC_ALL=C grep -qaF "$marker" "$1"
}

encryption()
{
	sed -i '/^workspace_encryption:/d' "$tree/etc/site.yaml"
	echo "workspace_encryption: $1" >>"$tree/etc/site.yaml"
	expect_ok as operator policy apply
}

# A session of this host has ended, and its workspace is unmounted.
leave()
{
	local _

	hang_up "$1"
	for _ in {1..100}; do
		[[ $(losetup -a | grep -F "$tree/state/workspaces/") ]] || break
		sleep 0.1
	done
	losetup -a | grep -F "$tree/state/workspaces/" |
		none "the workspace is unmounted when $1 has left"
}

story second_permit
supervisor=$(gateway_processes | awk '$2 == "sekishod"' | sed -n 2p | cut -d' ' -f1)

# --- Full --------------------------------------------------------------------------

# nobody new gets a home in it then; without a session it is unmounted all the same
expect_ok as researcher 'mkdir /workspace/many && cd /workspace/many &&
	{ seq 6000 | xargs touch 2>/dev/null; ! touch another 2>/dev/null; }'
leave researcher
expect_denied as researcher2 true
leave researcher2
expect_ok as researcher 'rm -r /workspace/many'

# --- Encrypted -------------------------------------------------------------------

expect_ok as researcher "echo $marker >/workspace/$marker; echo $marker >~/$marker; echo $marker >/out/$marker; sync"
expect_audit 'session.start result=ok permit=P-1 workspace=encrypted'
expect_text "$marker" as researcher2 "cat /workspace/$marker"
in_clear "$tree/state/$image" &&
	fail "while it is mounted the disk has no file and no name in clear" ||
	pass "while it is mounted the disk has no file and no name in clear"
hang_up researcher2
leave researcher
in_clear "$tree/state/$image" &&
	fail "nor afterwards" || pass "nor afterwards"
stop_gateway
start_gateway || fail "the gateway starts again"
supervisor=$(gateway_processes | awk '$2 == "sekishod"' | sed -n 2p | cut -d' ' -f1)
expect_text "$marker.*$marker.*$marker" as researcher "cat /workspace/$marker ~/$marker /out/$marker | tr '\n' ' '"
leave researcher

# mounted by hand, without the key, it shows neither
mkdir "$tree/by_hand"
mount -o loop,ro,noload "$tree/state/$image" "$tree/by_hand"
ls "$tree/by_hand/shared" >"$tree/names"
cat "$tree"/by_hand/shared/* >"$tree/bytes" 2>&1
umount "$tree/by_hand"
[[ $(wc -l <"$tree/names") == 1 ]] && ! in_clear "$tree/names" && ! in_clear "$tree/bytes" &&
	pass "who mounts the disk without the key reads neither names nor contents" ||
	fail "who mounts the disk without the key reads neither names nor contents" "$(cat "$tree/names" "$tree/bytes")"

# --- Not encrypted ------------------------------------------------------------------

encryption off
expect_audit_from_here
expect_ok as expired "echo $marker >/workspace/plain; sync"
expect_audit 'session.start permit=P-2 workspace=plain'
leave expired
in_clear "$tree/state/workspaces/P-2.img" &&
	pass "a site without encryption has it in clear on the disk" ||
	fail "a site without encryption has it in clear on the disk"
expect_text "$marker" as researcher "cat /workspace/$marker"
expect_audit 'session.start permit=P-1 workspace=encrypted'
leave researcher
encryption required
expect_audit_from_here
expect_denied as expired true
grep -q 'workspace of permit P-2' <<<"$said" &&
	pass "the person reads which workspace is refused" ||
	fail "the person reads which workspace is refused" "$said"
expect_no_audit 'session.start'
leave expired
expect_ok as researcher true
leave researcher

# --- A kernel that cannot -------------------------------------------------------------

# cannot HOST COMMAND: of the supervisor's next ioctls the third, after those
# of the loop device, is the key's, and is answered as by an older kernel
cannot()
{
	local stopper

	build/tool/stopper --at ioctl:3=EOPNOTSUPP --only --pid "$supervisor" --seconds 20 &
	stopper=$!
	sleep 0.3
	run as "$@"
	kill "$stopper" 2>/dev/null
	wait "$stopper" 2>/dev/null
}

rm "$tree/state/workspaces/P-2.img"
cannot expired true
((status != 0)) && grep -q 'workspace of permit P-2' <<<"$said" &&
	pass "required, and the kernel cannot: the session is refused" ||
	fail "required, and the kernel cannot: the session is refused" "$status $said"
expect_no_audit 'session.start permit=P-2'
leave expired
expect_ok as expired true
expect_audit 'session.start permit=P-2 workspace=encrypted'
leave expired
rm "$tree/state/workspaces/P-2.img"
encryption when_possible
cannot expired true
((status == 0)) && pass "when_possible: it starts without" ||
	fail "when_possible: it starts without" "$status $said"
expect_audit 'session.start permit=P-2 workspace=plain'
leave expired
verify_log
story_done
