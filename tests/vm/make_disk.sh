#!/bin/bash
# make_disk.sh MODULES OUT TEST…: OUT/disk, an ext4 image: files of installed
# packages, the kernel's modules, the built tree at its own path, and the tests
# to run. The toolset must be in build/cache.
set -eu

modules=$1
out=$(realpath "$2")
shift 2
root=$out/root
here=$PWD

# what the stories and the installed programs need; more comes by dependency
packages=(
	base-files base-passwd bash coreutils dash sed grep findutils mawk diffutils tar gzip
	util-linux mount procps iproute2 hostname libc-bin debianutils psmisc
	openssh-client oathtool openssl sqlite3 jq perl erofs-utils e2fsprogs
)

# The paths below /bin, /lib and /sbin as they are where /usr is merged.
package_files()
{
	apt-cache depends --recurse --installed --no-recommends --no-suggests \
		--no-conflicts --no-breaks --no-replaces --no-enhances "${packages[@]}" |
		sed -n 's/^\([a-z0-9][a-z0-9+.:-]*\)$/\1/p' | sort -u | xargs dpkg -L 2>/dev/null |
		sed -E 's#^/(bin|sbin|lib|lib64)/#/usr/\1/#' |
		grep -vE '^(/\.|package diverts.*|.*diverted by.*|/(bin|sbin|lib|lib64)|/usr/share/(doc|man|locale|info)/.*)$' |
		sort -u
}

mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root"/{dev,proc,sys,run,tmp,root,etc}
for name in bin sbin lib lib64; do
	ln -s "usr/$name" "$root/$name"
done
package_files | while read -r file; do
	[[ ! -e $file && ! -L $file ]] || echo "${file#/}"
done >"$out/files"
tar -C / --no-recursion -c -T "$out/files" | tar -C "$root" --keep-directory-symlink -x
# the libraries of our own programs, by what the loader says
ldd build/bin/* build/tool/* 2>/dev/null | grep -o '/[^ ]*\.so[^ ]*' | sort -u |
	while read -r library; do
		cp -L --remove-destination "$library" "$root$library"
	done
[[ -e $root/usr/bin/awk ]] || ln -s mawk "$root/usr/bin/awk"
cp "$(command -v busybox)" "$root/usr/bin/busybox"
ln -sf ../bin/busybox "$root/usr/sbin/modprobe"
cp -al "$modules/lib/modules" "$root/usr/lib/"
cp /usr/share/base-passwd/passwd.master "$root/etc/passwd"
cp /usr/share/base-passwd/group.master "$root/etc/group"
ldconfig -r "$root"

mkdir -p "$root$here/build/cache"
cp -R tests sandbox "$root$here/"
cp -R build/bin build/tests build/tool build/share "$root$here/build/"
cp -l build/cache/analysis.erofs* "$root$here/build/cache/"
install -m 755 tests/vm/guest "$root/usr/sbin/guest"
printf '%s\n' "$here" "$@" >"$root/etc/tests"

# twice what lies in it, but a file with holes
mke2fs -q -t ext4 -O encrypt -E root_owner=0:0 -d "$root" "$out/disk" \
	"$((2 * $(du -sm "$root" | cut -f1) + 2048))m"
rm -rf "$root"
