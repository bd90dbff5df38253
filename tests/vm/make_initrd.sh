#!/bin/bash
# make_initrd.sh KERNEL OUT: OUT/initrd.gz mounts the disk and goes on there,
# OUT/probe.gz says that a guest runs and powers off.
set -eu

kernel=$1
out=$2
modules=$(echo "$kernel"/modules/lib/modules/*)

# pack FOLDER FILE
pack()
{
	(cd "$1" && find . | busybox cpio -o -H newc 2>/dev/null) | gzip -1 >"$2"
}

# needed MODULE: files of the module and of what it needs, that first
needed()
{
	awk -F: -v name="/$1.ko" '
		substr($1, length($1) - length(name) + 1) == name {
			n = split($2, files, " ")
			while (n > 0) print files[n--]
			print $1
		}' "$modules/modules.dep"
}

mkdir -p "$out/probe/bin" "$out/initrd"/{bin,modules,proc,dev,root}
cp "$(command -v busybox)" "$out/probe/bin/busybox"
cp "$out/probe/bin/busybox" "$out/initrd/bin/busybox"

cat >"$out/probe/init" <<-'END_INIT'
#!/bin/busybox sh
/bin/busybox echo the guest runs
/bin/busybox poweroff -f
END_INIT

for module in virtio_pci virtio_blk crc32c_generic ext4; do
	needed "$module"
done | awk '!seen[$0]++' >"$out/initrd/order"
while read -r file; do
	cp "$modules/$file" "$out/initrd/modules/"
done <"$out/initrd/order"
cat >"$out/initrd/init" <<-'END_INIT'
#!/bin/busybox sh
b=/bin/busybox
while read -r file; do
	$b insmod "/modules/${file##*/}"
done </order
$b mount -t devtmpfs none /dev
$b mount -t ext4 /dev/vda /root && exec $b switch_root /root /sbin/guest
$b poweroff -f
END_INIT
chmod 755 "$out/probe/init" "$out/initrd/init"
pack "$out/probe" "$out/probe.gz"
pack "$out/initrd" "$out/initrd.gz"
