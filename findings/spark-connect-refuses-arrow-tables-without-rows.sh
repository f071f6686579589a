#!/usr/bin/env bash
# A table of Arrow without rows still says what its columns are called and of which types they are. PySpark's createDataFrame
# makes a data frame without rows of it in a classic session; a session of Spark Connect refuses the same table with
# PySparkValueError, CANNOT_INFER_EMPTY_SCHEMA.
#
# Wants Java 17 or later. Seen with pyspark 4.3.0, pyarrow 26.0.1. Ends with 0 while this is so, with 1 once something of it has
# changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install pyspark==4.3.0 pyarrow==26.0.1 \
    pandas==2.3.3 grpcio==1.85.1 grpcio-status==1.85.1 googleapis-common-protos==1.76.0 zstandard==0.25.0
cd "$folder"
cat >empty.py <<'PY'
import sys

import pyarrow as pa
from pyspark.sql import SparkSession

builder = SparkSession.builder
kind = sys.argv[1]
session = (builder.master if kind == "classic" else builder.remote)("local[1]").getOrCreate()
table = pa.table({"viewer": pa.array([], pa.int64())})
try:
    print("rows:", session.createDataFrame(table).count())
except Exception as error:
    print(type(error).__name__, str(error).partition("]")[0].lstrip("["))
session.stop()
PY
status=0
expect() { # kind of session, expected
    found=$("$python" empty.py "$1" 2>/dev/null)
    printf '%-8s %s\n' "$1" "$found"
    [ "$found" = "$2" ] || { echo "    it was: $2"; status=1; }
}
expect classic "rows: 0"
expect connect "PySparkValueError CANNOT_INFER_EMPTY_SCHEMA"
exit "$status"
