#!/bin/sh
# Attempts to leave a sandbox, against sekisho-box itself: no gateway, a small
# toolset that holds nothing but the attempts.
set -eu

[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
build=${B:-build}
folder=$(mktemp -d "${TMPDIR:-/tmp}/sekisho-attack.XXXXXX")
trap 'rm -rf "$folder"' EXIT

"$(dirname "$0")/toolset.sh" "$folder" "$build/tests/attack/attempts"
"$build/tests/attack/sandbox_attack" "$folder" "$build/bin"
