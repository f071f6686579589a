#!/usr/bin/env bash
# A limit that is exactly the score of two texts may drop them: `fuzz.ratio(a, b, score_cutoff=fuzz.ratio(a, b))` is 0
# for some pairs, and `process.extract` then leaves out the very choice whose score `process.extractOne` returned, though
# only scores below the limit are to go. Whoever looks so for all choices that tie with the best finds none.
#
# Seen with RapidFuzz 3.14.6 on Python 3.11, x86-64; the two functions do so for different pairs.
# Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install rapidfuzz==3.14.6
"$folder/venv/bin/python" - <<'PY'
import sys

from rapidfuzz import fuzz, process

choices = ["long enough a title b", "long enough a title c"]
query = "long enough a title a"
_, best, _ = process.extractOne(query, choices, scorer=fuzz.ratio)
tied = process.extract(query, choices, scorer=fuzz.ratio, limit=None, score_cutoff=best)
dropped = []
for length in range(2, 60):
    one, other = "a" * length, "a" * (length - 1) + "b"
    score = fuzz.ratio(one, other)
    if score and fuzz.ratio(one, other, score_cutoff=score) == 0:
        dropped.append(length)
print("best", best, "with that as the limit:", tied)
print("lengths at which a pair with one other letter is below its own score:", dropped)
sys.exit(0 if tied == [] and dropped else 1)
PY
