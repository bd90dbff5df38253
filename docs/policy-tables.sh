#!/bin/bash
# policy-tables.sh [--check] - write the tables of docs/policy.md.
#
# Between the marks of docs/policy.md stands what policy/fields.def says.
# --check: say whether it does, change nothing.
cd "$(dirname "$0")/.." || exit 1

page=docs/policy.md
made=$(${CC:-cc} -E -P -x c -DFIELD=FIELD policy/fields.def 2>/dev/null |
	perl -0777 -e '
	my %kinds;
	open my $k, "<", "policy/kinds.def" or die "kinds.def: $!";
	{ local $/; my $t = <$k>;
	  while ($t =~ /KIND\((\w+), "([^"]*)"\)/g) { $kinds{$1} = $2 } }
	my @file = ([site => "site.yaml"], [listen => "listen in site.yaml"],
		[connections => "connections in site.yaml"],
		[login => "login in site.yaml"],
		[records => "records in site.yaml"],
		[operator => "each of operators in site.yaml"],
		[person => "people/PERSON.yaml"],
		[permit => "permits/PERMIT.yaml"],
		[extent => "each of rows in permits/PERMIT.yaml"],
		[limits => "limits in permits/PERMIT.yaml"],
		[dataset => "datasets/DATASET.yaml"]);
	my ($text, %rows) = (scalar <STDIN>);
	sub bytes {
		my ($n, $i) = (shift, 0);
		while ($n % 1024 == 0 && $i < 4) { $n /= 1024; $i++ }
		return $n . ("", "KiB", "MiB", "GiB", "TiB")[$i];
	}
	sub row {
		my ($section, $key, $what, $fallback, $meaning) = @_;
		push @{$rows{$section}},
			"| `$key` | $what | $fallback | $meaning |\n";
	}
	my $words = qr/"((?:[^"]*"\s*")*[^"]*)"/;
	while ($text =~ /FIELD\((\w+), (\w+), (\w+), (-?\d+), (\d+), (NULL|"[^"]*"),\s*$words\)|PARTS?\((\w+), (\w+), (\w+),\s*$words\)/g) {
		if (defined $8) {
			my ($s, $key, $meaning) = ($8, $9, $11);
			$meaning =~ s/"\s*"//g;
			row($s, $key, "see below", "", $meaning);
			next;
		}
		my ($s, $key, $kind, $least, $most, $fallback, $meaning) =
			($1, $2, $3, $4, $5, $6, $7);
		$meaning =~ s/"\s*"//g;
		my $what = $kinds{$kind} // die "unknown kind $kind";
		my ($a, $b) = $kind eq "SIZE" ? (bytes($least), bytes($most)) :
			($least, $most);
		$what .= ", $a to $b" if $kind =~ /COUNT|AMOUNT|SIZE/ && $a ne $b;
		$what .= " $a" if $kind eq "COUNT" && $a eq $b;
		$what .= ", at most $b characters" if $kind =~ /LINE|PROSE/;
		$what .= ", $a to $b" if $kind =~ /^(IDS|NAMES|ROLES|KEYS)$/;
		$fallback = $fallback eq "NULL" ? "must be there" :
			$fallback eq q("") ? "may be missing" :
			"`" . $fallback =~ s/"//gr . "`";
		row($s, $key, $what, $fallback, $meaning);
	}
	for (@file) {
		my ($section, $title) = @$_;
		die "no fields of $section" unless $rows{$section};
		print "\n### $title\n\n| key | value | if missing | meaning |\n",
			"|---|---|---|---|\n", @{delete $rows{$section}};
	}
	die "sections without a title: ", join(" ", keys %rows) if %rows;
	') || exit 1

whole=$(MADE=$made perl -0777 -pe \
	's/(<!-- fields -->\n).*?(<!-- end of fields -->)/$1$ENV{MADE}\n\n$2/s' "$page")
if [[ ${1-} == --check ]]; then
	[[ $whole == "$(cat "$page")" ]] && exit 0
	echo "docs/policy.md differs from policy/fields.def; run docs/policy-tables.sh" >&2
	exit 1
fi
printf '%s\n' "$whole" >"$page"
