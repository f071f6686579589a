"""What harm can be done to `twostream serve`: it must stay up, answer clearly, and keep nothing.

    python scripts/abuse_serve.py --out build/abuse-serve [--requests 10000] [--steady-after 500]

Uploads that point elsewhere, bombs, malformed bodies, clients that vanish, wrong tokens, names that lead
out of folders, 50 uploads at once, a decoder that dies; then so many requests of a clip of 16 frames, in
which memory, descriptors and processes must stay as they are. Prints what happened, writes it to
OUT/abuse-serve.json, and fails where something is not as it must be.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from hostile_videos import Listener, bombs, encoded, grey, malformed, pointing
from serving_trials import BOUNDARY, Served, multipart, serving, small_clip, small_run, upload

ALLOWED_MIB = 20.0
TOKEN = "a-token-of-the-trial"
LIMITS = (
    *("--upload-mib", "8", "--megapixels", "4", "--video-seconds", "1200"),
    *("--upload-seconds", "3", "--work-seconds", "60"),
)


class Trial:
    """What was tried, and what was not as it must be."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.wrong: list[str] = []

    def must(self, holds: bool, what: str) -> None:
        """Note what does not hold."""
        if not holds:
            self.wrong.append(what)
            print(f"WRONG: {what}", flush=True)

    def note(self, name: str, value: Any) -> None:
        """Note a figure."""
        self.seen[name] = value
        print(f"{name}: {value}", flush=True)


def refuses(
    trial: Trial, served: Served, kind: str, files: dict[str, bytes], *, of: set[int]
) -> None:
    """Each file gets a status among `of`, and a reason."""
    statuses: dict[str, int] = {}
    for name, content in files.items():
        for path in ("/predict", "/predict?timeline=true"):
            began = time.monotonic()
            status, told = served.post(content, path=path, name=name)
            statuses[name] = status
            reason = told.get("detail", "") if isinstance(told, dict) else ""
            good = status in of and (status == 200 or bool(reason))
            trial.must(good, f"{kind} {name}: {status} {told!r:.300}")
            trial.must(time.monotonic() - began < 90, f"{kind} {name}: took long")
            trial.must(
                "twostream-serve-" not in str(reason), f"{kind} {name}: tells a path: {reason}"
            )
    trial.note(kind, statuses)


def alive(trial: Trial, served: Served, clip: bytes, after: str) -> None:
    """The server answers a good clip."""
    status, told = served.post(clip)
    trial.must(status == 200 and bool(told["fused"]), f"after {after}: {status} {told!r:.200}")


def elsewhere(trial: Trial, served: Served, folder: Path, clip: bytes) -> None:
    """Uploads that point to a file and to a port: neither is touched."""
    listener, target = Listener(), folder / "target" / "secret.mp4"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(clip)
    os.utime(target, (1, 1))
    files = pointing(target, listener.port)
    # A MOV file whose samples are said to lie elsewhere shows its own.
    own = {name: content for name, content in files.items() if name.startswith("referring")}
    others = {name: content for name, content in files.items() if name not in own}
    refuses(trial, served, "pointing elsewhere", others, of={422})
    for name, content in own.items():
        status, told = served.post(content, name=name)
        trial.must(status in (200, 422), f"{name}: {status} {told!r:.200}")
    trial.must(listener.came == 0, f"{listener.came} connections to the listener")
    trial.note("connections from what points elsewhere", listener.came)
    trial.must(target.stat().st_atime < 2, "the target was read")
    listener.close()


def bodies(trial: Trial, served: Served) -> None:
    """Bodies that are no multipart get a 4xx with a reason."""
    statuses = {}
    for name, (kind, body) in malformed().items():
        link = served.connection()
        link.request("POST", "/predict", body, {"Content-Type": kind} if kind else {})
        answer = link.getresponse()
        told = answer.read()
        statuses[name] = answer.status
        good = 400 <= answer.status < 500 and b"detail" in told
        trial.must(good, f"body with {name}: {answer.status} {told[:200]!r}")
        link.close()
    trial.note("malformed bodies", statuses)


