# code.sh - which files a lint looks at, and code without its comments.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
source tests/lib.sh

# files PATTERN…: what is in the tree and not ignored, committed or not.
files()
{
	git -c safe.directory='*' ls-files -co --exclude-standard -- "$@" |
		while read -r file; do
			[[ -e $file ]] && echo "$file"
		done | sort -u
}

# Files of the programs themselves.
ours()
{
	files "$@" | grep -v '^tests/'
}

# bare FILE…: each line as "file:line:code", comments blanked out; with
# --no-strings also the text of string literals.
bare()
{
	perl -e '
		my $strings = 1;
		if (@ARGV && $ARGV[0] eq "--no-strings") { shift; $strings = 0 }
		for my $file (@ARGV) {
			open my $in, "<", $file or die "$file: $!";
			local $/; my $code = <$in>;
			$code =~ s{("(?:\\.|[^"\\\n])*"|\x27(?:\\.|[^\x27\\\n])*\x27)|(/\*.*?\*/|//[^\n]*)}
			          {defined $1 ? ($strings || $1 !~ /^"/ ? $1 : "\"\"")
			                      : ($2 =~ s/[^\n]//gr)}gse;
			my $n = 0;
			print "$file:", ++$n, ":$_\n" for split /\n/, $code, -1;
		}' -- "$@"
}
