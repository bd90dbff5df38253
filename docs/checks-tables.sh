#!/bin/bash
# checks-tables.sh [--check] - write the tables of docs/checks.md.
#
# Between the marks of docs/checks.md stands what policy/airlock/findings.def
# and profile.def say. --check: say whether it does, change nothing.
cd "$(dirname "$0")/.." || exit 1

page=docs/checks.md
made=$(perl -0777 -e '
	my @family = ([E => "The engine"], [F => "Files"], [I => "Identifiers"],
		[R => "Records"], [T => "Tables"], [M => "Models"],
		[S => "Survival"], [P => "Figures"],
		[D => "Differences to other tables"]);
	my $text = sub { local @ARGV = @_; local $/; scalar <> };
	my $table = $text->("policy/airlock/findings.def");
	my $words = qr/((?:"(?:\\.|[^"\\])*"\s*)+)/;
	my (%rows, @planned);
	sub plain { my $t = shift; $t =~ s/"\s*"//g; $t =~ s/^"|"\s*$//g;
		$t =~ s/\|/\\|/g; $t =~ s/\{1\}/*n*/g; $t =~ s/\{2\}/*m*/g; $t }
	$table =~ s{/\*.*?\*/}{}gs;
	while ($table =~ /^(FINDING|PLANNED)\((\w+), (\w), (\w+), $words,\s*$words,\s*$words,\s*$words,\s*$words\)/mg) {
		my ($kind, $code, $family, $severity) = ($1, $2, $3, lc $4);
		my ($parameter, $en, $ja, $remedy) = map { plain($_) } ($5, $6, $7, $8);
		$parameter = join ", ", map { "`$_`" } split /, */, $parameter;
		my $row = $kind eq "FINDING" ?
			"| `$code` | $severity | $parameter | $en | $remedy |\n" :
			"| `$code` | $en |\n";
		$kind eq "FINDING" ? push @{$rows{$family}}, $row : push @planned, $row;
	}
	for (@family) {
		my ($f, $title) = @$_;
		next unless $rows{$f};
		print "\n### $title\n\n| code | usual severity | parameter | what it says | what to do |\n",
			"|---|---|---|---|---|\n", @{delete $rows{$f}};
	}
	die "families without a title: ", join(" ", keys %rows) if %rows;
	print "\n## Codes without a check\n\nThese are given so that nobody uses them for something else. ",
		"Nothing looks for them yet.\n\n| code | what it will say |\n|---|---|\n",
		@planned;
	print "\n## The profile\n\n| key | value in `ndb` | meaning |\n|---|---|---|\n";
	my $profile = $text->("policy/airlock/profile.def");
	while ($profile =~ /^PROFILE\((\w+), ([^,]+), "([^"]*)"\)/mg) {
		my ($key, $value, $meaning) = ($1, $2, $3);
		$value = lc($value) =~ s/^(zero|policy)_//r;
		$value =~ s/16 << 20/16 MiB/;
		print "| `$key` | $value | $meaning |\n";
	}') || exit 1

whole=$(MADE=$made perl -0777 -pe \
	's/(<!-- findings -->\n).*?(<!-- end of findings -->)/$1$ENV{MADE}\n\n$2/s' "$page")
if [[ ${1-} == --check ]]; then
	[[ $whole == "$(cat "$page")" ]] && exit 0
	echo "docs/checks.md differs from findings.def or profile.def; run docs/checks-tables.sh" >&2
	exit 1
fi
printf '%s\n' "$whole" >"$page"
