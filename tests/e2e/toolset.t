#!/bin/bash
# Toolsets: a recipe that is wrong is told all of its errors; what stands in a
# folder is listed, and hashed again when somebody asks.
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh
here=$(mktemp -d "$PWD/build/test-XXXXXX")
trap 'rm -rf "$here"' EXIT

ctl()
{
	said=$(build/bin/sekishoctl toolset "$@" 2>&1)
	status=$?
}

cat >"$here/bad.yaml" <<'END'
name: ../analysis
suite: bookworm
packages: bash
colour: red
leave_out:
  - /usr/share/doc/*
  - $(id)
END
ctl build "$here/bad.yaml" "$here"
for line in ':1:.*name' ':3:.*packages.*list' ':4:.*colour' ':7:.*leave_out'; do
	grep -qE "bad.yaml$line" <<<"$said" || echo "$line"
done | none "every error of a recipe has its line"
((status == 2)) && [[ ! $(ls "$here"/*.erofs 2>/dev/null) ]] &&
	pass "nothing is built from it" || fail "nothing is built from it" "status $status"
printf 'name: x\npackages:\n  - --hook=x\n' >"$here/bad.yaml"
ctl build "$here/bad.yaml" "$here"
grep -q "'suite' is missing" <<<"$said" && grep -qE ':3:.*--hook' <<<"$said" &&
	pass "what is missing, and an option as a package, are told" ||
	fail "what is missing, and an option as a package, are told" "$said"
ctl build "$here/none.yaml" "$here"
((status == 2)) && pass "a recipe that is not there" || fail "a recipe that is not there" "$said"

mkdir "$here/images" "$here/one"
for name in first second third; do
	echo "$name" >"$here/one/file"
	mkfs.erofs "$here/images/$name.erofs" "$here/one" >/dev/null 2>&1
	sha256sum <"$here/images/$name.erofs" | cut -d' ' -f1 >"$here/images/$name.erofs.sha256"
done
printf 'bash 5.2\ncoreutils 9.1\n' >"$here/images/first.erofs.packages"
ctl list "$here/images" --json
[[ $(jq -c '.rows[] | [.toolset, .packages, .sessions]' <<<"$said" | paste -s -d ' ') == '["first",2,null] ["second",null,null] ["third",null,null]' &&
	$(jq -r '.rows[1].sha256' <<<"$said") == $(<"$here/images/second.erofs.sha256") ]] &&
	pass "images are listed with their hashes" || fail "images are listed with their hashes" "$said"
ctl verify "$here/images" --json
((status == 0)) && [[ $(jq -r '.rows[].state' <<<"$said" | sort -u) == ok ]] &&
	pass "they are what their hashes say" || fail "they are what their hashes say" "$said"
printf x | dd of="$here/images/second.erofs" bs=1 seek=1030 conv=notrunc status=none
rm "$here/images/third.erofs.sha256"
ctl verify "$here/images" --json
((status == 1)) && [[ $(jq -r '.rows[].state' <<<"$said" | paste -s -d ' ') == 'ok differs missing' ]] &&
	pass "one byte is seen, and so is a hash that is gone" ||
	fail "one byte is seen, and so is a hash that is gone" "$said"
ctl verify "$here/images" first
((status == 0)) && pass "one is looked at alone" || fail "one is looked at alone" "$said"
ctl verify "$here/images" fourth
((status == 2)) && pass "one that is not there" || fail "one that is not there" "$said"
ctl list "$here/nowhere"
((status == 1)) && pass "a folder that is not there" || fail "a folder that is not there" "$said"
tap_done
