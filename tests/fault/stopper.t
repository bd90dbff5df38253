#!/bin/bash
# stopper - the fault shim itself does what the fault tests rely on.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

stopper=build/tool/stopper
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

calls=$($stopper --count /bin/true)
[[ $calls -gt 5 ]] && pass "it counts the calls of a program" ||
	fail "it counts the calls of a program" "counted: $calls"

$stopper --kill-at 7 /bin/true
[[ $? == 137 ]] && pass "it kills at the named entry" ||
	fail "it kills at the named entry"

$stopper --kill-at $((calls + 1)) /bin/true
[[ $? == 0 ]] && pass "a point past the end changes nothing" ||
	fail "a point past the end changes nothing"

said=$($stopper --at write:1=ENOSPC /bin/echo text 2>&1)
[[ $said == *"No space left"* ]] && pass "a call can be made to fail" ||
	fail "a call can be made to fail" "$said"

$stopper --at write:1=kill /bin/sh -c 'echo one; echo two' >"$folder/out"
[[ ! -s $folder/out ]] && pass "killed at an entry, the call was not made" ||
	fail "killed at an entry, the call was not made" "$(cat "$folder/out")"

$stopper --at write:1=short perl -e 'syswrite STDOUT, "ten bytes."' >"$folder/out"
[[ $(cat "$folder/out") == 'ten b' ]] &&
	pass "a write can be made short" ||
	fail "a write can be made short" "$(cat "$folder/out")"

$stopper --at write:1=stop /bin/echo text >"$folder/out" &
tracer=$!
sleep 0.5
kill -0 "$tracer" && [[ ! -s $folder/out ]] && pass "a call can be held" ||
	fail "a call can be held"
kill "$tracer"
wait "$tracer" 2>/dev/null

sleep 60 &
pid=$!
$stopper --pid "$pid" --seconds 1
kill -0 "$pid" 2>/dev/null && pass "a running process is let go alive" ||
	fail "a running process is let go alive"
kill "$pid"
wait "$pid" 2>/dev/null

tap_done
