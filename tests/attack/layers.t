#!/bin/sh
# Each layer of the sandbox taken away: what then succeeds that must not.
# With a name of layers.def as argument: that variant alone.
set -eu

[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
build=${B:-build}
folder=$(mktemp -d "${TMPDIR:-/tmp}/sekisho-layers.XXXXXX")
trap 'rm -rf "$folder"' EXIT

"$(dirname "$0")/toolset.sh" "$folder" "$build/tests/attack/attempts"
"$build/tests/attack/layers_attack" "$folder" "$build/without" "$@"
