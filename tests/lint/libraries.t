#!/bin/bash
# libraries - what each built program loads and how it is hardened.
source "$(dirname "$0")/code.sh"

declare -A may
while read -r program libraries; do
	[[ $program == \#* || -z $program ]] || may[$program]=" $libraries "
done <tests/lint/libraries.txt

mapfile -t programs < <(make -s print-programs)

for path in build/bin/*; do
	name=${path##*/}
	[[ -v may[$name] ]] || echo "$name is not in libraries.txt"
done | none "every built program stands in the table"

for name in "${programs[@]}"; do
	[[ -x build/bin/$name ]] || echo "$name"
done | none "every program of the Makefile is built"

strange_libraries()
{
	local name library

	for name in "${programs[@]}"; do
		readelf -d "build/bin/$name" 2>/dev/null |
			sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
			while read -r library; do
				[[ $library == @(libc.so.6|ld-linux*) && ${may[$name]-} != *static* ]] && continue
				[[ ${may[$name]-} == *" $library "* ]] ||
					echo "$name loads $library"
			done
	done
}
strange_libraries | none "no program loads a library that is not its own"

soft()
{
	local name header dynamic

	for name in "${programs[@]}"; do
		[[ -e build/bin/$name ]] || continue
		header=$(readelf -Wlh "build/bin/$name")
		dynamic=$(readelf -Wd "build/bin/$name")
		grep -q 'Type:.*DYN' <<<"$header" || echo "$name: not position independent"
		grep -q 'GNU_RELRO' <<<"$header" || echo "$name: no RELRO"
		grep -q 'GNU_STACK.*RWE' <<<"$header" && echo "$name: executable stack"
		grep -qE 'BIND_NOW|FLAGS_1.*NOW' <<<"$dynamic" || [[ ${may[$name]} == *static* ]] ||
			echo "$name: binds late"
		grep -qE 'RPATH|RUNPATH' <<<"$dynamic" && echo "$name: names a library path"
	done
}
soft | none "every program is hardened"

tap_done
