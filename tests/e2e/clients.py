#!/usr/bin/python3
"""clients.py - one visit with a client library, and sftp as its users use it.

    clients.py paramiko|asyncssh PORT USER KEY CODES HOSTKEY

Prints one line for each thing that was done, "ok WHAT" or "no WHAT: WHY".
What is done is the same with both libraries: a file is sent, sent again over
itself by a rename, cut and taken up where it broke off, asked for a hundred
times what it is, listed, read at places, and taken away.
"""
import asyncio
import fcntl
import hashlib
import os
import stat
import sys

LIBRARY, PORT, USER, KEY, CODES, HOSTKEY = sys.argv[1:7]
NEW = "/import/new/"
NAMES = ["plain.txt", "表 データ.csv", "a" * 200, "with 'quotes' & $(x).R"]
BODY = hashlib.sha256(b"sekisho").digest() * 4096 * 9  # not a round size of any client


def code():
    """The next code of the one-time list; each is given out once."""
    with open(CODES + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with open(CODES, encoding="ascii") as codes:
            lines = codes.readlines()
        with open(CODES, "w", encoding="ascii") as codes:
            codes.writelines(lines[1:])
    return lines[0].strip()


def said(what, good, why=""):
    print(("ok " if good else "no ") + what + ("" if good else ": " + str(why)))


def visit_paramiko():
    import paramiko

    transport = paramiko.Transport(("127.0.0.1", int(PORT)))
    transport.connect(hostkey=paramiko.Ed25519Key(data=host_blob()))
    key = paramiko.Ed25519Key(filename=KEY)
    left = transport.auth_publickey(USER, key)
    said("the key alone is not enough", not transport.is_authenticated() and
         list(left) == ["keyboard-interactive"], left)
    transport.auth_interactive(USER, lambda _t, _i, prompts: [code() for _ in prompts])
    said("the code lets in", transport.is_authenticated())

    channel = transport.open_session()
    channel.exec_command("printf out; printf err >&2; exit 3")
    out, err = channel.makefile().read(), channel.makefile_stderr().read()
    said("a command's two streams come apart", (out, err) == (b"out", b"err"), (out, err))
    status = channel.recv_exit_status()
    said("its status comes", status in (1, 3), status)

    channel = transport.open_session()
    channel.get_pty("xterm", 100, 30)
    channel.invoke_shell()
    channel.send(b"stty size; exit\n")
    text = channel.makefile().read()
    said("a terminal has the size that was asked for", b"30 100" in text, text)

    sftp = paramiko.SFTPClient.from_transport(transport)
    for name in NAMES:
        with sftp.open(NEW + name, "wb") as file:
            file.set_pipelined(True)
            file.write(BODY)
        with sftp.open(NEW + name, "rb") as file:
            same = file.read() == BODY
        said("sent and read: " + ascii(name[:20]), same)
    listed = sftp.listdir(NEW)
    said("listed by name", set(NAMES) <= set(listed), listed)

    with sftp.open(NEW + "next.tmp", "wb") as file:
        file.write(b"second")
    sftp.posix_rename(NEW + "next.tmp", NEW + NAMES[0])
    said("renamed over what was there", sftp.stat(NEW + NAMES[0]).st_size == 6)

    half = len(BODY) // 2
    with sftp.open(NEW + "half", "wb") as file:
        file.write(BODY[:half])
    with sftp.open(NEW + "half", "r+b") as file:
        file.seek(sftp.stat(NEW + "half").st_size)
        file.write(BODY[half:])
    with sftp.open(NEW + "half", "rb") as file:
        said("taken up where it broke off", file.read() == BODY)
    with sftp.open(NEW + "half", "rb") as file:
        parts = file.readv([(0, 10), (half, 32), (len(BODY) - 5, 5)])
        said("read at places", list(parts) == [BODY[:10], BODY[half:half + 32], BODY[-5:]])

    sizes = {sftp.stat(NEW + "half").st_size for _ in range(200)}
    said("asked two hundred times what it is", sizes == {len(BODY)}, sizes)
    said("a folder is one", stat.S_ISDIR(sftp.stat(NEW).st_mode))
    try:
        sftp.stat("/data")
        said("/data is not there", False, "it answered")
    except FileNotFoundError:
        said("/data is not there", True)
    for name in NAMES + ["half"]:
        sftp.remove(NEW + name)
    said("taken away", not set(NAMES) & set(sftp.listdir(NEW)))
    transport.close()


def host_blob():
    import base64

    with open(HOSTKEY, encoding="ascii") as known:
        return base64.b64decode(known.read().split()[2])


async def visit_asyncssh():
    import asyncssh

    class Person(asyncssh.SSHClient):
        def kbdint_auth_requested(self):
            return ""

        def kbdint_challenge_received(self, _name, _instructions, _lang, prompts):
            return [code() for _ in prompts]

    async with asyncssh.connect("127.0.0.1", int(PORT), username=USER, client_keys=[KEY],
                                known_hosts=HOSTKEY, client_factory=Person,
                                agent_path=None) as line:
        said("key and code let in", True)
        done = await line.run("printf out; printf err >&2; exit 3")
        said("a command's two streams come apart", (done.stdout, done.stderr) == ("out", "err"),
             (done.stdout, done.stderr))
        said("its status comes", done.exit_status in (1, 3), done.exit_status)
        done = await line.run("stty size", term_type="xterm", term_size=(100, 30))
        said("a terminal has the size that was asked for", "30 100" in done.stdout, done.stdout)
        async with line.start_sftp_client() as sftp:
            await files_asyncssh(sftp)


async def files_asyncssh(sftp):
    import asyncssh

    for name in NAMES:
        async with sftp.open(NEW + name, "wb") as file:
            await file.write(BODY)
        async with sftp.open(NEW + name, "rb") as file:
            same = await file.read() == BODY
        said("sent and read: " + ascii(name[:20]), same)
    listed = await sftp.listdir(NEW)
    said("listed by name", set(NAMES) <= set(listed), listed)
    async with sftp.open(NEW + "next.tmp", "wb") as file:
        await file.write(b"second")
    await sftp.posix_rename(NEW + "next.tmp", NEW + NAMES[0])
    said("renamed over what was there", (await sftp.stat(NEW + NAMES[0])).size == 6)
    half = len(BODY) // 2
    async with sftp.open(NEW + "half", "wb") as file:
        await file.write(BODY[:half])
    async with sftp.open(NEW + "half", "r+b") as file:
        await file.write(BODY[half:], offset=half)
    async with sftp.open(NEW + "half", "rb") as file:
        said("taken up where it broke off", await file.read() == BODY)
        said("read at places", await file.read(32, half) == BODY[half:half + 32])
    answers = await asyncio.gather(*(sftp.stat(NEW + "half") for _ in range(200)))
    said("asked two hundred times at once what it is", {a.size for a in answers} == {len(BODY)})
    try:
        await sftp.stat("/data")
        said("/data is not there", False, "it answered")
    except asyncssh.SFTPNoSuchFile:
        said("/data is not there", True)
    for name in NAMES + ["half"]:
        await sftp.remove(NEW + name)
    said("taken away", not set(NAMES) & set(await sftp.listdir(NEW)))


if __name__ == "__main__":
    if LIBRARY == "paramiko":
        visit_paramiko()
    else:
        asyncio.run(visit_asyncssh())
