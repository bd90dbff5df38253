#!/bin/sh
# Every system call from 0 to 470 in a sandbox, against the reviewed list.
set -eu

[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
build=${B:-build}
folder=$(mktemp -d "${TMPDIR:-/tmp}/sekisho-calls.XXXXXX")
trap 'rm -rf "$folder"' EXIT

"$(dirname "$0")/toolset.sh" "$folder" "$build/tests/attack/calls"
"$build/tests/attack/calls_attack" "$folder" "$build/bin"