def vanishing(trial: Trial, served: Served, clip: bytes) -> None:
    """Clients that go in the middle of an upload, and while they are worked for."""
    body = multipart(clip)
    head = (
        f"POST /predict HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: multipart/form-data; boundary=a-boundary-of-the-trial\r\n\r\n"
    ).encode()
    for k in range(60):
        link = socket.create_connection(("127.0.0.1", served.port))
        link.sendall((head + body)[: len(head) + (len(body) if k % 2 else k * len(body) // 60)])
        link.close()
    until = time.monotonic() + 120
    while (waiting := waiting_now(served)) and time.monotonic() < until:
        time.sleep(0.2)
    trial.must(not waiting, f"{waiting:g} places are held for clients that are gone")
    links = []
    for _ in range(20):  # they begin, and go no further
        link = socket.create_connection(("127.0.0.1", served.port))
        link.sendall(head + body[:100])
        links.append(link)
    told = links[0].recv(1000)
    trial.must(b" 408 " in told, f"a stalled upload: {told[:200]!r}")
    for link in links:
        link.close()
    trial.note("vanished clients", 80)


def waiting_now(served: Served) -> float:
    """How many requests wait for the worker."""
    _, told = served.get("/metrics")
    (line,) = (one for one in told.decode().splitlines() if one.startswith("twostream_waiting "))
    return float(line.split()[1])


def refused_at_the_door(trial: Trial, served: Served, clip: bytes) -> None:
    """Names that lead out of folders, too much, hosts and pages of others."""
    for name in (
        "../../../etc/passwd.mp4",
        "/etc/passwd",
        "..\\..\\a.mp4",
        "a\x00b.mp4",
        "%2e%2e%2f",
    ):
        status, told = served.post(clip, name=name)
        trial.must(status in (200, 400), f"name {name!r}: {status} {told!r:.200}")
        if status == 200:
            trial.must("/" not in told["source"], f"name {name!r} is told as {told['source']!r}")
    for path in (
        "/jobs/..%2f..%2fetc%2fpasswd", "/jobs/x/explanations/..%2f..%2fprediction.pickle",
        "/examples/-1", "/examples/0", "/examples/..%2fx", "/jobs/x/labels/../../x", "/%00", "//etc/passwd",
    ):  # fmt: skip
        status, _ = served.get(path)
        trial.must(status in (404, 422, 400), f"{path}: {status}")
    status, _ = served.post(bytes(9 << 20))
    trial.must(status == 413, f"9 MiB: {status}")
    link = served.connection()
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    body = multipart(bytes(12 << 20))
    pieces = (body[k : k + (1 << 20)] for k in range(0, len(body), 1 << 20))
    with suppress(BrokenPipeError, ConnectionResetError):  # it is refused before all is sent
        link.request("POST", "/predict", pieces, kind, encode_chunked=True)
    try:
        status = link.getresponse().status
        trial.must(status == 413, f"12 MiB without a length: {status}")
    except OSError:
        trial.note("12 MiB without a length", "the connection was ended")
    link.close()
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        status, _ = served.post(clip, **headers)
        trial.must(status in (403, 421), f"{headers}: {status}")


def parallel(trial: Trial, served: Served, clip: bytes) -> None:
    """50 uploads at once: each is answered, or told that too many wait."""
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: served.post(clip), range(50)))
    statuses = Counter(status for status, _ in answers)
    trial.must(set(statuses) <= {200, 503} and statuses[200] > 0, f"50 at once: {statuses}")
    trial.note("50 at once", dict(statuses))


def dying_worker(trial: Trial, served: Served, clip: bytes) -> None:
    """The process that decodes is killed while it works: it is begun anew, and requests are answered."""
    (worker,) = [one for one in served.processes if _is_worker(one)]
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(served.post, clip) for _ in range(4)]
        time.sleep(0.02)
        os.kill(worker, signal.SIGKILL)
        statuses = Counter(future.result()[0] for future in futures)
    trial.must(set(statuses) <= {200, 422}, f"a dying worker: {statuses}")
    trial.note("a dying worker", dict(statuses))


def _is_worker(number: int) -> bool:
    return b"spawn_main" in Path(f"/proc/{number}/cmdline").read_bytes()


