#!/bin/sh
# toolset.sh FOLDER PROGRAM…: a folder as tests/attack/stage.h wants it, with
# a toolset of these programs and their libraries, and a dataset of two files.
set -eu

folder=$1
shift
tree=$folder/tree

mkdir -p "$folder/toolsets" "$folder/workspaces" "$folder/mt" "$folder/mw" "$folder/mp" \
	"$folder/datasets/sample" "$tree/usr/bin" "$tree/usr/local/bin" \
	"$tree/usr/lib" "$tree/etc" "$tree/data" "$tree/workspace" \
	"$tree/home/researcher" "$tree/out" "$tree/import" "$tree/proc" \
	"$tree/dev" "$tree/tmp" "$tree/run/sekisho"
chmod 755 "$folder"
for link in bin lib; do ln -s "usr/$link" "$tree/$link"; done
ln -s usr/lib "$tree/lib64"
: >"$tree/usr/local/bin/sekisho"
cp "$@" "$tree/usr/bin/"
ldd "$@" | grep -v ':$' | grep -o '/[^ ]*' | sort -u | while read -r library; do
	mkdir -p "$tree/usr/lib/$(basename "$(dirname "$library")")"
	cp "$library" "$tree/usr/lib/"
done
for name in table spare; do
	printf 'id,value\n1,2\n' >"$folder/datasets/sample/$name.csv"
done
mkfs.erofs -Enoinline_data "$folder/toolsets/test.erofs" "$tree" >/dev/null 2>&1
