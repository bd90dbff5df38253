#!/bin/bash
# run.sh - visits and attacks on Debian's own kernel with cgroup v2, in qemu.
#
#	make check-vm
#	make check-vm TESTS='tests/e2e/watch.t'
#
# The kernel is Debian's linux-image, fetched by apt and unpacked beneath
# build/cache, never installed on this machine. The guest's files are those of
# packages that this machine has, the built tree and the toolset; it has one
# disk, two serial lines, and no network but its own loopback. With a KVM that
# works it takes a minute or two, without one (TCG) ten or more. MINUTES bounds it.
set -u
cd "$(dirname "$0")/../.." || exit 1

TESTS=${TESTS:-tests/vm/host.t tests/attack/sandbox.t tests/e2e/first_visit.t}
read -ra tests <<<"$TESTS"
cache=$PWD/build/cache/vm
guest_pid=

refuse()
{
	echo "check-vm: $*" >&2
	exit 1
}

# Whatever happened: the guest is ended by its pid, its disk removed.
clean_up()
{
	[[ -z $guest_pid ]] || kill -KILL "$guest_pid" 2>/dev/null
	rm -rf --one-file-system "$folder"
}

# fetch_kernel: sets release; linux and modules beneath $cache/RELEASE
fetch_kernel()
{
	local package deb=$folder/deb

	package=$(apt-cache search --names-only '^linux-image-6\.1\.[0-9.]+-[0-9]+-amd64$' |
		cut -d' ' -f1 | sort -V | tail -n 1)
	[[ $package ]] ||
		refuse "no package linux-image-6.1.*-amd64; the sources of Debian 12 have it"
	release=${package#linux-image-}
	[[ ! -e $cache/$release/modules/lib/modules/$release/modules.dep ]] || return 0
	echo "# fetching $package"
	mkdir -p "$deb/root" "$cache"
	chmod 755 "$folder"
	(cd "$deb" && apt-get -q download "$package") >"$folder/log" 2>&1 ||
		refuse "cannot fetch $package: $(tail -n 1 "$folder/log")"
	dpkg-deb -x "$deb"/*.deb "$deb/root" &&
		tests/vm/pick_modules.sh "$deb/root" "$release" "$deb/picked" &&
		rm -rf "${cache:?}/$release" && mv "$deb/picked" "$cache/$release" ||
		refuse "cannot unpack $package"
	rm -rf "$deb"
}

# boot ACCELERATOR INITRD QEMU-ARGUMENT…: console to $folder/console
boot()
{
	local accelerator=$1 initrd=$2

	shift 2
	# A hypervisor's KVM may offer registers that it then refuses to set.
	exec qemu-system-x86_64 -no-user-config -nodefaults -display none -no-reboot \
		-nic none -accel "$accelerator" -cpu max,arch-capabilities=off \
		-kernel "$cache/$release/vmlinuz" -initrd "$initrd" \
		-append 'console=ttyS0 panic=-1 quiet' \
		-serial "file:$folder/console" "$@" </dev/null
}

# There are machines with a /dev/kvm on which no guest gets anywhere: try it.
kvm_works()
{
	[[ -w /dev/kvm ]] || return 1
	boot kvm "$folder/probe.gz" -m 512 >/dev/null 2>&1 &
	guest_pid=$!
	for _ in {1..50}; do
		kill -0 "$guest_pid" 2>/dev/null || break
		sleep 0.2
	done
	kill -KILL "$guest_pid" 2>/dev/null
	wait "$guest_pid" 2>/dev/null
	guest_pid=
	grep -q 'the guest runs' "$folder/console" 2>/dev/null
}

# run_guest: until it ends, or its time is over
run_guest()
{
	local accelerator=tcg minutes=${MINUTES:-40}

	if kvm_works; then
		accelerator=kvm
		minutes=${MINUTES:-10}
	fi
	echo "# Linux $release in qemu ($accelerator), at most $minutes minutes"
	boot "$accelerator" "$folder/initrd.gz" -m 3072 -smp 2 \
		-drive "if=virtio,format=raw,cache=unsafe,file=$folder/disk" \
		-serial "file:$folder/results" 2>"$folder/log" &
	guest_pid=$!
	for ((waited = 0; waited < minutes * 60; waited++)); do
		kill -0 "$guest_pid" 2>/dev/null || break
		sleep 1
	done
	kill -KILL "$guest_pid" 2>/dev/null && echo "# its time is over"
	wait "$guest_pid" 2>/dev/null
	guest_pid=
}

# The guest's lines are "NUMBER LINE": a file for each test.
judge()
{
	local i files=()

	for i in "${!tests[@]}"; do
		files+=("$folder/$(tr / _ <<<"${tests[i]}")")
		tr -d '\r' <"$folder/results" | sed -n "s/^$i //p" >"${files[i]}"
	done
	if prove --norc --exec cat "${files[@]}"; then
		return 0
	fi
	echo '# what the guest said last:'
	tail -n 40 "$folder/results" | tr -d '\r' | cat -v
	tail -n 10 "$folder/console" "$folder/log" | cat -v
	return 1
}

[[ $(id -u) == 0 ]] || refuse "needs root; run: sudo make check-vm"
tests/deps.sh vm || exit 1
build/bin/sekishoctl toolset build sandbox/toolset/analysis.yaml build/cache >/dev/null ||
	exit 1
folder=$(mktemp -d "$PWD/build/vm-XXXXXX")
trap clean_up EXIT
trap 'exit 1' INT TERM HUP
fetch_kernel
tests/vm/make_initrd.sh "$cache/$release" "$folder" ||
	refuse "cannot make the guest's first files"
tests/vm/make_disk.sh "$cache/$release/modules" "$folder" "${tests[@]}" ||
	refuse "cannot make the guest's disk"
run_guest
judge
