#!/bin/bash
# Inside a session: no network, no new rights, and read-only where it should be.
source "$(dirname "$0")/lib.sh"
story

expect_ok as researcher true

# every socket family but AF_UNIX
expect_text '^1$' as researcher "python3 -c '
import socket
made = []
for family in range(0, 46):
    for kind in (1, 2, 3, 5):
        try: socket.socket(family, kind).close(); made.append(family)
        except OSError: pass
print(*sorted(set(made)))'"
expect_audit 'tripwire call=socket'
expect_text '^lo$|^$' as researcher 'ls /sys/class/net 2>/dev/null; true'

# dangerous() NAME C: a call that must answer EPERM and be on record
dangerous()
{
	expect_audit_from_here
	expect_text '^denied 1$' as researcher "python3 -c '
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
r = libc.$2
print(\"denied\" if r < 0 else \"made\", ctypes.get_errno())'"
	expect_audit "tripwire call=$1"
}
dangerous mount 'mount(b"none", b"/tmp", b"tmpfs", 0, None)'
dangerous ptrace 'ptrace(16, 1, 0, 0)'
dangerous unshare 'unshare(0x10000000)'
dangerous setns 'setns(0, 0)'
dangerous bpf 'syscall(321, 0, 0, 0)'
dangerous io_uring_setup 'syscall(425, 1, 0)'
dangerous ioctl 'ioctl(0, 0x5412, b"x")'
dangerous ioctl 'syscall(16, 0, 0x100005412, b"x")'

for path in /data/D-1/people.csv /data/D-1/new /usr/bin/new /etc/passwd /new; do
	expect_denied as researcher "echo x >> $path"
done
for path in /workspace /home/researcher /out /tmp /dev/shm; do
	expect_ok as researcher "echo x > $path/new && cat $path/new"
done
expect_denied as researcher 'cp /bin/true /out/t && /out/t'
expect_denied as researcher 'cp /bin/true /dev/shm/t && /dev/shm/t'
expect_denied as researcher 'mkfifo /workspace/fifo'
expect_denied as researcher "python3 -c 'import socket; socket.socket(1).bind(\"/workspace/s\")'"

# nothing of the host shows
expect_no "$tree" as researcher 'cat /proc/self/mountinfo /proc/self/environ; env; ls -la / /proc/self/fd'
expect_no 'sekishod|sekisho-policy' as researcher 'ps ax'
expect_text '^0000000000000000$' as researcher "awk '/^Cap(Prm|Eff|Bnd|Amb)/ { print \$2 }' /proc/self/status | sort -u"
expect_text '^1$' as researcher "awk '/^NoNewPrivs/ { print \$2 }' /proc/self/status"
expect_text '^2$' as researcher "awk '/^Seccomp:/ { print \$2 }' /proc/self/status"

# who has seen enough ends the program, as at a sshd
expect_audit_from_here
seen=$(alone researcher yes | head -n 2; echo "${PIPESTATUS[0]}")
[[ $seen == $'y\ny\n'* && $seen != *124 ]] &&
	pass "ssh HOST yes | head ends" || fail "ssh HOST yes | head ends" "$seen"
expect_audit 'session.exit status=141'

# limits
expect_text '^Max core file size +1 +1 ' as researcher 'cat /proc/self/limits'
expect_no 'alive' as researcher 'timeout 20 python3 -c "
x = []
while True: x.append(bytearray(64 << 20))
"; test $? = 0 && echo alive'
expect_denied as researcher 'head -c 200M /dev/zero > /workspace/big'
expect_ok as researcher 'rm -f /workspace/big; true'
grep -c ",40,f,1$" "$tree"/state/datasets/D-1/*/data/people.csv | grep -vx 1 |
	none "the dataset is as it was"

verify_log
story_done
