#!/usr/bin/env bash
# A relation of DuckDB that is given to `polars.DataFrame` comes over right, and then the interpreter's end writes dozens
# of lines to stderr, "nanobind: leaked 27 instances!" and what they are: DuckDB's own types, a function, DuckDB's module.
# They come where numpy is installed, and not where it is missing; not where the relation is fetched before the end
# by `.pl()` or as an Arrow table. The status stays 0, so that only who reads or compares stderr meets it, as a test of a
# command line does.
#
# Seen with duckdb 2.0.0, polars 2.1.0, numpy 2.4.6, CPython 3.11. Ends with 0 while this is so, with 1 once it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install duckdb==2.0.0 polars==2.1.0
cat > "$folder/given.py" <<'PY'
import duckdb
import polars

frame = polars.DataFrame(duckdb.connect().sql("SELECT range AS n FROM range(3)"))
print(frame["n"].to_list())
PY
leaks() { # leaked instances that the interpreter's end tells of
    "$python" "$folder/given.py" 2> "$folder/stderr" | grep -qx '\[0, 1, 2\]'
    sed -n 's/^nanobind: leaked \([0-9]*\) instances!$/\1/p' "$folder/stderr" | grep . || echo 0
}
without=$(leaks)
"$python" -m pip --quiet --disable-pip-version-check install numpy==2.4.6
with=$(leaks)
echo "leaked instances: $without without numpy, $with with it ($(wc -l < "$folder/stderr") lines)"
[ "$without" -eq 0 ] && [ "$with" -gt 0 ]
