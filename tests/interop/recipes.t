#!/bin/bash
# recipes - the recipes of docs/recipes prepare what the generator makes and
# what lies beside them, and
# SQLite, sha256sum, base64 and OpenSSL agree with what the bundle says.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prepare=build/bin/sekisho-prepare

build/tool/generate --out "$work/in"
build/tool/generate --out "$work/again"
holds "the same seed gives the same persons" diff -r "$work/in" "$work/again"
cp docs/recipes/* "$work/in/"
cat >"$work/P.yaml" <<END
version: 1
permit: P-2026-001
title: Recipes
purpose: To try them
persons: [hanako]
starts: 2020-01-01
ends: 2999-12-31
datasets: [$(basename -s .yaml -a docs/recipes/*.yaml | paste -sd,)]
END
$prepare key make --out "$work/keys" >/dev/null
$prepare key permit --permit P-2026-001 --keys "$work/keys" >/dev/null

# The custodian's public key as OpenSSL reads it: a fixed head and 32 bytes
{ printf '\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00'; base64 -d "$work/keys/signing.pub"; } |
	openssl pkey -pubin -inform DER -out "$work/public.pem"

for recipe in docs/recipes/*.yaml; do
	name=$(basename "$recipe" .yaml)
	bundle=$work/$name
	holds "$name: a bundle is made" $prepare run "$work/in/$name.yaml" \
		--keys "$work/keys" --permit-file "$work/P.yaml" --out "$bundle"
	holds "$name: it is whole" \
		$prepare verify "$bundle" --public "$work/keys/signing.pub"
	base64 -d "$bundle/manifest.sig" >"$work/sig"
	holds "$name: OpenSSL verifies the manifest's signature" \
		openssl pkeyutl -verify -pubin -inkey "$work/public.pem" -rawin \
		-in "$bundle/manifest.json" -sigfile "$work/sig"
	jq -r '.files[] | .sha256 + "  " + .path' "$bundle/manifest.json" >"$work/sums"
	holds "$name: sha256sum finds every file as listed" \
		env -C "$bundle" sha256sum --quiet -c "$work/sums"
	holds "$name: all files but the manifest and its signature are listed" \
		diff <(env -C "$bundle" find data index -type f | sort) \
		<(cut -c67- "$work/sums" | sort)
	holds "$name: SQLite finds nothing wrong" test ok = \
		"$(sqlite3 "$bundle/data/$name.db" 'PRAGMA integrity_check')"
	for csv in "$bundle"/data/*.csv; do
		table=$(basename "$csv" .csv)
		holds "$name: $table is the same in both forms" cmp "$csv" \
			<(sqlite3 -header -csv -newline $'\n' "$bundle/data/$name.db" \
				"SELECT * FROM $table" | tr -d '\r' | sed 's/"\([^",]*\)"/\1/g')
	done
	holds "$name: no name of a person is in it" \
		test 0 = "$(grep -c 'サトウ' "$bundle/data/"*.csv | awk -F: '{ n += $2 } END { print n }')"
	holds "$name: a dummy is made" \
		$prepare run --dummy "$recipe" --out "$work/dummy-$name"
done

tap_done
