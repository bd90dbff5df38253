#!/usr/bin/python3
"""clinical.py KEYHEX TABLES NAME - what a recipe of clinical.t should give.

Written from the specification of the actions, with Python's own csv, hmac,
decimal and datetime, and none of the code that it judges. Prints the result
for table NAME of the folder TABLES as CSV.
"""
import collections
import csv
import datetime
import decimal
import hashlib
import hmac
import sys

D = decimal.Decimal
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
key = bytes.fromhex(sys.argv[1])


def prf(label, domain, value):
    dom = hmac.new(key, (label + domain).encode() + b"\x01", hashlib.sha256)
    return hmac.new(dom.digest(), value.encode(), hashlib.sha256).digest()


def pseudonym(domain, value):
    bits = int.from_bytes(prf("vsaeg.pseudonym.v1|", domain, value)[:16], "big")
    return "".join(DIGITS[(bits << 2) >> (125 - 5 * i) & 31] for i in range(26))


def offset(domain, value, most):
    mac = prf("vsaeg.shift.v1|", domain, value)
    r = int.from_bytes(mac[:8], "big") % (2 * most)
    return r - most if r < most else r - most + 1


def plain(number, like):
    """With as many digits behind the point as `like` has; 0 has no sign."""
    number = number.quantize(D(like))
    return format(abs(number) if number == 0 else number, "f")


def band(width, text="{lo}-{hi}"):
    def one(value):
        n = (D(value) / D(width)).to_integral_value(decimal.ROUND_FLOOR)
        return text.format(lo=plain(n * D(width), width),
                           hi=plain((n + 1) * D(width), width))
    return one


def rounded(to):
    return lambda value: plain(
        (D(value) / D(to)).to_integral_value(decimal.ROUND_HALF_UP) * D(to), to)


def top(bound, label):
    return lambda value: label if D(value) > D(bound) else value


def bottom(bound, label):
    return lambda value: label if D(value) < D(bound) else value


def age(at, width, most):
    def one(value):
        born = datetime.date.fromisoformat(value)
        years = at.year - born.year - ((at.month, at.day) < (born.month, born.day))
        if years >= most:
            return "%d+" % most
        low = years // width * width
        return "%d-%d" % (low, low + width - 1)
    return one


def quarter(value):
    day = datetime.date.fromisoformat(value)
    return "%d-Q%d" % (day.year, (day.month + 2) // 3)


def week(value):
    year, number, _ = datetime.date.fromisoformat(value).isocalendar()
    return "%d-W%02d" % (year, number)


def keep(value):
    return value


def rare(rows, column, who, k, label):
    """Values that fewer than k share become the label."""
    sharers = collections.defaultdict(set)
    for i, row in enumerate(rows):
        if row[column] != "":
            sharers[row[column]].add(row[who] if who else i)
    few = {value for value, all in sharers.items() if len(all) < k}
    for row in rows:
        if row[column] in few:
            row[column] = label


def columns(rows, how):
    """The columns in order, each through its function; nothing stays."""
    out = []
    for row in rows:
        out.append([f(row[name]) if row[name] != "" else "" for name, f in how])
    return [[name for name, _ in how]] + out


def flchain(rows):
    rare(rows, "chapter", None, 10, "other")
    return columns(rows, [
        ("age", band("5")), ("sex", keep), ("sample.yr", keep),
        ("kappa", rounded("0.1")), ("lambda", top("10", "over 10")),
        ("flc.grp", keep), ("creatinine", bottom("0.5", "<0.5")),
        ("mgus", keep), ("futime", band("365", "{lo} to {hi}")),
        ("death", keep), ("chapter", keep)])


def with_id(rows, rest):
    table = columns(rows, [("id", lambda v: pseudonym("person", v))] + rest)
    table[0][0] = "pid"
    return table


def pbc(rows):
    names = [name for name in rows[0] if name not in ("id", "age", "bili")]
    how = {name: keep for name in names}
    how["age"], how["bili"] = rounded("1"), band("0.5")
    return with_id(rows, [(n, how[n]) for n in rows[0] if n != "id"])


def colon(rows):
    rare(rows, "nodes", "id", 30, "rare")
    how = {"rx": {"Obs": "none", "Lev": "one", "Lev+5FU": "two"}.get,
           "time": rounded("30"), "age": band("10")}
    return with_id(rows, [(n, how.get(n, keep)) for n in rows[0]
                          if n not in ("id", "study")])


def jasa(rows):
    for row in rows:
        for name in ("accept.dt", "fu.date"):
            day = datetime.date.fromisoformat(row[name])
            day += datetime.timedelta(offset("person", row["id"], 30))
            row[name] = day.isoformat()
    how = {"birth.dt": age(datetime.date(1974, 4, 1), 5, 60), "tx.date": week,
           "age": rounded("0.5"), "mscore": band("0.25")}
    names = [n for n in rows[0] if n != "id"]
    return with_id(rows, [(n, how.get(n, keep)) for n in names])


def main():
    decimal.getcontext().prec = 60
    with open("%s/%s.csv" % (sys.argv[2], sys.argv[3]), newline="") as file:
        table = list(csv.DictReader(file))
    maker = {"flchain": flchain, "pbc": pbc, "pbcseq": pbc, "colon": colon,
             "jasa": jasa}[sys.argv[3]]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerows(maker(table))


if __name__ == "__main__":
    main()
