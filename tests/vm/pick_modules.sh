#!/bin/bash
# pick_modules.sh ROOT RELEASE OUT: from an unpacked linux-image, the kernel and
# the modules that a guest without devices may ask for, with their index.
set -eu

root=$1
release=$2
out=$3
modules=$out/modules/lib/modules/$release

mkdir -p "$modules/kernel/drivers"
cp "$root/boot/vmlinuz-$release" "$out/vmlinuz"
cd "$root/lib/modules/$release"
cp modules.builtin modules.builtin.modinfo modules.order "$modules/"
for part in arch block crypto fs lib net/netlink net/unix net/ipv4 net/core \
	drivers/virtio drivers/block; do
	[[ -d kernel/$part ]] || continue
	mkdir -p "$modules/kernel/$part"
	cp -R "kernel/$part/." "$modules/kernel/$part/"
done
busybox depmod -b "$out/modules" "$release"
