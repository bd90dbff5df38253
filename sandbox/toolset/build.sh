#!/bin/sh
#
# build.sh RECIPE OUTDIR - build a toolset: the read-only system image that
# sessions run in. Writes OUTDIR/NAME.erofs and OUTDIR/NAME.erofs.sha256.
#
# Run by root (the demo, or an operator). Packages come from where this host
# gets its own, checked with this host's keys; nothing is taken from the
# host's /usr or /etc. An image is rebuilt when the recipe, this script, or a
# version that apt would install has changed; else this returns at once.
set -eu
export LC_ALL=C
umask 022

main() {
	[ $# -eq 2 ] || fail "usage: build.sh RECIPE OUTDIR"
	recipe=$1
	out=$2
	here=$(cd "$(dirname "$0")" && pwd)
	[ -r "$recipe" ] || fail "cannot read the recipe $recipe"
	recipe=$(realpath "$recipe")
	name=$(value name)
	suite=$(value suite)
	check_form
	packages=$(list packages | sort)
	[ -n "$packages" ] || fail "$recipe: no packages are listed"
	mkdir -p "$out"
	out=$(cd "$out" && pwd)
	image=$out/$name.erofs
	known=$image.built-from

	exec 9> "$out/$name.lock"
	flock 9
	inputs=$(inputs)
	is_current && return 0

	[ "$(id -u)" -eq 0 ] || fail "building needs root; use sudo"
	need_tools
	need_space
	work=$(mktemp -d "$out/.build.XXXXXX")
	trap 'rm -rf --one-file-system "$work"' EXIT
	trap 'exit 1' INT TERM HUP
	# Mounts made on the way are mmdebstrap's own and end with it.
	install_packages
	arrange_root
	pack
	echo "toolset: $image ($(du -m "$image" | cut -f1) MB)"
}

fail() {
	echo "toolset: $*" >&2
	exit 1
}

# --- The recipe ---------------------------------------------------------------

value() {
	found=$(sed -n "s/^$1: \([a-z0-9-]*\)\$/\1/p" "$recipe")
	[ -n "$found" ] || fail "$recipe: '$1: NAME' is missing"
	echo "$found"
}

list() {
	awk -v key="$1:" '/^[a-z]/ { inside = $1 == key }
		inside && /^  - / { print $2 }' "$recipe"
}

check_form() {
	word='[A-Za-z0-9/*][A-Za-z0-9/*.+_-]*'
	bad=$(grep -nEv "^( *#.*|packages:|leave_out:|  - $word|)\$" "$recipe" |
		grep -Ev ':(name|suite): [a-z0-9-]+$' | head -n 1) || true
	[ -z "$bad" ] || fail "$recipe:${bad%%:*}: not understood: ${bad#*:}"
}

# --- Is it built already? -----------------------------------------------------

# Two lines: what we wrote, and the versions that apt would install ("unknown"
# where apt has no lists, as in a fresh container).
inputs() {
	cat "$recipe" "$here/build.sh" "$here/profile" | hash
	# shellcheck disable=SC2086 # a list of words
	versions=$(apt-cache policy $packages 2> /dev/null |
		sed -n '/^[^ ]/p; s/^  Candidate: //p')
	case $versions in
	'' | *'(none)'*) echo unknown ;;
	*) echo "$versions" | hash ;;
	esac
}

hash() {
	sha256sum | cut -d ' ' -f 1
}

is_current() {
	[ -s "$image" ] && [ -s "$image.sha256" ] && [ -r "$known" ] || return 1
	[ "$(cat "$known")" = "$inputs" ] && return 0
	[ "${inputs#*
}" = unknown ] && [ "$(head -n 1 "$known")" = "${inputs%%
*}" ]
}

# --- What the host must have --------------------------------------------------

need_tools() {
	for tool in mmdebstrap mkfs.erofs flock; do
		command -v "$tool" > /dev/null ||
			fail "$tool is not installed; run 'sudo make deps'"
	done
}

need_space() {
	free=$(df --output=avail -m "$out" | tail -n 1)
	[ "$free" -ge 3000 ] ||
		fail "building needs 3000 MB in $out; $((free)) MB are free"
}

# --- Packages -----------------------------------------------------------------

# This host's own package sources, those of the suite and its updates only. A
# host of a later release gives its addresses, with the suite's name put in.
sources() {
	own=$(. /etc/os-release && echo "${VERSION_CODENAME:-$suite}")
	for from in "$suite" "$own"; do
		{
			one_line_sources
			stanza_sources
		} > "$work/sources"
		[ -s "$work/sources" ] && break
	done
	[ -s "$work/sources" ] ||
		fail "apt on this host has no source for $suite; see /etc/apt"
}

