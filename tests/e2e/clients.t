#!/bin/bash
# Clients that are not OpenSSH's: dropbear, PuTTY, and the libraries paramiko
# and AsyncSSH, each with key and code, a command, a terminal and files.
source "$(dirname "$0")/lib.sh"
story

# code PERSON: the next one of the list
code()
{
	CODES=$tree/codes/$1 "$tree/askpass"
}

expect_ok alone researcher true
key=$tree/keys/hanako
head -c 3000000 /dev/urandom >"$tree/sent.bin"

# --- dropbear ----------------------------------------------------------------------

export HOME=$tree/home
mkdir -p "$HOME/.ssh"
# dropbear looks hosts up under the name alone
sed "s/^[^ ]*/127.0.0.1/" "$tree/known_hosts" >"$HOME/.ssh/known_hosts"
dropbearconvert openssh dropbear "$key" "$tree/keys/dropbear" >/dev/null 2>&1
by_dropbear()
{
	DROPBEAR_PASSWORD=$(code hanako) timeout 60 dbclient -i "$tree/keys/dropbear" \
		-p "$port" hanako@127.0.0.1 "$@" </dev/null
}
expect_text '^by dropbear$' by_dropbear 'echo by dropbear'
expect_audit 'auth.login result=ok permit=P-1'
expect_denied by_dropbear 'exit 7'
expect_text 'hanako' by_dropbear 'sekisho whoami'
# a wrong code after the right key; dropbear ends with 0 when a server hangs up
wrong_code()
{
	DROPBEAR_PASSWORD=00000000 timeout 60 dbclient -i "$tree/keys/dropbear" \
		-p "$port" hanako@127.0.0.1 'echo got in' </dev/null
}
expect_audit_from_here
expect_no 'got in' wrong_code
expect_audit 'auth.code result=deny'
# nothing but sessions: a forwarding is refused, and dropbear says so
expect_audit_from_here
# (with an input that stays open, or it may leave before it asks)
sleep 3 | DROPBEAR_PASSWORD=$(code hanako) timeout 60 dbclient -i "$tree/keys/dropbear" \
	-p "$port" -B 127.0.0.1:1 hanako@127.0.0.1 >/dev/null 2>&1
expect_audit 'channel.refused kind=forward'

# --- PuTTY -------------------------------------------------------------------------

puttygen "$key" -O private -o "$tree/keys/putty.ppk" >/dev/null 2>&1
print=$(ssh-keygen -lf "$tree/known_hosts" | cut -d' ' -f2)
by_putty()
{
	local program=$1

	shift
	code hanako >"$tree/putty.code"
	timeout 60 "$program" -batch -P "$port" -i "$tree/keys/putty.ppk" -hostkey "$print" \
		-l hanako -pwfile "$tree/putty.code" "$@" </dev/null
}
expect_text '^by plink$' by_putty plink 127.0.0.1 'echo by plink'
expect_denied by_putty plink 127.0.0.1 'exit 7'
expect_text '表' by_putty plink 127.0.0.1 'echo 表'
cat >"$tree/psftp.batch" <<-END
	cd /import/new
	put $tree/sent.bin psftp.bin
	mkdir folder
	ren psftp.bin folder/there.bin
	ls folder
	get folder/there.bin $tree/back.bin
	del folder/there.bin
	rmdir folder
END
expect_text 'there.bin' by_putty psftp -b "$tree/psftp.batch" 127.0.0.1
cmp -s "$tree/sent.bin" "$tree/back.bin" && pass "psftp brings back what it sent" ||
	fail "psftp brings back what it sent" "$said"
rm -f "$tree/back.bin"
expect_ok by_putty pscp "$tree/sent.bin" 127.0.0.1:/import/new/pscp.bin
expect_ok by_putty pscp 127.0.0.1:/import/new/pscp.bin "$tree/back.bin"
cmp -s "$tree/sent.bin" "$tree/back.bin" && pass "pscp brings back what it sent" ||
	fail "pscp brings back what it sent" "$said"

# --- Libraries -----------------------------------------------------------------------

for library in paramiko asyncssh; do
	lines=$(timeout 120 /usr/bin/python3 -W ignore tests/e2e/clients.py "$library" "$port" hanako "$key" \
		"$tree/codes/hanako" "$tree/known_hosts" 2>&1)
	grep -v '^ok ' <<<"$lines" | none "$library: everything it does works"
	[[ $(grep -c '^ok ' <<<"$lines") -ge 15 ]] && pass "$library: it did it all" ||
		fail "$library: it did it all" "$lines"
done
records >"$tree/records"
grep -E '表|quotes|psftp\.bin' "$tree/records" | none "no name of a file stands in the log"

story_done
