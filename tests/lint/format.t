#!/bin/bash
# format - clang-format would change nothing.
source "$(dirname "$0")/code.sh"

while read -r file; do
	clang-format --dry-run -Werror "$file" >/dev/null 2>&1 || echo "$file"
done < <(files '*.c' '*.h') | none "every C file is formatted (make format)"

files '*.c' '*.h' '*.def' '*.sh' '*.t' '*.mk' '*.filter' Makefile |
	xargs grep -nE '[[:space:]]+$' | cut -c1-100 |
	none "no line ends in white space"

tap_done
