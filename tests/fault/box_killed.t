#!/bin/sh
# A box, the sandbox's first process and the spawner are killed at every point
# of a build: nothing of it may be left. No gateway, a toolset of one program.
set -eu

[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
cd "$(dirname "$0")/../.."
build=${B:-build}
folder=$(mktemp -d "${TMPDIR:-/tmp}/sekisho-killed.XXXXXX")
trap 'rm -rf "$folder"' EXIT

tests/attack/toolset.sh "$folder" "$build/tests/attack/attempts"
"$build/tests/fault/box_killed" "$folder" "$build/bin" "$build/tool/stopper"
