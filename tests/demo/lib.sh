# lib.sh - the parts of the demo: policy, people, data, start, the ways in.
# shellcheck shell=bash disable=SC2154
#
# Sourced by demo.sh, which sets demo (the folder) and port.

# Far above accounts and subuids, and not where a real gateway has its own.
uid_base=1900000000
operator_uid=$uid_base
custodian_uid=$((uid_base - 1))
origin=demo.sekisho.example/log

# host, login name, role word, language, name
people()
{
	cat <<-END
	researcher hanako researcher ja Hanako Demo
	researcher2 john researcher en John Demo
	reviewer1 reviewer1 reviewer en First Reviewer
	reviewer2 reviewer2 reviewer ja Second Reviewer
	approver approver approver en An Approver
	auditor auditor auditor en An Auditor
	END
}

say()
{
	printf '%s\n' "$*"
}

refuse()
{
	say "demo: $*" >&2
	exit 1
}

# --- Is it running? -------------------------------------------------------------

demo_runs()
{
	local pid

	[[ -r $demo/sekishod.pid ]] || return 1
	pid=$(cat "$demo/sekishod.pid")
	[[ $(readlink "/proc/$pid/exe") == "$PWD/build/bin/sekishod"* ]]
}

# The port's line in the kernel's table (0A: listening), without other tools.
port_taken()
{
	awk -v port="$(printf ':%04X' "$port")" \
		'$4 == "0A" && substr($2, length($2) - 4) == port' \
		/proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# --- The tree -------------------------------------------------------------------

make_folders()
{
	umask 022
	mkdir -p "$demo"/etc/{people,permits,datasets} \
		"$demo"/state/{datasets,toolsets} "$demo/run"
	mkdir -m 700 "$demo/people"
}

make_policy()
{
	local host person role language name

	cat >"$demo/etc/site.yaml" <<-END
	version: 1
	name: Sekisho demo
	language: en
	toolset: analysis
	listen:
	  address: 127.0.0.1
	  port: $port
	operators:
	  - name: operator
	    uid: $operator_uid
	END
	while read -r host person role language name; do
		ssh-keygen -q -t ed25519 -N '' -C '' -f "$demo/people/$person"
		cat >"$demo/etc/people/$person.yaml" <<-END
		version: 1
		person: $person
		name: $name
		organisation: Example University
		language: $language
		roles: [$role]
		keys:
		  - $(cut -d ' ' -f 1,2 "$demo/people/$person.pub")
		valid_until: 2099-12-31
		END
	done < <(people)
	cat >"$demo/etc/permits/P-2026-001.yaml" <<-END
	version: 1
	permit: P-2026-001
	title: Demo of repeat prescriptions
	purpose: To try the gateway with claims that a program made up.
	persons: [hanako, john]
	starts: 2020-01-01
	ends: 2099-12-31
	datasets: [claims-demo, slide-pseudonymized, slide-anonymized]
	limits:
	  memory: 2GiB
	  processes: 256
	  workspace: 256MiB
	  inodes: 50000
	commands_without_terminal: yes
	END
}

# --- The dataset: a custodian prepares, an operator installs ---------------------

as_custodian()
{
	setpriv --reuid "$custodian_uid" --regid "$custodian_uid" --clear-groups "$@"
}

# prepare_dataset NAME TITLE: by its recipe, into the gateway and its policy
prepare_dataset()
{
	local folder=$demo/custodian

	as_custodian build/bin/sekisho-prepare run "$folder/recipes/$1.yaml" \
		--keys "$folder/keys" --permit-file "$demo/etc/permits/P-2026-001.yaml" \
		--out "$folder/$1" &&
		build/bin/sekishoctl dataset install "$folder/$1" --permit P-2026-001 \
			--public "$folder/keys/signing.pub" --into "$demo/state/datasets" || return 1
	cat >"$demo/etc/datasets/$1.yaml" <<-END
	version: 1
	dataset: $1
	title: $2
	permit: P-2026-001
	manifest: $(sha256sum <"$folder/$1/manifest.json" | cut -d' ' -f1)
	custodian: $(<"$folder/keys/signing.pub")
	END
}

# Invented people, the same on every machine. In a real setting the custodian
# works on another host; here it is another account with a folder of its own.
make_datasets()
{
	local folder=$demo/custodian

	mkdir -m 700 "$folder" && cp -R docs/recipes "$folder/" &&
		chown -R "$custodian_uid:$custodian_uid" "$folder" &&
		as_custodian build/tool/generate --persons 10000 --seed 2026 \
			--out "$folder/recipes" &&
		as_custodian build/bin/sekisho-prepare key make --out "$folder/keys" &&
		as_custodian build/bin/sekisho-prepare key permit --permit P-2026-001 \
			--keys "$folder/keys" &&
		prepare_dataset claims-demo "Made-up claims of 10,000 persons" &&
		prepare_dataset slide-pseudonymized "The slide's example, pseudonymised" &&
		prepare_dataset slide-anonymized "The slide's example, anonymised"
}

link_toolset()
{
	local file

	for file in build/cache/analysis.erofs{,.sha256}; do
		ln -f "$file" "$demo/state/toolsets/" 2>/dev/null ||
			cp "$file" "$demo/state/toolsets/"
	done
}

# --- The gateway ----------------------------------------------------------------

start_gateway()
{
	setsid build/bin/sekishod --config "$demo/etc" --state "$demo/state" \
		--run "$demo/run" --programs "$PWD/build/bin" \
		--uid-base "$uid_base" --origin "$origin" \
		</dev/null >"$demo/sekishod.log" 2>&1 &
	echo $! >"$demo/sekishod.pid"
	disown $!
	for _ in {1..100}; do
		[[ -z $(port_taken) ]] || return 0
		demo_runs || return 1
		sleep 0.1
	done
	return 1
}

as_operator()
{
	setpriv --reuid "$operator_uid" --regid "$operator_uid" --clear-groups \
		build/bin/sekishoctl --run "$demo/run" "$@"
}

# One-line JSON is easily read without a parser: values hold no quotes.
values_of()
{
	grep -oE "\"$1\": *\"[^\"]*\"" | sed 's/.*"\([^"]*\)"$/\1/'
}

enrol()
{
	local host person rest folder=$demo/people

	while read -r host person rest; do
		as_operator factor add "$person" totp --json \
			2>>"$demo/enrol.log" | values_of secret >"$folder/$person.totp"
		as_operator factor add "$person" list 50 --json \
			2>>"$demo/enrol.log" | values_of code >"$folder/$person.list"
		if [[ ! -s $folder/$person.totp || ! -s $folder/$person.list ]]; then
			return 1
		fi
	done < <(people)
	chmod 600 "$folder"/*
}

# --- The ways in ----------------------------------------------------------------

make_client()
{
	local host person role rest suffix

	install -m 755 tests/demo/askpass "$demo/askpass"
	install -m 755 tests/demo/code "$demo/code"
	cat >"$demo/env" <<-END
	export SSH_ASKPASS=$demo/askpass SSH_ASKPASS_REQUIRE=force
	END
	echo "[127.0.0.1]:$port $(cut -d ' ' -f 1,2 "$demo/state/keys/host_ed25519.pub")" \
		>"$demo/known_hosts"
	while read -r host person role rest; do
		case $role in
		reviewer) suffix=+review ;;
		approver) suffix=+approve ;;
		auditor) suffix=+audit ;;
		*) suffix= ;;
		esac
		cat <<-END
		Host $host
		  User $person$suffix
		  IdentityFile $demo/people/$person
		END
	done < <(people) >"$demo/ssh_config"
	cat >>"$demo/ssh_config" <<-END
	Host *
	  HostName 127.0.0.1
	  Port $port
	  IdentitiesOnly yes
	  IdentityAgent none
	  UserKnownHostsFile $demo/known_hosts
	  StrictHostKeyChecking yes
	  PreferredAuthentications publickey,keyboard-interactive
	END
	# Who called sudo is to try the ways in without it.
	[[ -z ${SUDO_UID-} ]] || chown -R "$SUDO_UID:$SUDO_GID" "$demo/people"
}

print_ways()
{
	cat <<-END

	The gateway listens on 127.0.0.1:$port. Codes are typed for you after:

	    . build/demo/env

	researcher  ssh -F build/demo/ssh_config researcher
	            then: ls /data/claims-demo; sekisho help
	reviewers   ssh -F build/demo/ssh_config reviewer1   (or reviewer2)
	approver    ssh -F build/demo/ssh_config approver
	auditor     ssh -F build/demo/ssh_config auditor
	            sftp -F build/demo/ssh_config auditor    (a copy of the log)

	To type a code by hand, leave out build/demo/env and ask for one:

	    build/demo/code hanako

	To end it: sudo make demo-stop
	END
}
