# gateway.sh - a gateway of a story's own: tree, policy, keys, start, stop.
# shellcheck shell=bash disable=SC2034
#
# Everything is beneath $tree; people log in with an own key and codes of
# their one-time list, so that no login waits for the next 30 seconds.


operator_uid=65533

# make_tree: folders, people, permits, a dataset; sets tree and port.
make_tree()
{
	mkdir -p build
	tree=$(mktemp -d "$PWD/build/test-XXXXXX")
	chmod 755 "$tree"
	port=$(free_port)
	mkdir -p "$tree"/{etc/people,etc/permits,etc/datasets,state,run,keys,codes,tmp}
	make_site
	make_person hanako researcher ja
	make_person jiro researcher en
	make_person late researcher en
	make_person aiko auditor en
	make_person rei reviewer en
	make_person kei reviewer ja
	make_person sora approver en
	make_permit P-1 2020-01-01 2099-12-31 hanako jiro
	make_permit P-2 2020-01-01 2020-12-31 late
	make_dataset D-1 P-1
	make_client
}

free_port()
{
	local try

	for try in {1..50}; do
		try=$((20000 + RANDOM % 20000))
		[[ $(ss -Hltn "sport = :$try") ]] || { echo "$try"; return; }
	done
}

make_site()
{
	cat >"$tree/etc/site.yaml" <<-END
	version: 1
	name: Story
	language: en
	toolset: analysis
	listen:
	  address: 127.0.0.1
	  port: $port
	connections:
	  grace_seconds: 30
	login:
	  pause_seconds: 1
	  pause_max_seconds: 2
	operators:
	  - name: op
	    uid: $operator_uid
	END
}

make_person()
{
	ssh-keygen -q -t ed25519 -N '' -C '' -f "$tree/keys/$1"
	cat >"$tree/etc/people/$1.yaml" <<-END
	version: 1
	person: $1
	name: $1 Example
	organisation: Example University
	language: $3
	roles: [$2]
	keys:
	  - $(cut -d' ' -f1,2 "$tree/keys/$1.pub")
	valid_until: 2099-12-31
	END
}

make_permit()
{
	local id=$1 starts=$2 ends=$3 IFS=, persons

	shift 3
	persons="$*"
	cat >"$tree/etc/permits/$id.yaml" <<-END
	version: 1
	permit: $id
	title: Story permit $id
	purpose: To see whether the gateway keeps its promises.
	persons: [$persons]
	starts: $starts
	ends: $ends
	datasets: [$([[ $id == P-1 ]] && echo D-1)]
	limits:
	  memory: 1GiB
	  processes: 128
	  workspace: 64MiB
	  inodes: 5000
	commands_without_terminal: yes
	END
}

# make_dataset ID PERMIT: what a custodian prepares and an operator installs.
# $tree/custodian is the custodian's host: sources, keys, recipes.
make_dataset()
{
	local folder=$tree/custodian

	mkdir -p "$folder" "$tree/state/datasets"
	[[ -d $folder/keys ]] ||
		build/bin/sekisho-prepare key make --out "$folder/keys" >/dev/null
	printf 'id,age,sex,visits\n1,40,f,1\n2,51,m,2\n3,63,f,3\n' >"$folder/people.csv"
	cat >"$folder/$1.yaml" <<-END
	version: 1
	permit: $2
	profile: pseudonymized
	sources:
	  people:
	    path: people.csv
	    encoding: utf-8
	    subject: {column: id, domain: person}
	    columns:
	      id:  {do: pseudonym, domain: person, as: pid}
	      age: {do: keep}
	      sex: {do: keep}
	      visits: {do: keep}
	END
	cat >"$tree/etc/datasets/$1.yaml" <<-END
	version: 1
	dataset: $1
	title: Story dataset
	permit: $2
	custodian: $(<"$folder/keys/signing.pub")
	END
	prepare_dataset "$1" "$2"
}

# prepare_dataset ID PERMIT: by the recipe as it is now, and into the policy
prepare_dataset()
{
	local folder=$tree/custodian hash

	[[ -e $folder/keys/$2.permit ]] ||
		build/bin/sekisho-prepare key permit --permit "$2" \
			--keys "$folder/keys" >/dev/null
	rm -rf "$folder/bundle"
	build/bin/sekisho-prepare run "$folder/$1.yaml" --keys "$folder/keys" \
		--permit-file "$tree/etc/permits/$2.yaml" --out "$folder/bundle" \
		>/dev/null &&
		build/bin/sekishoctl dataset install "$folder/bundle" --replace \
			--into "$tree/state/datasets" --permit "$2" \
			--public "$folder/keys/signing.pub" >/dev/null || return 1
	hash=$(sha256sum <"$folder/bundle/manifest.json" | cut -d' ' -f1)
	sed -i "/^manifest:/d" "$tree/etc/datasets/$1.yaml"
	echo "manifest: $hash" >>"$tree/etc/datasets/$1.yaml"
}

