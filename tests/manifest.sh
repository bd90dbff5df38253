# manifest.sh - a dataset's manifest, as the gateway compares it with the files.
# shellcheck shell=bash
#
# Sourced by stories and the demo, whose made-up data nobody prepared.

# manifest_write FOLDER: list what is in FOLDER in its manifest.json; prints
# the SHA-256 that the dataset's policy file has to name.
manifest_write()
{
	local folder=$1 file comma=

	rm -f "$folder/manifest.json"
	(
		cd "$folder" || exit
		printf '{"files":['
		while read -r file; do
			printf '%s{"bytes":%s,"path":"%s","sha256":"%s"}' "$comma" \
				"$(stat -c %s "$file")" "$file" "$(sha256sum <"$file" | cut -c 1-64)"
			comma=,
		done
		printf ']}\n'
	) < <(cd "$folder" && find . -type f | cut -c 3- | LC_ALL=C sort) >"$folder.manifest"
	mv "$folder.manifest" "$folder/manifest.json"
	chmod 644 "$folder/manifest.json"
	sha256sum <"$folder/manifest.json" | cut -c 1-64
}
