#!/bin/bash
# A machine that cannot be used is told so in one sentence: an older Debian,
# another system, no root, no package sources. Nothing is installed by it.
#
# The other machine is a mount namespace with another /etc/os-release, and a
# package manager that was pointed at empty folders and a dead port of loopback.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

if [[ $(id -u) != 0 ]]; then
	skip "another machine" "needs root"
	tap_done
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
mkdir -p "$folder"/{dpkg,lists/partial,cache/archives/partial}
touch "$folder/dpkg/status"
ls -l /usr/sbin/policy-rc.d >"$folder/sbin" 2>&1
echo "deb http://127.0.0.1:9/debian bookworm main" >"$folder/sources"
cat >"$folder/apt.conf" <<-END
Dir::State::status "$folder/dpkg/status";
Dir::State::lists "$folder/lists";
Dir::Cache "$folder/cache";
Dir::Etc::sourcelist "$folder/sources";
Dir::Etc::sourceparts "/dev/null";
Acquire::Retries "0";
APT::Sandbox::User "root";
Acquire::http::Proxy "DIRECT";
END

# on ID VERSION_ID COMMAND…: with that system's name
on()
{
	printf 'ID=%s\nVERSION_ID="%s"\nPRETTY_NAME="%s %s"\n' \
		"$1" "$2" "$1" "$2" >"$folder/os-release"
	unshare -m --propagation private bash -c '
		mount --bind "$1" /etc/os-release && shift && exec "$@"' \
		bash "$folder/os-release" "${@:3}"
}

# without packages and their sources
bare()
{
	DPKG_ADMINDIR=$folder/dpkg APT_CONFIG=$folder/apt.conf "$@"
}

# refuses SENTENCE EXPRESSION COMMAND…: it fails and says one line like that
refuses()
{
	local sentence=$1 expression=$2 said

	shift 2
	if said=$("$@" 2>&1 </dev/null); then
		fail "$sentence" "it went on: $said"
		return
	fi
	said=$(tail -n 1 <<<"$said")
	[[ $said =~ $expression ]] && pass "$sentence" || fail "$sentence" "$said"
}

refuses "an older Debian is told which one is needed" \
	'^deps: this is Debian 11; Sekisho needs Debian 12 or newer$' \
	on debian 11 tests/deps.sh
refuses "another system is told what Sekisho is built for" \
	'^deps: this is ubuntu 24.04; Sekisho is built for Debian 12 or newer$' \
	on ubuntu 24.04 tests/deps.sh
refuses "missing packages without root name the command" \
	'^deps: packages are missing \(gcc .*\); run: sudo make deps$' \
	bare setpriv --reuid 65534 --regid 65534 --clear-groups tests/deps.sh
refuses "no package sources: one sentence that says what to do" \
	'^deps: the package sources cannot be reached; connect this machine to a Debian mirror and run this again$' \
	bare tests/deps.sh
holds "a newer Debian with everything there goes on" on debian 13 tests/deps.sh

diff "$folder/sbin" <(ls -l /usr/sbin/policy-rc.d 2>&1) |
	none "a refused run leaves /usr/sbin as it was"
tap_done
