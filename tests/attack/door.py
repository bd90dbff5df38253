#!/usr/bin/python3
"""door.py - clients that do not keep to the protocol, at a gateway's door.

    door.py PORT USER OTHER KEY CODES

USER may log in with KEY and a code; OTHER is another enrolled name. Prints a
line for each attempt: "ok WHAT" or "no WHAT: WHY". Nothing here does harm if
it succeeds: an open session channel is closed again.

paramiko speaks for us as long as it suits, and then its transport is made to
send whatever is wanted.
"""
import fcntl
import os
import socket
import struct
import sys
import time

import paramiko
from paramiko.common import MSG_USERAUTH_REQUEST
from paramiko.message import Message

PORT, USER, OTHER, KEYFILE, CODES = sys.argv[1:6]
KEY = paramiko.Ed25519Key(filename=KEYFILE)
SERVICE, SUCCESS, INFO_RESPONSE = 5, 52, 61
GLOBAL, OPEN, WINDOW, DATA, REQUEST = 80, 90, 93, 94, 98
LONG = 10  # seconds that a cut connection may take to be seen; never waited for


class Line(paramiko.Transport):
    """A transport that hears what it did not expect."""

    def __init__(self, wire=None):
        super().__init__(wire or socket.create_connection(("127.0.0.1", int(PORT)), LONG))
        self.daemon = True
        self.set_keepalive(0)
        self.start_client(timeout=LONG)

    def say(self, kind, *fields):
        """Send a packet: int as uint32, bool, str and bytes as strings."""
        message = Message()
        message.add_byte(bytes([kind]))
        for field in fields:
            if isinstance(field, bool):
                message.add_boolean(field)
            elif isinstance(field, int):
                message.add_int(field)
            else:
                message.add_string(field)
        try:
            self._send_message(message)
        except (OSError, EOFError, paramiko.SSHException):
            pass  # cut already: what is_cut() will say

    def is_cut(self):
        """Has the other side ended it, within LONG?"""
        end = time.monotonic() + LONG
        while self.is_active() and time.monotonic() < end:
            time.sleep(0.02)
        return not self.is_active()

    def opens(self):
        """Does it get a session channel?"""
        try:
            self.open_session(timeout=3).close()
            return True
        except (paramiko.SSHException, EOFError, OSError):
            return False