def tokens(trial: Trial, run: Path, folder: Path, clip: bytes, engine: tuple[str, str]) -> None:
    """Without the token nothing is answered but what needs none."""
    with serving(run, "--token", TOKEN, *engine, log=folder / "token.log") as served:
        for headers in (
            {}, {"Authorization": "Bearer wrong"},
            {"Authorization": f"Basic {TOKEN}"}, {"Authorization": "Bearer \xff"},
            {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}x"},
            {"Cookie": f"twostream={TOKEN}"}, {"Cookie": "twostream=;;;=\"\""},
        ):  # fmt: skip
            status, _ = served.post(clip, **headers)
            trial.must(status == 401, f"token {headers}: {status}")
        status, _ = served.post(clip, Authorization=f"Bearer {TOKEN}")
        trial.must(status == 200, f"the token: {status}")
        for path, expected in (("/health", 200), ("/", 200), ("/metrics", 401), ("/about", 401),
                               ("/openapi.json", 401), ("/jobs/x", 401)):  # fmt: skip
            status, _ = served.get(path)
            trial.must(status == expected, f"{path} without the token: {status}")
    trial.note("tokens", "tried")


def steady(trial: Trial, served: Served, clip: bytes, *, requests: int, after: int) -> None:
    """So many requests, of which all but the first leave memory, descriptors and processes as they are."""
    link = served.connection()
    began, base = time.monotonic(), (0.0, 0, 0)
    for k in range(requests):
        status, told = upload(link, clip)
        if status != 200:
            trial.must(False, f"request {k}: {status} {told!r:.200}")
            return
        if k + 1 == after:
            base = (served.resident_mib(), served.descriptors(), len(served.processes))
        if (k + 1) % 500 == 0:
            print(f"  {k + 1}: {served.resident_mib():.1f} MiB", flush=True)
    mib = served.resident_mib()
    descriptors, processes = served.descriptors(), len(served.processes)
    link.close()
    trial.note("requests", requests)
    trial.note("requests a second", round(requests / (time.monotonic() - began), 2))
    trial.note(f"MiB after {after} and after all", (round(base[0], 1), round(mib, 1)))
    trial.note("descriptors, likewise", (base[1], descriptors))
    trial.note("processes, likewise", (base[2], processes))
    trial.must(mib - base[0] <= ALLOWED_MIB, f"memory grew by {mib - base[0]:.1f} MiB")
    trial.must(descriptors <= base[1], f"{base[1]} descriptors became {descriptors}")
    trial.must(processes == base[2], f"{base[2]} processes became {processes}")


def main() -> None:
    """See the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--steady-after", type=int, default=500)
    parser.add_argument("--only-steady", action="store_true", help="the many requests alone")
    parser.add_argument("--engine", default="auto", help="as `serve` has it")
    given = parser.parse_args()
    folder: Path = given.out.absolute()
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    os.environ["TMPDIR"] = str(temporary)
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder / "inductor")
    run, clip = small_run(folder), small_clip(folder).read_bytes()
    trial, engine = Trial(), ("--engine", given.engine)
    if not given.only_steady:
        with serving(run, *LIMITS, *engine, log=folder / "serve.log") as served:
            alive(trial, served, clip, "the start")
            elsewhere(trial, served, folder, clip)
            # A header that lies, and pictures that are left out: what is small in them is looked at.
            refuses(trial, served, "bombs", bombs(), of={200, 413, 422})
            noise = {"noise.mp4": os.urandom(5000), "cut.mp4": clip[: len(clip) // 2],
                     "one.mp4": encoded(grey(1)), "head.mkv": b"\x1aE\xdf\xa3" + bytes(900)}  # fmt: skip
            refuses(trial, served, "no videos", noise, of={422})
            bodies(trial, served)
            alive(trial, served, clip, "malformed bodies")
            refused_at_the_door(trial, served, clip)
            vanishing(trial, served, clip)
            alive(trial, served, clip, "clients that vanish")
            parallel(trial, served, clip)
            dying_worker(trial, served, clip)
            alive(trial, served, clip, "a dying worker")
            left = list(temporary.glob("twostream-serve-*/*"))
            trial.must(not left, f"left on the disk: {left}")
        tokens(trial, run, folder, clip, engine)
    with serving(run, *engine, log=folder / "steady.log") as served:
        steady(trial, served, clip, requests=given.requests, after=given.steady_after)
    trial.must(not list(temporary.iterdir()), f"left on the disk: {list(temporary.iterdir())}")
    trial.note("wrong", trial.wrong)
    (folder / "abuse-serve.json").write_text(json.dumps(trial.seen, indent=2))
    sys.exit(bool(trial.wrong))


if __name__ == "__main__":
    main()
