#!/usr/bin/python3
"""strange.py KEYHEX FOLDER SEED - a random table, recipe, and what comes out.

Writes strange.yaml, t.csv and lists to FOLDER, and the result that Python
computes from the specification to want.csv. Uses none of the code it judges.
"""
import collections
import csv
import datetime
import decimal
import random
import sys
import unicodedata

key_hex, folder, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.argv = ["clinical.py", key_hex, folder, "-"]
sys.path.insert(0, __file__.rsplit("/", 1)[0])
import clinical  # noqa: E402

D = decimal.Decimal
dice = random.Random(seed)
decimal.getcontext().prec = 60
LABELS = ["other", "その他", 'a "b", c', "x"]


def yaml_text(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def strange_number():
    digits = dice.choice([1, 2, 3, 6, 9])
    text = "%d" % dice.randrange(10 ** digits)
    if dice.random() < 0.5:
        text += "." + "%0*d" % (dice.choice([1, 2, 5]), dice.randrange(10))
    if dice.random() < 0.1:
        text = "0" + text
    text = dice.choice(["", "", "", "-", "+"]) + text
    if dice.random() < 0.1:
        text = "".join(chr(ord(c) + 0xfee0) for c in text)
    return text


def number_of(text):
    return D(unicodedata.normalize("NFKC", text))


def day():
    return datetime.date(1950, 1, 1) + datetime.timedelta(dice.randrange(30000))


FORMS = {"%Y-%m-%d": lambda d: d.isoformat(),
         "%Y/%-m/%-d": lambda d: "%d/%d/%d" % (d.year, d.month, d.day),
         "%Y%m%d": lambda d: d.strftime("%Y%m%d")}
MONTHS = {"%Y-%m-%d": "%d-%02d", "%Y%m%d": "%d-%02d", "%Y/%-m/%-d": "%d/%d"}


class Column:
    """A column: values to choose from, an action, and what it gives."""

    def __init__(self, name):
        self.name, self.rare = name, None
        getattr(self, dice.choice(["text", "number", "date", "code", "ids"]))()

    def text(self):
        words = ["", "a", "b,c", 'q"q', "山田", "line\nbreak", " 007 ", "-0"]
        self.make = lambda: dice.choice(words)
        self.action, self.give = "{do: keep}", lambda v, who: v
        if dice.random() < 0.3:
            label, k = dice.choice(LABELS), dice.choice([2, 3, 5])
            small = dice.choice(["error", "fold", "delete"])
            self.rare = (k, label, small)
            self.action = "{do: rare, k: %d, label: %s, small: %s}" % (
                k, yaml_text(label), small)

    def number(self):
        self.make = strange_number
        width = dice.choice(["5", "0.1", "2.5", "100", "0.25"])
        kind = dice.choice(["band", "round", "top", "bottom"])
        if kind == "band":
            label = dice.choice(["{lo}-{hi}", "{lo}～{hi}", "[{lo}, {hi})"])
            self.action = "{do: band, width: %s, label: %s}" % (
                width, yaml_text(label))
            one = clinical.band(width, label)
            self.give = lambda v, who: one(str(number_of(v)))
        elif kind == "round":
            self.action = "{do: round, to: %s}" % width
            one = clinical.rounded(width)
            self.give = lambda v, who: one(str(number_of(v)))
        else:
            bound, label = dice.choice(["50", "-0.5", "1000.5"]), dice.choice(LABELS)
            above = kind == "top"
            self.action = "{do: %s, %s: %s, label: %s}" % (
                kind, "gt" if above else "lt", bound, yaml_text(label))
            self.give = lambda v, who: label if (
                number_of(v) > D(bound) if above else number_of(v) < D(bound)) else v

    def date(self):
        form = dice.choice(list(FORMS))
        bad = dice.random() < 0.3
        self.make = lambda: "2023-02-30" if bad and dice.random() < 0.2 \
            else FORMS[form](day())
        kind = dice.choice(["year", "quarter", "month", "iso-week", "shift", "age"])
        more = ", in: %s%s" % (yaml_text(form), ', bad: "null"' if bad else "")
        if kind == "shift":
            weeks, most = dice.random() < 0.5, dice.choice([7, 30, 200])
            self.action = "{do: shift, max_days: %d, unit: %s%s}" % (
                most, "week" if weeks else "day", more)
            self.day = lambda d, who: FORMS[form](d + datetime.timedelta(
                7 * clinical.offset("person", who, most // 7) if weeks
                else clinical.offset("person", who, most)))
        elif kind == "age":
            self.action = "{do: age, at: 2035-03-01, band: 7, top: 70%s}" % more
            self.day = lambda d, who: clinical.age(
                datetime.date(2035, 3, 1), 7, 70)(d.isoformat())
        else:
            self.action = "{do: date, keep: %s%s}" % (kind, more)
            self.day = lambda d, who: {
                "year": lambda: "%04d" % d.year,
                "month": lambda: MONTHS[form] % (d.year, d.month),
                "quarter": lambda: clinical.quarter(d.isoformat()),
                "iso-week": lambda: clinical.week(d.isoformat())}[kind]()

        def give(v, who):
            parts = v.replace("/", "-").split("-")
            if len(parts) == 1:
                parts = [v[:4], v[4:6], v[6:]]
            if v == "2023-02-30":
                return ""
            return self.day(datetime.date(*map(int, parts)), who)
        self.give = give

    def code(self):
        kind, level = dice.choice([("icd10", 3), ("icd10", 4), ("atc", 2),
                                   ("atc", 4), ("postcode_jp", 3), ("prefix", 2)])
        self.action = "{do: truncate, hierarchy: %s, level: %d}" % (kind, level)
        if kind == "icd10":
            self.make = lambda: "%s%02d%s" % (dice.choice("AEG"), dice.randrange(100),
                                              dice.choice(["", ".9", "1", "12"]))
            self.give = lambda v, who: v.replace(".", "")[:level]
        elif kind == "atc":
            self.make = lambda: "A%02dBA%02d" % (dice.randrange(99), dice.randrange(99))
            self.give = lambda v, who: v[:[0, 1, 3, 4, 5, 7][level]]
        elif kind == "postcode_jp":
            self.make = lambda: dice.choice(["100-8916", "1008916", "060-0001"])
            self.give = lambda v, who: v.replace("-", "")[:level]
        else:
            self.make = lambda: dice.choice(["山田太郎", "x", "", "a,b"])
            self.give = lambda v, who: v[:level]

    def ids(self):
        self.make = lambda: dice.choice(["", "F1", "F2", "ｆ３", "長い名前の施設番号一二三四五"])
        if dice.random() < 0.5:
            self.action = "{do: pseudonym, domain: facility}"
            self.give = lambda v, who: clinical.pseudonym("facility", v)
        else:
            self.action = "{do: map, file: map.csv, missing: label, label: none}"
            self.give = lambda v, who: {"F1": "one, first", "F2": "二"}.get(v, "none")


def put(name, rows):
    with open("%s/%s" % (folder, name), "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def normalised(value):
    return unicodedata.normalize("NFKC", value).strip()


columns = [Column("c%d" % i) for i in range(dice.randrange(1, 7))]
persons = ["p%02d" % i for i in range(dice.choice([3, 12, 40]))]
rows = [[dice.choice(["", " ", "　"]) + dice.choice(persons)] +
        [c.make() for c in columns] for _ in range(dice.choice([1, 20, 300]))]
history = [("p%02d" % i, "p%02d" % (i - 1)) for i in range(1, 40)
           if dice.random() < 0.1]
gone = [p for p in persons if dice.random() < 0.15]
cohort = [p for p in persons if dice.random() < 0.8]
mode = dice.choice(["include", "exclude", None])
banned = dice.choice(["p00", "p01", None])

put("t.csv", [["id"] + [c.name for c in columns]] + rows)
put("map.csv", [["from", "to"], ["F1", "one, first"], ["F2", "二"]])
put("old.csv", [["new", "old"]] + history)
put("out.csv", [["id"]] + [[p] for p in gone])
put("cohort.csv", [["id"]] + [[p] for p in cohort])
with open(folder + "/strange.yaml", "w") as file:
    file.write("version: 1\npermit: P-1\nprofile: pseudonymized\nsources:\n"
               "  t:\n    path: t.csv\n    encoding: utf-8\n    null: ['']\n"
               "    subject: {column: id, normalize: [nfkc, strip]}\n"
               "    history: old.csv\n    optout: {file: out.csv, column: id}\n")
    if mode:
        file.write("    cohort: {file: cohort.csv, column: id, mode: %s}\n" % mode)
    if banned:
        file.write("    rows: [{column: id, not_in: [%s]}]\n" % banned)
    file.write("    columns:\n      id: {do: pseudonym, domain: person, as: pid}\n")
    for c in columns:
        file.write("      %s: %s\n" % (c.name, c.action))

oldest = dict(history)


def subject(raw):
    while raw in oldest:
        raw = oldest[raw]
    return normalised(raw)


excluded = {subject(p) for p in gone}
wanted = {subject(p) for p in cohort}
kept = []
for row in rows:
    who = subject(row[0])
    if who in excluded or row[0] == banned:
        continue
    if mode and (who in wanted) != (mode == "include"):
        continue
    kept.append((who, row))

refused = None
fates = {}
for i, c in enumerate(columns):
    if not c.rare:
        continue
    k, label, small = c.rare
    sharers = collections.defaultdict(set)
    for who, row in kept:
        if row[i + 1]:
            sharers[row[i + 1]].add(who)
    few = {v for v, all in sharers.items() if len(all) < k or v == label}
    union = set().union(*(sharers[v] for v in few)) if few else set()
    if few and len(union) < k:
        if small == "delete":
            fates[i] = {v: None for v in few}
            continue
        rest = sorted((len(all), v.encode(), v) for v, all in sharers.items()
                      if v not in few)
        if small == "error" or not rest:
            refused = "E_OTHER_SMALL"
            continue
        few.add(rest[0][2])
    fates[i] = {v: label for v in few}

out = []
shown = collections.defaultdict(set)
for who, row in kept:
    line = [clinical.pseudonym("person", who)]
    for i, c in enumerate(columns):
        value = row[i + 1]
        if value and c.rare:
            value = fates.get(i, {}).get(value, value)
        elif value:
            value = c.give(value, who)
        line.append(value)
    if None in line:
        continue
    out.append(line)
    for i, c in enumerate(columns):
        if c.rare and line[i + 1]:
            shown[i, line[i + 1]].add(who)
for (i, value), all in shown.items():
    if len(all) < columns[i].rare[0]:
        refused = "E_OTHER_SMALL"
if refused:
    with open(folder + "/want.csv", "w") as file:
        file.write(refused + "\n")
else:
    put("want.csv", [["pid"] + [c.name for c in columns]] + out)
