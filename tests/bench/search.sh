# search.sh - questions to a large log, beside reading all of it with the same
# program; sourced by run.sh.
# shellcheck shell=bash disable=SC2154
#
# ENTRIES=10000000: 3 GB on the disk of the tree, three minutes.

search_entries=${ENTRIES:-10000000}
mkdir -p "$tree/tmp/search"
build/tests/bench/search_log "$tree/tmp/search" "$search_entries" || missed=1

# asked OPTION…: a search in the large log
asked()
{
	build/bin/sekishoctl audit search --log "$tree/tmp/search/log" "$@"
}

# asked_row WHAT OPTION…: by the index beside reading everything, whose counts
# are the same
asked_row()
{
	local what=$1 ours theirs

	shift
	[[ $(asked "$@" --json | jq -r '.notes[0].text') == "$(asked "$@" --all --json | jq -r '.notes[0].text')" ]] ||
		{ echo "search: $* finds something else with --all" >&2; missed=1; }
	ours=$(for _ in 1 2 3; do milliseconds asked "$@"; done | median)
	theirs=$(milliseconds asked "$@" --all | median)
	row "$what" "$ours" "$theirs" ms "$(ratio "$ours" "$theirs")" 0.25 at-most
}

ours=$(milliseconds asked --session s-1 | median)
theirs=$(milliseconds asked --session s-1 --all | median)
row "search: making the index, beside one reading" "$ours" "$theirs" ms \
	"$(ratio "$ours" "$theirs")" 8.00 at-most
asked_row "search: a session in order" --session s-150
asked_row "search: who opened a dataset, in a time" --dataset claims-3 --event data.open \
	--since 2026-10-01 --until 2026-12-01
asked_row "search: what left under a permit" --left P-3
asked_row "search: a person on a day" --actor a-3 --day 2026-10-03
rss=$(/usr/bin/time -f %M build/bin/sekishoctl audit search --log "$tree/tmp/search/log" \
	--event exec --last 300 2>&1 >/dev/null | tail -n 1)
row "search: memory, beside 64 MB" $((rss / 1024)) 64 MB \
	"$(ratio $((rss / 1024)) 64)" 1.00 at-most
rm -rf "$tree/tmp/search"
