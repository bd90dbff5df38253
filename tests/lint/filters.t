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

# What runs user code has its own list; services never need these.
dangerous='execve|execveat|fork|vfork|ptrace|process_vm_readv|process_vm_writev|mount|umount2|move_mount|open_tree|fsopen|fsconfig|fsmount|pivot_root|chroot|unshare|setns|setuid|setgid|setreuid|setresuid|setresgid|setgroups|capset|bpf|perf_event_open|userfaultfd|io_uring_setup|keyctl|add_key|request_key|init_module|finit_module|kexec_load|reboot|swapon|iopl|ioperm|modify_ldt|personality|connect|bind|listen|open_by_handle_at|memfd_create|pidfd_getfd|kill|tkill'
# a library may be met with a quiet errno; only "allow" gives
calls | grep -v 'sandbox/.*user' | awk '$2 == "allow" { print }' |
	grep -wE "allow ($dangerous)" |
	none "no service may run, trace, mount, connect or become somebody"

make -s print-filters | while read -r list; do
	grep -qE '^(include|default)' "$list" || echo "$list"
done | none "every program's list says what happens to the rest"

tap_done