one_line_sources() {
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2> /dev/null |
		grep -E '^deb ' |
		grep -E " $from(-updates|-security)?(/updates)? .*main" |
		sed "s/ $from/ $suite/" || true
}

# One stanza for each of ours: mmdebstrap takes only one style in a file, so
# stanzas are written as lines.
stanza_sources() {
	for file in /etc/apt/sources.list.d/*.sources; do
		[ -r "$file" ] || continue
		grep -v '^#' "$file" | awk -v from="$from" -v suite="$suite" '
		function flush(  n, i, m, j, u, s) {
			n = split(suites, s, " ")
			m = split(uris, u, " ")
			for (i = 1; i <= n; i++) {
				if (s[i] !~ "^" from "(-updates|-security)?$")
					continue
				sub(from, suite, s[i])
				for (j = 1; j <= m; j++)
					print "deb" key, u[j], s[i], "main"
			}
			suites = uris = key = ""
		}
		/^[ \t]*$/ { flush() }
		/^Suites:/ { $1 = ""; suites = $0 }
		/^URIs:/ { $1 = ""; uris = $0 }
		/^Signed-By: *\// { key = " [signed-by=" $2 "]" }
		/^Enabled: *no/ { suites = "" }
		END { flush() }'
	done
}

# Proxies and the like are settings of this host, not of the image.
fetch_settings() {
	apt-config dump | grep '^Acquire::' | grep -v '""' || true
}

install_packages() {
	sources
	fetch_settings > "$work/apt.conf"
	mkdir -p "$out/packages"
	for dir in doc info lintian locale man; do
		echo "path-exclude=/usr/share/$dir/*"
	done > "$work/dpkg.conf"
	if ! SOURCE_DATE_EPOCH=$epoch TMPDIR=$work \
		unshare --mount --propagation private mmdebstrap \
		--mode=root --variant=essential --format=directory \
		--include="$(echo "$packages" | paste -s -d ,)" \
		--aptopt="$work/apt.conf" \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt=force-unsafe-io \
		--dpkgopt="$work/dpkg.conf" \
		--skip=download/empty,essential/unlink,cleanup/apt \
		--setup-hook="$(keep_hook "$out/packages" '"$1"/var/cache/apt/archives')" \
		--customize-hook="$(keep_hook '"$1"/var/cache/apt/archives' "$out/packages")" \
		"$suite" "$work/root" "$work/sources" > "$work/log" 2>&1; then
		cp "$work/log" "$out/$name.log"
		fail "$(why_not)"
	fi
}

# Packages fetched once are kept; links, where both sides are on one disk.
keep_hook() {
	echo "mkdir -p $2; find $1 -maxdepth 1 -name '*.deb'" \
		"-exec cp -lft $2 {} + 2>/dev/null ||" \
		"find $1 -maxdepth 1 -name '*.deb' -exec cp -ft $2 {} +"
}

why_not() {
	if grep -qE 'No space left' "$work/log"; then
		echo "the disk of $out is full"
	elif grep -qE 'Temporary failure|Could not (resolve|connect)|Unable to connect|Cannot initiate|Network is unreachable|Failed to fetch' "$work/log"; then
		echo "packages cannot be fetched; is there a network?" \
			"(details: $out/$name.log)"
	elif grep -qE 'Unable to locate package|has no installation candidate' "$work/log"; then
		grep -oE 'Unable to locate package .*|Package .* has no installation candidate' \
			"$work/log" | head -n 1
	else
		echo "mmdebstrap failed; see $out/$name.log"
	fi
}

# --- Our own root -------------------------------------------------------------

# All files carry one time: the image of the same packages is the same bytes.
epoch=1700000000

arrange_root() {
	root=$work/root
	own_etc
	for dir in data workspace home/researcher out import proc dev tmp \
		run/sekisho usr/local/bin; do
		mkdir -p "$root/$dir"
	done
	: > "$root/usr/local/bin/sekisho"
	chmod 755 "$root/usr/local/bin/sekisho"
	chmod 1777 "$root/tmp"
	list_versions
	list leave_out | while read -r path; do
		find "$root" -xdev -path "$root$path" -depth -delete
	done
	chroot "$root" python3 -m compileall -q -f -j 2 \
		--invalidation-mode unchecked-hash /usr/lib/python3 \
		/usr/lib/python3.* > "$work/log" 2>&1 || true
	remove_the_rest
	find "$root" -xdev -exec touch -h -d "@$epoch" {} +
	# The cache names the times of the folders, so it is made last.
	SOURCE_DATE_EPOCH=$epoch chroot "$root" fc-cache -s -f ||
		fail "fc-cache failed inside the toolset"
}

# /etc is ours: what programs need is kept by name, everything else goes.
own_etc() {
	mkdir "$work/etc"
	for keep in R alternatives fonts ld.so.cache ld.so.conf ld.so.conf.d \
		magic magic.mime matplotlibrc mime.types nanorc pango \
		python3 python3.11 terminfo vim; do
		[ ! -e "$root/etc/$keep" ] || mv "$root/etc/$keep" "$work/etc/"
	done
	rm -rf "${root:?}/etc"
	mv "$work/etc" "$root/etc"
	cd "$root/etc"
	echo 'root:x:0:0:root:/:/usr/sbin/nologin
researcher:x:1000:1000:researcher:/home/researcher:/bin/bash
nobody:x:65534:65534:nobody:/:/usr/sbin/nologin' > passwd
	echo 'root:x:0:
tty:x:5:
researcher:x:1000:
nogroup:x:65534:' > group
	echo '127.0.0.1 localhost sekisho' > hosts
	echo sekisho > hostname
	echo 'passwd: files
group: files
hosts: files
services: files
protocols: files' > nsswitch.conf
	echo /bin/bash > shells
	echo 'LANG=C.UTF-8' > environment
	echo "Sekisho toolset $name" > issue
	ln -sf /usr/share/zoneinfo/UTC localtime
	cp "$root/usr/lib/os-release" os-release
	cp "$here/profile" profile
	ln -sf profile bash.bashrc
	# R would read .Rprofile and .Renviron from the folder it is started
	# in, and that may be one which others can write.
	if [ -d R ]; then
		echo 'R_PROFILE_USER=/home/researcher/.Rprofile
R_ENVIRON_USER=/home/researcher/.Renviron' >> R/Renviron.site
	fi
	cd "$here"
}

# What is inside, for people and for the auditor.
list_versions() {
	mkdir -p "$root/usr/share/sekisho"
	chroot "$root" dpkg-query -W -f '${Package} ${Version}\n' \
		> "$root/usr/share/sekisho/packages"
}

remove_the_rest() {
	rm -rf "${root:?}/boot" "${root:?}/media" "${root:?}/mnt" "${root:?}/opt" \
		"${root:?}/srv" "${root:?}/root" "${root:?}/sys" "${root:?}/var" \
		"${root:?}/usr/share/doc" "${root:?}/usr/share/man" \
		"${root:?}/usr/share/info" "${root:?}/usr/share/lintian" \
		"${root:?}/usr/share/bash-completion" "${root:?}/usr/lib/systemd" \
		"${root:?}/usr/lib/udev" "${root:?}/usr/share/bug" \
		"$root/usr/lib/apt" "$root/usr/share/debconf"
	find "$root/dev" "$root/run" "$root/tmp" "$root/proc" -xdev \
		-mindepth 1 ! -path "$root/run/sekisho" -delete
	mkdir -p "$root/var/cache/fontconfig" "$root/var/tmp"
	chmod 1777 "$root/var/tmp"
	(cd "$root" && rm -f usr/bin/dpkg* usr/sbin/dpkg* usr/bin/apt* \
		usr/bin/deb* usr/sbin/update-* usr/bin/update-alternatives)
	# Nothing here lends a right: no setuid, no capability (mkfs -x -1).
	find "$root" -xdev -perm /6000 ! -type l -exec chmod a-s {} +
	find "$root" -xdev \( -type b -o -type c -o -type p -o -type s \) \
		-delete
	find "$root" -xdev \( -name '*~' -o -name '*.dpkg-*' \) -delete
}

pack() {
	mkfs.erofs -x -1 -T "$epoch" --all-root $compression \
		-U 00000000-0000-0000-0000-000000000000 \
		"$work/image" "$root" > "$work/log" 2>&1 ||
		fail "mkfs.erofs: $(tail -n 1 "$work/log")"
	chmod 444 "$work/image"
	hash < "$work/image" > "$work/sha256"
	rm -f "$known"
	mv -f "$work/image" "$image"
	mv -f "$work/sha256" "$image.sha256"
	echo "$inputs" > "$known"
}
compression=

main "$@"
