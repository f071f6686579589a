#!/usr/bin/env bash
# `write_parquet` on a disk without room raises a ComputeError that names no such thing where it is the description
# at the end of the file that does not fit: "parquet: File out of specification: Invalid thrift: transport error".
# Where the data do not fit, the same call holds the system's words (No space left on device). Whoever looks for those
# takes the first for a defect of the file.
#
# Seen with Polars 2.1.0 on Python 3.11, Linux, x86-64, writing to /dev/full: 400 columns against one long one.
# Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install polars==2.1.0
"$folder/venv/bin/python" - <<'PY'
import sys

import polars as pl


def said(frame):
    try:
        frame.write_parquet("/dev/full")
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


wide = said(pl.DataFrame({f"c{k}": [1] for k in range(400)}))
long = said(pl.DataFrame({"a": range(1_000_000)}))
print("400 columns of one row:", wide)
print("one column of a million rows:", long)
sys.exit(0 if "transport error" in wide and "No space" not in wide and "No space" in long else 1)
PY
