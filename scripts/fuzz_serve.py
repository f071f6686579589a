"""The interface of `twostream serve`, fuzzed from its own description by schemathesis.

    python scripts/fuzz_serve.py --out build/fuzz-serve --schemathesis PATH [--examples 60] [--engine auto]

Nothing may be answered with status 500, no answer may break the description, and the server must still
answer a clip at the end.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from serving_trials import serving, small_clip, small_run

# A body that schemathesis takes for right is no video, so what it takes for right is refused.
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def main() -> None:
    """See the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--schemathesis", type=Path, required=True)
    parser.add_argument("--examples", type=int, default=60)
    parser.add_argument("--engine", default="auto")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    run, clip = small_run(given.out), small_clip(given.out).read_bytes()
    with serving(run, "--engine", given.engine, log=given.out / "serve.log") as served:
        _, description = served.get("/openapi.json")
        (given.out / "openapi.json").write_bytes(description)
        done = subprocess.run(
            [
                *(str(given.schemathesis.absolute()), "run", "openapi.json"),
                *("--url", f"http://127.0.0.1:{served.port}", "--checks", CHECKS),
                *("--max-examples", str(given.examples), "--seed", "1", "--request-timeout", "60"),
            ],
            cwd=given.out,  # where it keeps what failed
            check=False,
        )
        status, told = served.post(clip)
    if status != 200:
        print(f"after all that a clip got {status}: {told}")
    sys.exit(done.returncode or status != 200)


if __name__ == "__main__":
    main()