# ssh_config with a host per person, and the program that answers the prompt
make_client()
{
	local person role

	cat >"$tree/askpass" <<-END
	#!/bin/bash
	# The next code of the list; each is given out once.
	exec 9>"\$CODES.lock"
	flock 9
	head -n 1 "\$CODES"
	sed -i 1d "\$CODES"
	END
	chmod 755 "$tree/askpass"
	while read -r host person role; do
		cat <<-END
		Host $host
		  User $person$role
		  IdentityFile $tree/keys/$person
		END
	done >"$tree/ssh_config" <<-END
	researcher hanako
	researcher2 jiro
	expired late
	auditor aiko +audit
	reviewer rei +review
	reviewer2 kei +review
	approver sora +approve
	END
	cat >>"$tree/ssh_config" <<-END
	Host *
	  HostName 127.0.0.1
	  Port $port
	  IdentitiesOnly yes
	  IdentityAgent none
	  UserKnownHostsFile $tree/known_hosts
	  StrictHostKeyChecking accept-new
	  PreferredAuthentications publickey,keyboard-interactive
	  NumberOfPasswordPrompts 1
	  ConnectTimeout 10
	  LogLevel ERROR
	END
}

person_of()
{
	ssh -F "$tree/ssh_config" -G "$1" | sed -n 's/^user \([^+]*\).*/\1/p'
}

# The toolset is built once and shared by every story and the demo.
link_toolset()
{
	local file

	build/bin/sekishoctl toolset build sandbox/toolset/analysis.yaml build/cache \
		>"$tree/toolset.log" 2>&1 ||
		{ sed 's/^/# /' "$tree/toolset.log" >&2; return 1; }
	mkdir -p "$tree/state/toolsets"
	for file in build/cache/analysis.erofs*; do
		ln "$file" "$tree/state/toolsets/" || return 1
	done
}

start_gateway()
{
	build/bin/sekishod --config "$tree/etc" --state "$tree/state" \
		--run "$tree/run" --programs "$PWD/build/bin" \
		--uid-base 1700000000 --origin story.example/log </dev/null >>"$tree/gateway.log" 2>&1 &
	gateway_pid=$!
	disown "$gateway_pid"
	wait_listening
}

wait_listening()
{
	local _

	for _ in {1..100}; do
		[[ $(ss -Hltn "sport = :$port") ]] && return 0
		kill -0 "$gateway_pid" 2>/dev/null || return 1
		sleep 0.2
	done
	return 1
}

stop_gateway()
{
	local _

	[[ ${gateway_pid-} ]] || return 0
	kill -TERM "$gateway_pid" 2>/dev/null
	for _ in {1..100}; do
		kill -0 "$gateway_pid" 2>/dev/null || { gateway_pid=; return 0; }
		sleep 0.2
	done
	echo "# the gateway does not stop" >&2
	kill -KILL "$gateway_pid"
	gateway_pid=
	return 1
}

# All processes of this gateway: "pid program" a line.
gateway_processes()
{
	local pid children

	children=$gateway_pid
	while [[ $children ]]; do
		for pid in $children; do
			echo "$pid $(cat "/proc/$pid/comm" 2>/dev/null)"
		done
		children=$(for pid in $children; do pgrep -P "$pid"; done)
	done
}

pids_of()
{
	gateway_processes | awk -v name="${1:0:15}" '$2 == name { print $1 }'
}

# What a gateway must not leave behind, a line each.
leftovers()
{
	grep -F "$tree/" /proc/mounts | sed 's/^/mount: /'
	losetup -a | grep -F "$tree/" | sed 's/^/loop device: /'
	pgrep -af -- "--run $tree/run" | sed 's/^/process: /'
	find /sys/fs/cgroup -type d -name "*$(instance)*" 2>/dev/null |
		sed 's/^/cgroup: /'
	lsof_tree
}

# The name under which sekishod keeps this tree's cgroups (FNV-1a of the path)
instance()
{
	perl -Mbigint -e '
		my $h = 14695981039346656037;
		$h = (($h ^ ord) * 1099511628211) & 0xffffffffffffffff for split //, shift;
		printf "%s\n", sprintf "%016s", substr $h->as_hex, 2' "$tree/run" | tr ' ' 0
}

# Processes that still have a file of the tree as their root or folder
lsof_tree()
{
	local link

	for link in /proc/[0-9]*/{cwd,root}; do
		[[ $(readlink "$link" 2>/dev/null) == "$tree"/* ]] &&
			echo "process in the tree: $link"
	done
	return 0
}

give_codes()
{
	local person

	for person in hanako jiro late aiko rei kei sora; do
		as_operator factor add "$person" list 50 --json |
			jq -r '.. | .code? // empty' >"$tree/codes/$person"
		[[ -s $tree/codes/$person ]] || return 1
	done
}

as_operator()
{
	timeout 20 setpriv --reuid "$operator_uid" --regid "$operator_uid" --clear-groups \
		build/bin/sekishoctl --run "$tree/run" "$@"
}

end_tree()
{
	local control

	for control in "$tree"/cm-*; do
		[[ -S $control ]] && ssh -F "$tree/ssh_config" -S "$control" -O exit any
	done 2>/dev/null
	stop_gateway
	leftovers | none "the story leaves no process, mount, loop device or cgroup"
	if [[ ${KEEP-} ]]; then
		echo "# kept: $tree" >&2
	else
		rm -rf "$tree"
	fi
}
