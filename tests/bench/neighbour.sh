#!/bin/bash
# neighbour.sh - a process's start and end in one session (the slowest of a
# hundred), beside another session that takes all there is, and alone.
#
# Sourced by run.sh, which has row() and ratio().
# shellcheck shell=bash

tests/attack/bombs.t >"$tree/tmp/bombs"
slowest()
{
	sed -n "s/^# $1: .* p99 \([0-9]*\) us/\1/p" "$tree/tmp/bombs"
}
alone_us=$(slowest alone)
for bomb in fork thread memory disk; do
	beside_us=$(slowest "beside $bomb")
	row "a process's start, p99, beside a bomb: $bomb" "${beside_us:-0}" "${alone_us:-0}" us \
		"$(ratio "${beside_us:-999999}" "${alone_us:-0}")" 5.00 at-most
done
