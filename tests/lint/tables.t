#!/bin/bash
# tables - what stands in .def tables is said once and in full.
source "$(dirname "$0")/code.sh"

while read -r table; do
	bare "$table" | sed 's/^[^:]*:[0-9]*://' | grep -E '^[A-Z][A-Z0-9_]*\(' |
		sort | uniq -d | sed "s|^|$table: |"
done < <(ours '*.def') | none "no table names the same thing twice"

for table in audit/events.def gateway/base/texts.def gateway/base/messages.def \
	policy/prepare/errors.def policy/statements.def; do
	grep -oE '^(EVENT|TEXT|MESSAGE|STATEMENT|ERROR)\("?[A-Za-z0-9_.]+' "$table" |
		sort | uniq -d | sed "s|^|$table: |"
done | none "nor with other words"

bare gateway/supervisor/services.def |
	sed -n 's/.*SERVICE([A-Z]*, *"[^"]*", *\([0-9]*\),.*/\1/p' | sort | uniq -d |
	none "no two services have the same uid"

# texts: ID, English, Japanese, each one or more literals
texts=$(perl -0777 -ne '
	s{/\*.*?\*/}{}gs;
	while (/TEXT\(\s*(\w+)\s*,\s*((?:"(?:\\.|[^"\\])*"\s*)+),\s*((?:"(?:\\.|[^"\\])*"\s*)+)\)/g) {
		my ($id, @t) = ($1, $2, $3);
		for (@t) { s/"\s*"//g; s/^"|"\s*$//g; s/\t/ /g }
		print "$id\t$t[0]\t$t[1]\n";
	}' gateway/base/texts.def)

[[ $(wc -l <<<"$texts") == $(grep -c '^TEXT(' gateway/base/texts.def) ]] &&
	pass "every text has two languages" ||
	fail "every text has two languages" "$(comm -13 \
		<(cut -f1 <<<"$texts" | sort) \
		<(grep -o '^TEXT([A-Z0-9_]*' gateway/base/texts.def | cut -c6- | sort))"

perl -F'\t' -lane '
	print "$F[0]: no English" if $F[1] !~ /\S/;
	print "$F[0]: no Japanese" if $F[2] !~ /[^\x00-\x7f]/ && $F[1] =~ /[a-z]{3} [a-z]{2}/i;
	print "$F[0]: English has other letters" if $F[1] =~ /[^\x00-\x7f]/ && $F[1] !~ /[\x{e2}\xc2\xc3]/;
	' <<<"$texts" | none "neither language is empty or the other"

perl -F'\t' -lane '
	my ($a, $b) = map { join " ", sort /\{\d\}/g } @F[1, 2];
	my %a = map { $_ => 1 } split / /, $a; my %b = map { $_ => 1 } split / /, $b;
	print "$F[0]: $a / $b" if join(" ", sort keys %a) ne join(" ", sort keys %b);
	' <<<"$texts" | none "both languages fill in the same things"

used=$(ours '*.c' '*.h' '*.def' | grep -v texts.def | xargs cat |
	grep -oE '\b(TEXT_)?[A-Z][A-Z0-9_]{3,}\b' | sort -u)
# TEXT_VERB_##name makes its ids from another table
mapfile -t made < <(ours '*.c' '*.h' | xargs grep -hoE 'TEXT_[A-Z_]*_##' |
	sed 's/TEXT_\(.*\)##/\1/' | sort -u)
words=$(ours '*.def' | xargs cat | grep -oE '[A-Z][A-Z0-9_]+' | sort -u)
is_made()
{
	local prefix

	for prefix in "${made[@]}"; do
		[[ $1 == "$prefix"* ]] && grep -qxF "${1#"$prefix"}" <<<"$words" &&
			return 0
	done
	return 1
}
cut -f1 <<<"$texts" | while read -r id; do
	grep -qxE "(TEXT_)?$id" <<<"$used" || is_made "$id" || echo "$id"
done | none "every text is used"

# A sentence for people, printed where people see it, not from the table
mapfile -t facing < <(ours 'gateway/conn/*.c' 'gateway/desk/*.c' \
	'gateway/client/*.c' 'gateway/files/*.c' 'policy/*.c')
if ((${#facing[@]})); then
	bare "${facing[@]}" |
		grep -E '\b(printf|fputs|puts|fprintf|result_text|result_note)\b.*"[A-Z][a-z]+ [a-z]+ [a-z]+' |
		none "no sentence for people stands outside the table"
fi

# events: each that code writes is in the table, by a writer of its own
events=$(bare audit/events.def | grep -oE 'EVENT\("[^"]*"' | cut -d'"' -f2)
ours '*.c' | grep -v '^audit/' | xargs -r grep -HnoE 'audit_begin\([^,]*, *"[^"]*"' |
	while IFS='"' read -r where event _; do
		grep -qxF "$event" <<<"$events" || echo "$where: $event"
	done | none "every event that is written is in the table"

# the state file: each step has a number of its own, one after the other
diff <(bare policy/schema.def | grep -oE '^MIGRATION\([0-9]+' | cut -d'(' -f2) \
	<(bare policy/schema.def | grep -cE '^MIGRATION\(' | xargs seq) |
	none "the steps of the state file are numbered without a gap or a repetition"

tap_done
