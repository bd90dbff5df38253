#!/bin/bash
# filters - system-call lists name known calls and none that opens a way out.
source "$(dirname "$0")/code.sh"

known=$(printf '#include <asm/unistd.h>\n' | gcc -E -dM - |
	sed -n 's/^#define __NR_\([a-z0-9_]*\) .*/\1/p')

mapfile -t lists < <(ours '*.filter')
((${#lists[@]})) || { fail "there are filters"; tap_done; }

# "file:line: directive call" for every named call
calls()
{
	awk '{ sub(/#.*/, "") }
	     $1 == "allow" || $1 == "notify" { verb = $1; from = 2 }
	     $1 == "errno" { verb = "errno"; from = 3 }
	     $1 == "include" || $1 == "default" || NF == 0 { next }
	     { for (i = from; i <= NF; i++) {
	           if ($i ~ /^arg[0-5]/) break
	           print FILENAME ":" FNR ": " verb " " $i } }' "${lists[@]}"
}

calls | while read -r where verb name; do
	[[ $name =~ ^[0-9]+$ ]] || grep -qxF "$name" <<<"$known" ||
		echo "$where $verb $name"
done | none "every named call exists"

grep -nE '^[[:space:]]*default' "${lists[@]}" | grep -vE 'default (kill|enosys|eperm)' |
	none "no list allows what it does not name"

# What no process of the gateway needs, whoever starts whom.
never='ptrace|process_vm_readv|process_vm_writev|pidfd_getfd|kcmp|setns|bpf|perf_event_open|userfaultfd|vmsplice|memfd_create|memfd_secret|io_uring_setup|io_uring_enter|io_uring_register|keyctl|add_key|request_key|init_module|finit_module|delete_module|kexec_load|kexec_file_load|reboot|swapon|swapoff|acct|quotactl|quotactl_fd|syslog|iopl|ioperm|modify_ldt|name_to_handle_at|open_by_handle_at|settimeofday|clock_settime|clock_adjtime|adjtimex|nfsservctl|mbind|migrate_pages|move_pages'
# a library may be met with a quiet errno; only "allow" gives
calls | grep -wE "allow ($never)" |
	none "no list opens the kernel, another process, the clock or the host's power"

# What services never need. The lists of those that start programs and build
# sandboxes, and the user's, are their own reviews.
dangerous='execve|execveat|fork|vfork|mount|umount2|move_mount|open_tree|mount_setattr|fsopen|fsconfig|fsmount|fspick|pivot_root|chroot|unshare|setuid|setgid|setreuid|setresuid|setresgid|setgroups|capset|personality|connect|bind|listen|kill|tkill|clone3'
calls | grep -vE '^(gateway/supervisor/(guard|supervisor)|gateway/base/start|sandbox/(spawn|user))\.filter:' |
	grep -wE "allow ($dangerous)" |
	# the one service whose job is to call out
	grep -v '^audit/cosign/anchor\.filter:[0-9]*: allow connect$' |
	none "no service may run, mount, connect or become somebody"

make -s print-filters | while read -r list; do
	grep -qE '^(include|default)' "$list" || echo "$list"
done | none "every program's list says what happens to the rest"

# --- Every program obeys one --------------------------------------------------------

# Started by a person, for one task, with that person's own rights
# (sekisho-token: by sekisho-prepare, to run a vendor's library)
commands='sekishoctl sekisho-prepare sekisho-token sekisho-verify sekisho'

make -s print-obeys | while IFS=: read -r program list; do
	case $list in
	*.filter) [[ -f $list ]] || echo "$program: no $list" ;;
	-) [[ " $commands " == *" $program "* ]] || echo "$program has no filter" ;;
	*) make -s print-obeys | grep -q "^$list:.*\.filter$" ||
		echo "$program inherits from $list, which has no filter" ;;
	esac
done | none "every program that people do not start themselves obeys a filter"

tap_done
