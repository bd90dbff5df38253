#!/bin/bash
# switches - nothing that is installed can be told to behave as in a test.
#
# Looks through what `make install` installs, and through the objects that
# services are made of: only the two commands run in a user's environment.
source "$(dirname "$0")/code.sh"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

holds "make install works into an empty folder" \
	make -s install DESTDIR="$tree" PREFIX=/usr

find "$tree" -type f | grep -E '/(tests?|demo|fuzz|fault)(/|_|-)' |
	none "nothing of the tests or the demo is installed"

find "$tree" -type f -perm /111 -print0 |
	while IFS= read -r -d '' program; do
		strings -a "$program" |
			grep -iE 'SEKISHO_(TEST|DEMO|FAULT|DEBUG|CLOCK)|TEST_NO_SKIP|build/demo|LD_PRELOAD=' |
			sed "s|^|${program##*/}: |"
	done | none "no installed program knows a test, a demo or a switch"

# tests/attack/layers.def: programs that lack a layer are for the tests alone
wrapped=$(make -s print-wrapped | paste -sd '|')
find "$tree" -type f -perm /111 -print0 |
	while IFS= read -r -d '' program; do
		nm "$program" 2>/dev/null | awk '{ print $NF }' |
			grep -xE "__wrap_($wrapped)|variant_.*" |
			sed "s|^|${program##*/}: |"
	done | none "no layer of the sandbox is taken away in what is installed"
holds "which a program without one would show" \
	grep -qE "__wrap_($wrapped)" <(nm build/without/complete/sekisho-init)

find build/obj -name '*.o' ! -path '*/tests/*' ! -path '*/gateway/ctl/*' \
	! -path '*/gateway/client/*' ! -path '*/policy/prepare/prepare_main.o' ! -path '*/filter/*' -print0 |
	while IFS= read -r -d '' object; do
		nm -u "$object" |
			awk '{ print $2 }' | grep -xE '(secure_)?getenv|__environ|environ' |
			sed "s|^|$object: |"
	done | none "no service reads its environment"

find "$tree" -type f -perm /6000 | none "nothing is installed setuid or setgid"

tap_done
