# lib.sh - stories: what people do at the gateway, and what the log says of it.
# shellcheck shell=bash
#
#	source "$(dirname "$0")/lib.sh"
#	story
#	expect_ok as researcher true
#	expect_text 'P-1' as researcher sekisho whoami
#	expect_denied as expired true
#	expect_audit 'auth.login result=deny'
#	story_done
#
# Verbs: as HOST COMMAND… (one connection per host, kept for the story),
# alone HOST COMMAND… (a new connection), as operator VERB…. They leave what
# was said in $said and the status in $status. stay COMMAND begins a visit that
# goes on meanwhile, end_stay ends it. expect_audit looks at records
# since the last expect_audit_from_here (or the story's beginning), waiting up
# to ten seconds. KEEP=1 keeps the tree for a look.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
source tests/lib.sh
source tests/e2e/gateway.sh

mark=0

story()
{
	if [[ $(id -u) != 0 ]]; then
		skip "the story" "needs root"
		tap_done
	fi
	make_tree
	trap 'story_abort' EXIT
	# "$@": something to change before the start
	(($#)) && "$@"
	if ! link_toolset || ! start_gateway || ! give_codes; then
		fail "a gateway starts" "$(tail -n 20 "$tree/gateway.log" 2>/dev/null)"
		story_done
	fi
	expect_audit_from_here
}

story_abort()
{
	end_tree >/dev/null
}

story_done()
{
	trap - EXIT
	end_tree
	tap_done
}

# --- People ---------------------------------------------------------------------

ssh_as()
{
	local host=$1

	shift
	CODES=$tree/codes/$(person_of "$host") SSH_ASKPASS=$tree/askpass \
		SSH_ASKPASS_REQUIRE=force \
		timeout 60 ssh -F "$tree/ssh_config" "$@"
}

as()
{
	local who=$1

	shift
	if [[ $who == operator ]]; then
		as_operator "$@"
		return
	fi
	ssh_as "$who" -o ControlMaster=auto -o ControlPath="$tree/cm-%n" \
		-o ControlPersist=yes "$who" -- "$@" </dev/null
}

alone()
{
	local who=$1

	shift
	ssh_as "$who" "$who" -- "$@" </dev/null
}

# with OPTIONS -- HOST COMMAND…: a new connection with options of ssh.
with()
{
	local options=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	ssh_as "$1" "${options[@]}" "$@" </dev/null
}

# console HOST LINE…: a reviewer types; what the screen shows
console()
{
	local host=$1 line

	shift
	(
		sleep 1
		for line in "$@" exit; do
			printf '%s\n' "$line"
			sleep 1
		done
	) | CODES=$tree/codes/$(person_of "$host") SSH_ASKPASS=$tree/askpass \
		SSH_ASKPASS_REQUIRE=force timeout 60 ssh -F "$tree/ssh_config" -tt "$host"
}

# fetch HOST PATH FOLDER: by sftp, a file or a folder
fetch()
{
	CODES=$tree/codes/$(person_of "$1") SSH_ASKPASS=$tree/askpass SSH_ASKPASS_REQUIRE=force \
		timeout 60 sftp -q -F "$tree/ssh_config" -r "$1:$2" "$3" </dev/null
}

hang_up()
{
	ssh -F "$tree/ssh_config" -S "$tree/cm-$1" -O exit "$1" 2>/dev/null
}

run()
{
	# a file, not a pipe: a kept connection would hold a pipe open
	"$@" >"$tree/said" 2>&1
	status=$?
	said=$(tr -d '\0' <"$tree/said")
}

# --- Expectations ----------------------------------------------------------------

expect_ok()
{
	run "$@"
	((status == 0)) && pass "allowed: $*" ||
		fail "allowed: $*" "status $status: $said"
}

expect_denied()
{
	run "$@"
	((status != 0 && status != 124)) && pass "denied: $*" ||
		fail "denied: $*" "status $status: $said"
}

# expect_text EXPRESSION COMMAND…: it succeeds and says so
expect_text()
{
	local expression=$1

	shift
	run "$@"
	if ((status == 0)) && grep -qE -- "$expression" <<<"$said"; then
		pass "says '$expression': $*"
	else
		fail "says '$expression': $*" "status $status: $said"
	fi
}

# expect_no EXPRESSION COMMAND…: whatever its status, it does not say so
expect_no()
{
	local expression=$1

	shift
	run "$@"
	if ((status == 124)) || grep -qE -- "$expression" <<<"$said"; then
		fail "does not say '$expression': $*" "status $status: $said"
	else
		pass "does not say '$expression': $*"
	fi
}

# --- A visit in the background ------------------------------------------------------

# stay COMMAND: hanako's; what it says is in $tree/visit, its ssh is $visit
stay()
{
	: >"$tree/visit"
	CODES=$tree/codes/hanako SSH_ASKPASS=$tree/askpass SSH_ASKPASS_REQUIRE=force \
		ssh -F "$tree/ssh_config" researcher -- "$1" </dev/null >"$tree/visit" 2>&1 &
	visit=$!
}

end_stay()
{
	kill "$visit" 2>/dev/null
	wait "$visit" 2>/dev/null
}

# how often the visit has said "opened"
opened()
{
	grep -c opened "$tree/visit"
}

# goes_on COUNT SENTENCE: it opens more than so many, within ten seconds
goes_on()
{
	local _

	for _ in {1..50}; do
		(($(opened) > $1)) && break
		sleep 0.2
	done
	(($(opened) > $1)) && pass "$2" || fail "$2" "$(opened) after $1: $(tail -n 5 "$tree/visit")"
}

# --- The log ----------------------------------------------------------------------

records()
{
	cat "$tree"/state/audit/seg/*.jsonl 2>/dev/null
}

expect_audit_from_here()
{
	mark=$(records | wc -l)
}

# find_audit 'event field=value field~expression': the records, a line each
find_audit()
{
	local words word filter='._i >= $mark and .event == $event' n=0
	local arguments=()

	read -ra words <<<"$1"
	for word in "${words[@]:1}"; do
		n=$((n + 1))
		arguments+=(--arg "v$n" "${word#*[=~]}")
		if [[ $word =~ ^[a-z0-9_]+= ]]; then
			filter+=" and (.${word%%[=~]*} | tostring) == \$v$n"
		else
			filter+=" and (.${word%%[=~]*} | tostring | test(\$v$n))"
		fi
	done
	records | jq -c --argjson mark "$mark" --arg event "${words[0]}" \
		"${arguments[@]}" "select($filter)" 2>/dev/null
}

expect_audit()
{
	local _

	for _ in {1..50}; do
		if [[ $(find_audit "$1") ]]; then
			pass "on record: $1"
			return
		fi
		sleep 0.2
	done
	fail "on record: $1" "after record $mark there is only:
$(records | jq -r --argjson mark "$mark" 'select(._i >= $mark) |
	[._i, .event, .result, .reason // .kind // .call // ""] | join(" ")' | tail -n 20)"
}

expect_no_audit()
{
	sleep 0.5
	find_audit "$1" | none "not on record: $1"
}

# expect_order EVENT…: the first record of each stands before the next one's
expect_order()
{
	local event last=-1 at

	for event in "$@"; do
		at=$(find_audit "$event" | head -n 1 | jq ._i)
		if [[ -z $at ]] || ((at <= last)); then
			fail "on record in this order: $*" "$event is at '$at', after $last"
			return
		fi
		last=$at
	done
	pass "on record in this order: $*"
}

# verify_log [FOLDER]: what sekisho-verify says of the log, or of a copy
verify_log()
{
	local said

	sleep 1.5 # a checkpoint a second
	said=$(build/bin/sekisho-verify "${1:-$tree/state/audit}" 2>&1) &&
		pass "the log verifies" || fail "the log verifies" "$said"
}
