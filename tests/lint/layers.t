#!/bin/bash
# layers - who includes whom, against layers.txt.
source "$(dirname "$0")/code.sh"

declare -A may
while read -r folder prefixes; do
	[[ $folder == \#* || -z $folder ]] || may[$folder]=$prefixes
done <tests/lint/layers.txt

# Every line "file:line:included" of ours
includes()
{
	ours '*.c' '*.h' '*.def' | xargs grep -Hno '^ *# *include *"[^"]*"' |
		sed 's/# *include *"\(.*\)"/\1/; s/: */:/g'
}

strangers()
{
	local file line included folder prefix known

	while IFS=: read -r file line included; do
		folder=$(dirname "$file")
		[[ $(dirname "$included") == "$folder" ]] && continue
		if [[ ! -v may[$folder] ]]; then
			echo "$file:$line: folder '$folder' is not in layers.txt"
			continue
		fi
		known=
		for prefix in ${may[$folder]}; do
			[[ $included == "$prefix"* ]] && known=1
		done
		[[ $known ]] || echo "$file:$line: must not include $included"
	done < <(includes)
}

strangers | none "each folder includes only what its layer may know"

includes | awk -F: '$3 !~ "/" || $3 ~ /\.\./ { print $1 ":" $2 ": " $3 }' |
	none "includes name the full path from the root"

ours '*.c' '*.h' '*.def' | xargs grep -Hn '^ *# *include *[<"]tests/' |
	none "no program includes anything of the tests"

tap_done
