# lib.sh - TAP for test scripts: every test a sentence. Sourced, not run.
# shellcheck shell=bash

# so that `… | none "…"` counts in this shell
shopt -s lastpipe

tap_count=0
tap_failed=0

pass()
{
	echo "ok $((++tap_count)) - $1"
}

# fail SENTENCE [WHY…]: each line of WHY becomes a comment below it.
fail()
{
	local sentence=$1

	shift
	echo "not ok $((++tap_count)) - $sentence"
	((++tap_failed))
	(($#)) && sed 's/^/# /' <<<"$*" >&2
	return 0
}

# none SENTENCE: what stands on standard input should not be there.
none()
{
	local found

	found=$(cat)
	if [[ -z $found ]]; then
		pass "$1"
	else
		fail "$1" "$found"
	fi
}

# holds SENTENCE COMMAND…: the command succeeds.
holds()
{
	local sentence=$1 said

	shift
	if said=$("$@" 2>&1); then
		pass "$sentence"
	else
		fail "$sentence" "$said"
	fi
}

# skip SENTENCE WHY
skip()
{
	echo "ok $((++tap_count)) - $1 # SKIP $2"
}

# The last line of every script; its status is the script's.
tap_done()
{
	echo "1..$tap_count"
	exit $((tap_failed != 0 || tap_count == 0))
}
