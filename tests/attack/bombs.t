#!/bin/sh
# Sessions that take all there is, beside one that works.
set -eu

[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
build=${B:-build}
folder=$(mktemp -d "${TMPDIR:-/tmp}/sekisho-bombs.XXXXXX")
trap 'rm -rf "$folder"' EXIT

"$(dirname "$0")/toolset.sh" "$folder" "$build/tests/attack/bombs"
"$build/tests/attack/bombs_attack" "$folder" "$build/bin"
