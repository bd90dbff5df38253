#!/usr/bin/python3
"""prepare.py IN OUT - the reference preparation, as one writes it in pandas."""
import base64
import hashlib
import hmac
import sys

import pandas as pd

key = bytes(32)


def ids(column, domain):
    made = {v: base64.b32encode(hmac.new(key, (domain + v).encode(),
            hashlib.sha256).digest()[:16]).decode().lower()[:26]
            for v in column.unique()}
    return column.map(made)


def days(column):
    made = {v: int.from_bytes(hmac.new(key, v.encode(), hashlib.sha256)
            .digest()[:8], "big") % 60 - 30 for v in column.unique()}
    return pd.to_timedelta(column.map(made), unit="D")


table = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
person = table["patient_id"]
out = pd.DataFrame()
out["pid"] = ids(person, "person")
out["birth_date"] = table["birth_date"].str[:7]
out["sex"] = table["sex"]
out["postcode"] = table["postcode"].str[:3]
out["facility"] = ids(table["facility_code"], "facility")
out["visit_date"] = (pd.to_datetime(table["visit_date"]) + days(person)
                     ).dt.strftime("%Y-%m-%d")
code = table["icd10"].str[:3]
few = person.groupby(code).nunique()
out["icd10"] = code.where(~code.isin(few[few < 10].index), "その他")
out["atc"] = table["atc"].str[:5]
out["points"] = table["points"]
low = (table["weight"].astype(float) // 5 * 5).astype(int)
out["weight"] = low.astype(str) + "-" + (low + 5).astype(str)
out["sbp"] = table["sbp"].where(table["sbp"].astype(float) <= 200, "201以上")
out["hba1c"] = table["hba1c"]
sizes = person.groupby([out["birth_date"], out["sex"], out["postcode"]]).nunique()
print("classes", len(sizes), "least", sizes.min(), file=sys.stderr)
out.to_csv(sys.argv[2], index=False)
