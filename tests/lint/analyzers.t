#!/bin/bash
# analyzers - what gcc, cppcheck and clang-tidy think of every file.
#
# The verdict of each file is kept in build/lint and asked again only when the
# file or a header of it changes.
source "$(dirname "$0")/code.sh"

for tool in analyzer cppcheck tidy; do
	make -s -k -j2 "lint-$tool" >"build/lint-$tool.log" 2>&1 && status=0 || status=1
	if ((status == 0)); then
		pass "$tool has nothing to say"
	else
		fail "$tool has nothing to say" \
			"$(grep -E '(error|warning|style|portability|performance)' "build/lint-$tool.log" | sort -u | head -n 40)"
	fi
done

mapfile -t scripts < <(files '*.sh' '*.t' .ci/run | xargs grep -lE '^#!/bin/(ba)?sh|shellcheck shell=')
# SC2154, SC2034: variables of a sourced file
shellcheck -x -S warning -e SC2154,SC2034 "${scripts[@]}" 2>&1 | grep -A3 '^In ' |
	none "shellcheck has nothing to say"

tap_done