def code():
    """The next code of the one-time list; each is given out once."""
    with open(CODES + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with open(CODES, encoding="ascii") as codes:
            lines = codes.readlines()
        with open(CODES, "w", encoding="ascii") as codes:
            codes.writelines(lines[1:])
    return lines[0].strip()


def with_key():
    line = Line()
    line.auth_publickey(USER, KEY)
    return line


def logged_in(wire=None):
    line = Line(wire)
    line.auth_publickey(USER, KEY)
    line.auth_interactive(USER, lambda _t, _i, prompts: [code() for _ in prompts])
    return line


def signed(line, user, session_id):
    """A USERAUTH_REQUEST by KEY, for this user and session."""
    blob = Message()
    blob.add_string(session_id)
    blob.add_byte(bytes([MSG_USERAUTH_REQUEST]))
    for field in (user, "ssh-connection", "publickey"):
        blob.add_string(field)
    blob.add_boolean(True)
    blob.add_string("ssh-ed25519")
    blob.add_string(KEY.asbytes())
    line.say(MSG_USERAUTH_REQUEST, user, "ssh-connection", "publickey", True, "ssh-ed25519",
             KEY.asbytes(), KEY.sign_ssh_data(blob.asbytes()).asbytes())


# --- Before the login ------------------------------------------------------------

def opens_at_once():
    return not Line().opens()


def says_success_itself():
    line = Line()
    line.say(SERVICE, "ssh-userauth")
    line.say(SUCCESS)
    return not line.opens()


def says_success_after_the_key():
    line = with_key()
    line.say(SUCCESS)
    return not line.opens()


def opens_after_the_key():
    return not with_key().opens()


def code_before_the_key():
    line = Line()
    try:
        line.auth_interactive(USER, lambda _t, _i, prompts: ["00000000" for _ in prompts])
    except paramiko.BadAuthenticationType as refused:
        return refused.allowed_types == ["publickey"] and not line.opens()
    except paramiko.SSHException:
        pass
    return not line.is_authenticated() and not line.opens()


def probes_only():
    line = Line()
    line.say(SERVICE, "ssh-userauth")
    for _ in range(5):
        line.say(MSG_USERAUTH_REQUEST, USER, "ssh-connection", "publickey", False,
                 "ssh-ed25519", KEY.asbytes())
    return not line.opens()


def signature_of_nothing():
    line = Line()
    line.say(SERVICE, "ssh-userauth")
    line.say(MSG_USERAUTH_REQUEST, USER, "ssh-connection", "publickey", True, "ssh-ed25519",
             KEY.asbytes(), b"\0\0\0\x0bssh-ed25519\0\0\0\x40" + bytes(64))
    return line.is_cut()


def signature_of_another_connection():
    first, second = Line(), Line()
    second.say(SERVICE, "ssh-userauth")
    signed(second, USER, first.session_id)
    return second.is_cut()


def signature_for_another_user():
    line = Line()
    line.say(SERVICE, "ssh-userauth")
    signed(line, USER, line.session_id)
    signed(line, OTHER, line.session_id)
    return line.is_cut()


def another_user_for_the_code():
    line = with_key()
    line.say(MSG_USERAUTH_REQUEST, OTHER, "ssh-connection", "keyboard-interactive", "", "")
    return line.is_cut()


def answers(n):
    def attempt():
        line = with_key()
        line.say(MSG_USERAUTH_REQUEST, USER, "ssh-connection", "keyboard-interactive", "", "")
        line.say(INFO_RESPONSE, n, *(["00000000"] * n))
        return line.is_cut()
    return attempt


def answer_that_nobody_asked_for():
    line = Line()
    line.say(SERVICE, "ssh-userauth")
    line.say(INFO_RESPONSE, 1, "00000000")
    return not line.opens()


def too_much_before_the_login():
    line = Line()
    line.say(SERVICE, "ssh-userauth")
    for _ in range(80):
        line.say(2, b"x" * 1024)  # IGNORE
    return line.is_cut()


def another_service():
    line = Line()
    line.say(SERVICE, "ssh-connection")
    return line.is_cut() and not line.opens()


# --- After the login ----------------------------------------------------------------

def tiny_packets():
    line = logged_in()
    line.say(OPEN, "session", 7, 1 << 21, 10)
    return line.is_cut()


def nameless_channel():
    line = logged_in()
    line.say(OPEN, b"\xff" * 3000, 7, 1 << 21, 32768)
    return line.is_active() and line.opens()


def data_for_nobody():
    line = logged_in()
    for _ in range(50):
        line.say(DATA, 4242, b"x" * 1000)
    return line.opens() or line.is_cut()


def window_overflow():
    line = logged_in()
    channel = line.open_session()
    for _ in range(5):
        line.say(WINDOW, channel.remote_chanid, 0xffffffff)
    channel.exec_command("echo there")
    return channel.makefile().read() in (b"there\n", b"")


def window_overrun():
    """More than the window that we were given: refused or cut, never kept."""
    line = logged_in()
    channel = line.open_session()
    channel.exec_command("sleep 5")
    before = memory()
    for _ in range(400):
        if not line.is_active():
            break
        line.say(DATA, channel.remote_chanid, b"x" * 30000)
    return memory() - before < 8 << 20


def too_many_channels():
    line = logged_in()
    for number in range(200):
        line.say(OPEN, "session", 100 + number, 1 << 21, 32768)
    return line.is_cut()


def too_many_questions():
    line = logged_in()
    for _ in range(5000):
        if not line.is_active():
            break
        line.say(GLOBAL, "no-such@example.org", True)
    return line.is_cut()


def shells_without_end():
    """One channel takes one program, however often it is asked."""
    line = logged_in()
    channel = line.open_session()
    channel.exec_command("echo once")
    for _ in range(20):
        line.say(REQUEST, channel.remote_chanid, "exec", False, "echo again")
    return b"again" not in channel.makefile().read()


def new_keys_without_end():
    """A few are served, a storm ends the line: each costs a signature."""
    line = logged_in()
    for _ in range(4):
        line.renegotiate_keys()
    if not line.opens():
        return False
    try:
        for _ in range(30):
            line.renegotiate_keys()
    except (paramiko.SSHException, EOFError, OSError):
        return line.is_cut()
    return False


def never_reads():
    """A program that writes without end and a client that takes nothing."""
    line = logged_in()
    channel = line.open_session()
    before = memory()
    channel.in_window_size = 1 << 30
    line.say(WINDOW, channel.remote_chanid, 1 << 30)
    line.packetizer.read_message = lambda: time.sleep(3600)
    channel.exec_command = None
    line.say(REQUEST, channel.remote_chanid, "exec", False, "yes")
    time.sleep(3)
    return memory() - before < 16 << 20


def packets_out_of_place():
    """Every kind of packet that a server never gets, in the middle of work."""
    for kind in (3, 6, 31, 21, 51, 53, 60, 81, 91, 92, 99, 100, 192, 255):
        line = logged_in()
        line.say(kind, 0, 0)
        if not line.opens() and not line.is_cut():
            return False
    return True


# --- The wire itself ------------------------------------------------------------------

class Bent:
    """A socket that flips one bit of what is sent, at a byte after a start."""

    def __init__(self, at):
        self.wire = socket.create_connection(("127.0.0.1", int(PORT)), LONG)
        self.left, self.begun = at, False

    def send(self, data):
        if self.begun and 0 <= self.left < len(data):
            data = bytearray(data)
            data[self.left] ^= 1
            data = bytes(data)
            self.left = -1
        elif self.begun and self.left >= 0:
            self.left -= len(data)
        return self.wire.send(data)

    def __getattr__(self, name):
        return getattr(self.wire, name)


def flipped_bits():
    for at in (0, 4, 5, 20, 40, 60):
        wire = Bent(at)
        line = Line(wire)
        wire.begun = True
        try:
            line.auth_publickey(USER, KEY)
        except (paramiko.SSHException, EOFError, OSError):
            pass
        if not line.is_cut() or line.is_authenticated():
            return False
    return True


def packet(kind, body=b""):
    """A packet of the time before there are keys."""
    body = bytes([kind]) + body
    pad = 8 - (len(body) + 5) % 8
    pad += 8 if pad < 4 else 0
    return struct.pack(">IB", len(body) + pad + 1, pad) + body + bytes(pad)


def hello(strict):
    kex = b"curve25519-sha256" + (b",kex-strict-c-v00@openssh.com" if strict else b"")
    lists = [kex, b"ssh-ed25519", b"aes256-ctr", b"aes256-ctr", b"hmac-sha2-256-etm@openssh.com",
             b"hmac-sha2-256-etm@openssh.com", b"none", b"none", b"", b""]
    body = os.urandom(16) + b"".join(struct.pack(">I", len(x)) + x for x in lists) + bytes(5)
    return b"SSH-2.0-door\r\n" + packet(20, body)


def hears(sent, seconds):
    """What comes back before the end of the line, or of the seconds; was it the end?"""
    with socket.create_connection(("127.0.0.1", int(PORT)), LONG) as wire:
        wire.sendall(sent)
        wire.settimeout(0.2)
        heard, end = b"", time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                got = wire.recv(65536)
            except socket.timeout:
                continue
            except OSError:
                return heard, True
            if not got:
                return heard, True
            heard += got
    return heard, False


def dh():
    point = bytes([9]) + bytes(31)
    return packet(30, struct.pack(">I", 32) + point)


def has_reply(heard):
    """Is there a KEXDH_REPLY with a signature of the host?"""
    at = heard.find(b"\n") + 1
    while at + 6 <= len(heard):
        size = struct.unpack(">I", heard[at:at + 4])[0]
        if heard[at + 5] == 31:
            return True
        at += 4 + size
    return False


def terrapin():
    """A packet slipped in before the keys ends the line; without one it stays."""
    keys, ignored = packet(21), packet(2, bytes(4))
    heard, cut = hears(hello(True) + dh() + keys, 1)
    if cut or not has_reply(heard):
        return False
    return all(hears(sent + keys, LONG)[1] for sent in
               (hello(True) + ignored + dh(), hello(True) + dh() + ignored,
                hello(False) + ignored + dh()))


def cut_cables():
    whole = hello(True) + dh()
    for n in range(0, len(whole), 7):
        with socket.create_connection(("127.0.0.1", int(PORT)), LONG) as wire:
            wire.sendall(whole[:n])
    return True


def lengths_that_lie():
    for length in (0, 1, 0x7fffffff, 0xffffffff, 262145):
        sent = b"SSH-2.0-door\r\n" + struct.pack(">IB", length, 4) + bytes(100)
        heard, cut = hears(sent, LONG if length != 262145 else 3)
        if length in (0x7fffffff, 0xffffffff) and not cut:
            return False
        if has_reply(heard):
            return False
    return True


def no_greeting():
    _, first = hears(b"GET / HTTP/1.1\r\n\r\n" * 3, LONG)
    _, second = hears(b"x" * 100000, LONG)
    return first and second


def memory():
    """Bytes that all processes of the gateway have for themselves; the folder
    of their programs tells them from others'."""
    total = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            program = os.readlink(f"/proc/{pid}/exe")
            if not program.startswith(os.getcwd() + "/build/bin/sekisho"):
                continue
            with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
                _, resident, shared = statm.read().split()[:3]
            total += (int(resident) - int(shared)) * 4096
        except OSError:
            continue
    return total


ATTEMPTS = [
    ("a channel before the login", opens_at_once),
    ("SUCCESS from the client", says_success_itself),
    ("SUCCESS from the client after the key", says_success_after_the_key),
    ("a channel after the key alone", opens_after_the_key),
    ("the code before the key", code_before_the_key),
    ("probes instead of a signature", probes_only),
    ("a signature of nothing", signature_of_nothing),
    ("another connection's signature", signature_of_another_connection),
    ("a second name with a signature", signature_for_another_user),
    ("a second name for the code", another_user_for_the_code),
    ("no answer at all", answers(0)),
    ("two answers", answers(2)),
    ("256 answers", answers(256)),
    ("an answer that nobody asked for", answer_that_nobody_asked_for),
    ("much before the login", too_much_before_the_login),
    ("another service first", another_service),
    ("packets of ten bytes", tiny_packets),
    ("a channel of a nameless kind", nameless_channel),
    ("data for a channel that is not", data_for_nobody),
    ("a window that overflows", window_overflow),
    ("more than the window", window_overrun),
    ("two hundred channels", too_many_channels),
    ("five thousand questions", too_many_questions),
    ("twenty programs on one channel", shells_without_end),
    ("new keys again and again", new_keys_without_end),
    ("a client that never reads", never_reads),
    ("packets out of place", packets_out_of_place),
    ("flipped bits", flipped_bits),
    ("a packet slipped in before the keys", terrapin),
    ("cables cut at any byte", cut_cables),
    ("lengths that lie", lengths_that_lie),
    ("no greeting", no_greeting),
]


def main():
    only = sys.argv[6:]
    for what, attempt in ATTEMPTS:
        if only and what not in only:
            continue
        try:
            good, why = attempt(), "it went through"
        except Exception as fault:  # pylint: disable=broad-except
            good, why = False, f"{type(fault).__name__}: {fault}"
        print(("ok " if good else "no ") + what + ("" if good else ": " + why), flush=True)
    os._exit(0)  # threads of cut lines may still wait


if __name__ == "__main__":
    main()
