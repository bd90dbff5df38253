#!/bin/bash
# deps.sh - install the Debian packages that building, trying and testing need.
#
#	tests/deps.sh           all of them
#	tests/deps.sh demo      what building and trying needs
#	tests/deps.sh vm        all of them, and what `make check-vm` needs besides
#
# The one list. Does nothing, quickly, when all are installed. Needs root and
# Debian 12 or newer; says in one sentence what is missing otherwise.
set -u

packages=(
	# build
	gcc make binutils pkgconf libc6-dev linux-libc-dev
	libssh-dev libssl-dev libsqlite3-dev libyaml-dev libseccomp-dev
	libedit-dev libutf8proc-dev libmicrohttpd-dev libcurl4-openssl-dev
	libp11-kit-dev
	# run: images, workspaces, the demo's keys and codes
	mmdebstrap erofs-utils e2fsprogs mount util-linux procps
	openssl sqlite3 ca-certificates openssh-client oathtool
)
[[ ${1-} == demo ]] || packages+=(
	libjansson-dev
	perl clang libclang-rt-dev clang-format clang-tidy cppcheck shellcheck
	openssh-server openssh-sftp-server rsync expect tmux jq
	golang-go golang-golang-x-mod-dev
	dropbear-bin putty-tools python3-asyncssh python3-paramiko python3-cryptography
	redis-tools
	bubblewrap ssh-audit psmisc iproute2 strace man-db git curl softhsm2 age xxd
	python3 r-base-core r-cran-survival time
	stress-ng trinity
)
[[ ${1-} != vm ]] || packages+=(
	qemu-system-x86 busybox-static
)

fail()
{
	echo "deps: $*" >&2
	exit 1
}

missing()
{
	local have name

	have=" $(dpkg-query -W -f='${db:Status-Abbrev}|${Package} ' \
		"${packages[@]}" 2>/dev/null)"
	for name in "${packages[@]}"; do
		[[ $have == *" ii |$name "* ]] || echo "$name"
	done
}

[[ -r /etc/os-release ]] ||
	fail "this is not Debian; Sekisho is built for Debian 12 or newer"
# shellcheck source=/dev/null
. /etc/os-release
[[ ${ID-} == debian ]] ||
	fail "this is ${PRETTY_NAME-another system}; Sekisho is built for Debian 12 or newer"
# testing and unstable carry no version
if [[ -n ${VERSION_ID-} ]] && ((VERSION_ID < 12)); then
	fail "this is Debian $VERSION_ID; Sekisho needs Debian 12 or newer"
fi

mapfile -t wanted < <(missing)
((${#wanted[@]})) || exit 0

[[ $(id -u) == 0 ]] ||
	fail "packages are missing (${wanted[*]}); run: sudo make deps"

log=$(mktemp)
services=/usr/sbin/policy-rc.d
trap 'rm -f "$log"; [[ ${quiet-} ]] && rm -f "$services"' EXIT
# A service of a package that a test needs has no business starting here.
if [[ ! -e $services ]]; then
	quiet=1
	printf '#!/bin/sh\nexit 101\n' >"$services" && chmod 755 "$services"
fi

echo "deps: installing ${#wanted[@]} Debian packages" >&2
export DEBIAN_FRONTEND=noninteractive
install()
{
	apt-get -o DPkg::Lock::Timeout=120 -y --no-install-recommends \
		install "${wanted[@]}" </dev/null >"$log" 2>&1
}
if ! install; then
	apt-get -o DPkg::Lock::Timeout=120 -o APT::Update::Error-Mode=any -q update </dev/null >"$log" 2>&1 ||
		{ tail -n 3 "$log" >&2; fail "the package sources cannot be reached; connect this machine to a Debian mirror and run this again"; }
	install ||
		{ tail -n 5 "$log" >&2; fail "apt-get could not install: ${wanted[*]}"; }
fi
