#!/bin/bash
#
# packages.sh FOLDER IMAGE - write FOLDER/IMAGE.packages: the packages of a
# toolset and their versions, a line each, as they stand in the image. Run by
# root (sekishoctl toolset build); at once if the list is newer than the image.
set -eu
image=$1/$2
list=$image.packages

if [ -s "$list" ] && [ ! "$image" -nt "$list" ]; then
	exit 0
fi
new=$(mktemp "$1/.packages.XXXXXX")
at=$(mktemp -d)
trap 'rm -f "$new"; rmdir "$at"' EXIT
# the mount ends with its namespace, and the loop device with the mount
unshare --mount --propagation private sh -c '
	mount -t erofs -o ro,loop "$1" "$2" &&
	cat "$2/usr/share/sekisho/packages"' - "$image" "$at" > "$new" || {
	echo "toolset: $image has no list of packages" >&2
	exit 1
}
chmod 644 "$new"
mv -f "$new" "$list"
