#!/bin/bash
# prepare_killed - a preparation that is killed, or whose disk is full, at any
# system call leaves nothing, and the next one is whole.
#
#	STRIDE=1 tests/fault/prepare_killed.t	every call; make soak does
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

stride=${STRIDE:-9}
prepare=$PWD/build/bin/sekisho-prepare
stopper=$PWD/build/tool/stopper
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cd "$tree" || exit 1
mkdir folder

cat >d.yaml <<'END_RECIPE'
version: 1
permit: P-1
profile: pseudonymized
sources:
  a:
    path: a.csv
    encoding: utf-8
    null: [""]
    subject: {column: id}
    history: history.csv
    optout: {file: optout.csv, column: id}
    columns:
      id: {do: pseudonym, domain: person, as: pid}
      day: {do: shift, by: subject, max_days: 30}
      code: {do: rare, k: 2, label: other, small: fold}
      note: {do: keep}
report: {quasi_identifiers: [code], sensitive: [note]}
END_RECIPE
printf 'id,day,code,note\nA,2020-01-01,x,1\nB2,2020-02-01,x,2\nB,2020-02-02,y,3\nC,2020-03-01,y,\nD,2020-01-01,z,5\n' >a.csv
printf 'new,old\nB2,B\n' >history.csv
printf 'id\nE\n' >optout.csv
printf 'version: 1\npermit: P-1\ntitle: t\npurpose: p\npersons: [a]\nstarts: 2020-01-01\nends: 2999-12-31\ndatasets: [d]\n' >P-1.yaml
"$prepare" key make --out keys >/dev/null
"$prepare" key permit --permit P-1 --keys keys >/dev/null

# under OPTIONS…: the preparation with the stopper at it
under()
{
	"$stopper" "$@" "$prepare" run d.yaml --keys keys --permit-file P-1.yaml \
		--out folder/out --report folder/report >said 2>&1
}

# What is in the folder but should not be. A bundle is there whole, or not.
left()
{
	find folder -mindepth 1 -maxdepth 1 -printf '%f\n' | grep -vx -e out -e report -e "${1:-out}"
	[[ ! -e folder/out ]] || diff -r folder/out whole >/dev/null ||
		echo "another bundle"
	[[ ! -e folder/report ]] || cmp -s folder/report whole.report ||
		echo "another report"
	[[ ! -e folder/report || -e folder/out ]] || echo "a report alone"
}

under --count
calls=$(tail -n 1 said)
[[ -e folder/out && -e folder/report ]] && pass "it is prepared under the stopper" ||
	fail "it is prepared under the stopper" "$(cat said)"
mv folder/out whole
mv folder/report whole.report
[[ $calls -gt 200 ]] && pass "there are many places to be killed at" ||
	fail "there are many places to be killed at" "$calls"

# Killed: at most a folder that nobody else may open, which the next one removes
for ((n = 1 + RANDOM % stride; n <= calls; n += stride)); do
	rm -rf folder/*
	under --kill-at "$n"
	[[ $? == 137 ]] || [[ -e folder/out ]] || echo "at $n: $(cat said)"
	left '\.out\.[0-9]*' | sed "s/^/at $n: /"
	find folder -name '.out.*' -perm /077 ! -perm 755 | sed "s/^/at $n: open: /"
	[[ ! -e folder/out ]] || continue
	under --count || echo "after $n: $(cat said)"
	left | sed "s/^/after $n: /"
done | none "killed anywhere it leaves nothing to the next, which is whole"

# No room, or no disk: nothing at all is left, and it says so
for call in write pwrite64 ftruncate mkdirat linkat fchmod fsync renameat2 read pread64; do
	error=ENOSPC
	[[ $call == *read* || $call == f[cs]* ]] && error=EIO
	# to the last of its kind: three that were not met, or not needed
	for ((n = 1, fine = 0; fine < 3; n++)); do
		rm -rf folder/*
		under --at "$call:$n=$error"
		status=$?
		if ((status == 0)); then
			fine=$((fine + 1))
			[[ -e folder/out && -e folder/report ]] || echo "$call $n: not there"
			left | sed "s/^/$call $n: /"
			continue
		fi
		fine=0
		# the last writes are those that say that it is there
		[[ -s said || ! -e folder/report ]] || continue
		[[ ! -e folder/out && ! -e folder/report ]] || echo "$call $n: $status, but there"
		left | sed "s/^/$call $n: /"
		[[ $call != *write* ]] || grep -q E_DISK_FULL said || echo "$call $n: $(cat said)"
	done
done | none "without room, or with a broken disk, it leaves nothing"
tap_done
