#!/bin/bash
# banned - functions and habits that this house does without.
source "$(dirname "$0")/code.sh"

# The commands run as their user, in the user's environment.
mapfile -t sources < <(ours '*.c' '*.h')
((${#sources[@]})) || { fail "there are sources"; tap_done; }
code=$(bare --no-strings "${sources[@]}")

while read -r names why; do
	[[ -z $names || $names == \#* ]] && continue
	found=$(grep -E ":.*(^|[^A-Za-z0-9_.>])($names) *\(" <<<"$code")
	if [[ $names == getenv* ]]; then
		found=$(grep -Ev '^(gateway/(ctl|client)/|policy/prepare/prepare_main\.c:)' <<<"$found")
	fi
	if [[ $names == signal ]]; then # setting none or the default is fine
		found=$(grep -v 'SIG_\(IGN\|DFL\))' <<<"$found")
	fi
	none "no call of ${names//|/, }: $why" <<<"$found"
done <tests/lint/banned.txt

grep -E ':[[:space:]]*typedef[[:space:]]+(struct|union|enum)\b' <<<"$code" |
	none "no typedef hides a struct"

# but the filters, objects that the build generates
grep -E '\.h:[0-9]+:extern ' <<<"$code" | grep -v 'const struct filter' |
	none "no header shares a variable"

grep -E ':[[:space:]]*(VLA|#[[:space:]]*pragma[[:space:]]+(GCC|clang)[[:space:]]+diagnostic)' <<<"$code" |
	none "no warning is switched off in the code"

bare "${sources[@]}" |
	grep -Ei 'printf *\([^;]*"[^"]*\b(select [^"]* from|insert (or [a-z]+ )?into|update [^"]* set|delete from|drop table)\b' |
	none "no SQL is put together from strings"

grep -niE '\b(TODO|FIXME|XXX|HACK)\b|\bfor now\b' "${sources[@]}" |
	none "nothing is marked as unfinished"

tap_done
