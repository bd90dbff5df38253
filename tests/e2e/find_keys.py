# find_keys.py - say where bytes of keys lie, as they are, in hex or base64.
#
#	find_keys.py CUSTODIAN files FOLDER…     all files beneath, but links
#	find_keys.py CUSTODIAN memory PID…       what processes have in memory
#	find_keys.py CUSTODIAN plant FILE        each form once, for a control
#	find_keys.py CUSTODIAN inside            a program for a sandbox, which
#	                                         holds no key in clear itself
#
# CUSTODIAN is the folder of keys; the pseudonyms of P-1 show whether the key
# that was unwrapped is the right one.
import base64, csv, hashlib, hmac, mmap, os, sys
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def line(path):
    return base64.b64decode(open(path).readline())


def expand(key, info):
    return hmac.new(key, info.encode() + b"\x01", hashlib.sha256).digest()


def crockford(data):
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    bits = int.from_bytes(data, "big") << 2
    return "".join(digits[bits >> shift & 31] for shift in range(125, -1, -5))


def keys(folder):
    wrapping = line(folder + "/keys/wrapping.key")
    sealed = line(folder + "/keys/P-1.permit")
    permit = AESGCM(wrapping).decrypt(sealed[:12], sealed[12:], b"P-1")
    person = expand(permit, "vsaeg.pseudonym.v1|person")
    one = crockford(hmac.new(person, b"1", hashlib.sha256).digest()[:16])
    ids = {row[0] for row in csv.reader(open(folder + "/bundle/data/people.csv"))}
    if one not in ids:
        sys.exit("the key that was unwrapped makes other pseudonyms")
    return {"permit": permit, "person": person, "wrapping": wrapping,
            "signing": line(folder + "/keys/signing.key")[:32]}


# Base64 of something longer has these characters in it, wherever it begins.
def base64_parts(key):
    for before in range(3):
        text = base64.b64encode(bytes(before) + key)
        text = text[4 if before else 0:(len(key) + before) // 3 * 4]
        yield text
        yield text.translate(bytes.maketrans(b"+/", b"-_"))


def forms(folder):
    found = {}
    for name, key in keys(folder).items():
        found[key] = name + " as it is"
        found[key.hex().encode()] = name + " in hex"
        found[key.hex().upper().encode()] = name + " in hex"
        for part in base64_parts(key):
            found[part] = name + " in base64"
    return found


def look(data, what, needles):
    for needle, name in needles.items():
        if data.find(needle) >= 0:
            print(f"{what}: {name}")


def look_at_files(folders, needles):
    n = 0
    for folder in folders:
        for path, _, names in os.walk(folder):
            for name in names:
                full = os.path.join(path, name)
                if os.path.islink(full) or not os.path.isfile(full):
                    continue
                try:
                    if os.path.getsize(full) == 0:
                        continue
                    with open(full, "rb") as file, mmap.mmap(
                            file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                        look(data, full, needles)
                except FileNotFoundError:
                    continue  # gone meanwhile
                n += 1
    print(f"{n} files", file=sys.stderr)


def look_at_memory(pids, needles):
    n = 0
    for pid in pids:
        try:
            maps = open(f"/proc/{pid}/maps").readlines()
            mem = open(f"/proc/{pid}/mem", "rb")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended
        for area in maps:
            begin, end = (int(x, 16) for x in area.split()[0].split("-"))
            if " rw" not in area or end - begin > 1 << 28:
                continue
            try:
                mem.seek(begin)
                look(mem.read(end - begin), f"process {pid}", needles)
            except OSError:
                continue
        mem.close()
        n += 1
    print(f"{n} processes", file=sys.stderr)


INSIDE = """
import os, stat
needles = [bytes(b ^ 90 for b in bytes.fromhex(n)) for n in %r]
root, seen = os.stat('/usr').st_dev, 0
odd = ('mem', 'pagemap', 'kcore', 'kmsg', 'clear_refs')
def look():
    global seen
    for path, folders, names in os.walk('/'):
        for name in names:
            full = os.path.join(path, name)
            try:
                st = os.lstat(full)
                if not stat.S_ISREG(st.st_mode) or st.st_dev == root or name in odd:
                    continue
                with open(os.open(full, os.O_RDONLY | os.O_NONBLOCK), 'rb') as file:
                    data = file.read(1 << 26)
            except OSError:
                continue
            seen += 1
            for i, needle in enumerate(needles):
                if data.find(needle) >= 0:
                    print('FOUND', i, full)
look()
print('seen', seen)
with open('/workspace/planted', 'wb') as file:
    file.write(b'x' + needles[0])
print('control'); look()
os.remove('/workspace/planted')
"""

folder, what, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
needles = forms(folder)
if what == "files":
    look_at_files(rest, needles)
elif what == "memory":
    look_at_memory(rest, needles)
elif what == "plant":
    with open(rest[0], "wb") as file:
        file.write(b"\n".join(needles))
elif what == "inside":
    print(INSIDE % [bytes(b ^ 90 for b in needle).hex() for needle in needles])
