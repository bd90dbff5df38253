#!/bin/bash
# recipe-tables.sh [--check] - write the tables of docs/prepare.md.
#
# Between the marks of docs/prepare.md stands what policy/prepare/recipe.def,
# actions.def and errors.def say. --check: say whether it does, change nothing.
cd "$(dirname "$0")/.." || exit 1

page=docs/prepare.md
made=$(perl -0777 -e '
	sub slurp { local $/; open my $f, "<", shift or die "$!"; <$f> =~ s{/\*.*?\*/}{}gsr }
	my $words = qr/"((?:[^"]*"\s*")*[^"]*)"/;
	my %titles = (recipe => "The recipe", source => "Each of `sources`",
		catalogue => "`catalogue`");
	my (%rows, @order);
	my $keys = slurp("policy/prepare/recipe.def");
	sub row { my ($s, $k, $what, $if, $m) = @_;
		push @order, $s unless $rows{$s};
		$m =~ s/"\s*"//g;
		push @{$rows{$s}}, "| `$k` | $what | $if | $m |\n" }
	while ($keys =~ /(FIELD|PARAM)\((\w+), (\w+), (\w+), "([^"]*)",\s*(\d+),\s*(\d+),\s*(NULL|"[^"]*"),\s*$words\)|PART\((\w+), (\w+),\s*$words\)/g) {
		if (defined $10) { row($10, $11, "see below", "", $12); next }
		my ($kind, $section, $key, $as, $choice, $least, $most, $fallback, $meaning) =
			($1, $2, $3, $4, $5, $6, $7, $8, $9);
		my %kinds = (NUMBER => $least eq $most ? "number $least" : "number, $least to $most",
			ID => "id: letters, digits, . _ -; at most 63",
			TEXT => "text", KEY => "`permit` or `linkage:NAME`",
			CHOICE => join(" or ", map { "`$_`" } split /\|/, $choice),
			FLAGS => "list of " . join(", ", map { "`$_`" } split /\|/, $choice),
			TEXTS => "list of texts", NAMES => "list of columns",
			DECIMAL => "decimal number", DAY => "date, YYYY-MM-DD",
			SHARE => "share, 0 to 1");
		my $if = $fallback eq "NULL" ? "must be there" :
			$fallback eq q("") ? "may be missing" :
			"`" . $fallback =~ s/"//gr . "`";
		row($kind eq "PARAM" ? "do: $section" : $section, $key,
			$kinds{$as} // die("kind $as"), $if, $meaning);
	}
	my $actions = slurp("policy/prepare/actions.def");
	for my $s (grep { !/^do: / } @order) {
		print "\n### ", $titles{$s} // "`$s`", "\n\n",
			"| key | value | if missing | meaning |\n|---|---|---|---|\n",
			@{$rows{$s}};
	}
	print "\n### Actions\n";
	while ($actions =~ /ACTION\((\w+),\s*$words\)/g) {
		my ($name, $meaning) = ($1, $2);
		$meaning =~ s/"\s*"//g;
		print "\n**`$name`**: $meaning.\n";
		print "\n| key | value | if missing | meaning |\n|---|---|---|---|\n",
			@{$rows{"do: $name"}} if $rows{"do: $name"};
	}
	my $texts = slurp("gateway/base/texts.def");
	my %exits = (CONFIG => 2, DATA => 3, POLICY => 4, KEY => 5, IO => 6);
	print "\n### Codes\n\n| code | exit | meaning |\n|---|---|---|\n";
	my $errors = slurp("policy/prepare/errors.def");
	while ($errors =~ /FAULT\((\w+), (\w+)\)/g) {
		my ($name, $exit) = ($1, $2);
		$texts =~ /TEXT\(FAULT_$name,\s*$words,/ or die "no text of $name";
		print "| `E_$name` | $exits{$exit} | ", $1 =~ s/"\s*"//gr, " |\n";
	}
	') || exit 1

whole=$(MADE=$made perl -0777 -pe \
	's/(<!-- tables -->\n).*?(<!-- end of tables -->)/$1$ENV{MADE}\n\n$2/s' "$page")
if [[ ${1-} == --check ]]; then
	[[ $whole == "$(cat "$page")" ]] && exit 0
	echo "docs/prepare.md differs from its tables; run docs/recipe-tables.sh" >&2
	exit 1
fi
printf '%s\n' "$whole" >"$page"
