#!/bin/bash
# headers - each can be included alone, first, and twice.
source "$(dirname "$0")/code.sh"

cc=$(make -s print-compile)
broken()
{
	local header said

	while read -r header; do
		said=$(printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
			$cc -x c -fsyntax-only - 2>&1) || echo "$header: $said"
	done < <(files '*.h')
}

broken | none "every header compiles alone"

while read -r header; do
	grep -q '^#ifndef' "$header" || echo "$header"
done < <(files '*.h') | none "every header has a guard"

tap_done
