#!/bin/bash
# size - a file fits a sitting, a function a screen, a line 80 columns.
source "$(dirname "$0")/code.sh"

mapfile -t sources < <(ours '*.c' '*.h')

wc -l "${sources[@]}" | awk '$2 != "total" && $1 > 500 { print $2 ": " $1 }' |
	none "no file is longer than 500 lines"

awk 'FNR == 1 { start = 0 }
     /^{/ { start = FNR }
     /^}/ { if (start && FNR - start > 60) print FILENAME ":" start ": " FNR - start
            start = 0 }' "${sources[@]}" |
	none "no function is longer than 60 lines"

tap_done
