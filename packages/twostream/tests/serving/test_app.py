"""What the server answers, to whom, and what it refuses, by a worker that is only played."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

import pytest

testclient = pytest.importorskip("starlette.testclient", reason="the extra `serve` is absent")

from twostream.errors import TwostreamError  # noqa: E402
from twostream.serving.app import build_app  # noqa: E402
from twostream.serving.options import LimitOptions, ServeOptions  # noqa: E402
from twostream.serving.server import examples_in  # noqa: E402
from twostream.serving.service import Service  # noqa: E402
from twostream.serving.tasks import Done, Loaded, Refused  # noqa: E402
from twostream.serving.uploads import safe_name  # noqa: E402

RESULT = json.dumps({"source": "a.mp4", "fused": [{"label": "run", "score": 0.5}]})


@dataclass
class Played:
    """An engine that answers what it is told to, and keeps what it was asked."""

    outcome: object = Done(result=RESULT, notes=("a note",))
    waiting: int = 0
    working: int = 0
    restarts: int = 0
    is_ready: bool = True
    loaded: object = Loaded(classes=("run",), streams=("spatial",), side_by_side=1, description="")
    asked: list = field(default_factory=list)
    contents: list = field(default_factory=list)

    async def do(self, task, *, later=False, on_progress=lambda *_: None):
        self.asked.append(task)
        self.contents.append(task.video.read_bytes())
        on_progress(1.0, 2.0)
        await asyncio.sleep(0)
        if task.keep is not None and task.what == "predict" and isinstance(self.outcome, Done):
            (task.keep / "result.json").write_text(RESULT)
            (task.keep / "result.html").write_text("<p>result")
        return self.outcome


@pytest.fixture
def opened(tmp_path):
    """A client of a server with these options, and its engine."""

    def open_one(engine=None, base="http://127.0.0.1:8000", **options):
        engine = engine or Played()
        service = Service("run", ServeOptions(**options), tmp_path, engine)
        return testclient.TestClient(build_app(service), base_url=base), engine

    return open_one


def file(content=b"video", name="a.mp4"):
    return {"file": (name, content)}


def test_predict_answers_what_the_worker_printed_and_keeps_nothing(opened, tmp_path):
    client, engine = opened()
    answer = client.post("/predict?timeline=true&top=0", files=file())
    assert answer.status_code == 200
    assert answer.text == RESULT
    assert json.loads(answer.headers["x-notes"]) == ["a note"]
    assert engine.contents == [b"video"]
    assert (engine.asked[0].timeline, engine.asked[0].top) == (True, 0)
    assert list(tmp_path.iterdir()) == []


def test_uploads_have_places_of_their_own_which_later_ones_get_again(tmp_path):
    httpx = pytest.importorskip("httpx")

    class Patient(Played):
        async def do(self, task, **options):
            done = await super().do(task, **options)
            while len(self.asked) < 2:
                await asyncio.sleep(0.001)
            return done

    engine = Patient()
    app = build_app(Service("run", ServeOptions(), tmp_path, engine))

    async def four() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            for _ in range(2):
                contents = (b"one", b"other")
                await asyncio.gather(*(client.post("/predict", files=file(c)) for c in contents))

    asyncio.run(asyncio.wait_for(four(), timeout=30))
    places = [task.video for task in engine.asked]
    assert len(set(places[:2])) == 2
    assert set(places[2:]) <= set(places[:2])
    assert sorted(engine.contents) == [b"one", b"one", b"other", b"other"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [413, 422, 504])
def test_a_refusal_has_its_status_and_its_reason(opened, tmp_path, status):
    client, _ = opened(Played(outcome=Refused(status=status, reason="because")))
    answer = client.post("/predict", files=file())
    assert (answer.status_code, answer.json()) == (status, {"detail": "because"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"file": "/etc/passwd"}}, 415),
        ({"data": {"file": "/etc/passwd"}}, 415),
        ({"files": {"film": ("a.mp4", b"x")}}, 422),
        ({"files": {"file": ("a.mp4", b"")}}, 422),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=b"}}, 400),
    ],
)
def test_a_body_without_a_file_is_refused_with_a_reason(opened, sent, status):
    client, engine = opened()
    answer = client.post("/predict", **sent)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert engine.asked == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../../etc/passwd.mp4", "passwd.mp4"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.avi", "boot.avi"),
        ("frame%04d.png", "frame%04d.png"),
    ],
)
def test_a_name_is_told_and_is_never_a_place(opened, tmp_path, name, told):
    client, engine = opened()
    client.post("/predict", files=file(name=name))
    (task,) = engine.asked
    assert task.name == told
    assert task.video.parent == tmp_path
    assert task.video.name.endswith(f"-{safe_name(told)}")
    assert "%" not in task.video.name
    assert list(tmp_path.iterdir()) == []


def test_an_answer_is_given_though_its_upload_was_removed_meanwhile(opened):
    class Removing(Played):
        async def do(self, task, **more):
            task.video.unlink()
            return self.outcome

    client, _ = opened(Removing())
    assert client.post("/predict", files=file()).json() == json.loads(RESULT)


def test_a_job_is_followed_looked_at_and_removed(opened, tmp_path):
    client, engine = opened()
    with client:
        begun = client.post("/jobs", files=file())
        assert begun.status_code == 202
        place = begun.headers["location"]
        told = client.get(f"{place}/events").text
        assert "event: done" in told
        assert client.get(place).json()["notes"] == ["a note"]
        assert client.get(f"{place}/result").text == RESULT
        assert client.get(f"{place}/page").text == "<p>result"
        part = client.get(f"{place}/video", headers={"range": "bytes=1-2"})
        assert (part.status_code, part.content) == (206, b"id")
        assert client.get(f"{place}/explanations/..%2fresult.json").status_code == 404
        engine.outcome = Refused(status=422, reason="because")
        assert client.get(f"{place}/flow.mp4").json() == {"detail": "because"}
        assert client.get(f"{place}/labels/word").status_code == 422
        assert client.delete(place).status_code == 204
        assert client.get(place).status_code == 404
        assert list(tmp_path.iterdir()) == []
        client.post("/jobs", files=file())
    assert list(tmp_path.iterdir()) == []  # and when the server stops


def test_a_job_that_fails_says_why(opened):
    client, _ = opened(Played(outcome=Refused(status=413, reason="too long")))
    with client:
        place = client.post("/jobs", files=file()).headers["location"]
        told = client.get(f"{place}/events").text
        assert "event: failed" in told
        assert "too long" in told
        assert client.get(f"{place}/result").status_code == 413


def test_only_so_many_jobs_are_kept(opened):
    client, _ = opened(limits=LimitOptions(keep_jobs=2))
    with client:
        places = []
        for _ in range(3):
            places.append(client.post("/jobs", files=file()).headers["location"])
            client.get(f"{places[-1]}/events")
        assert [client.get(one).status_code for one in places] == [404, 200, 200]


def test_too_much_and_too_many_are_refused_before_any_work(opened):
    client, engine = opened(limits=LimitOptions(upload_mib=0.01, queue=1))
    assert client.post("/predict", files=file(bytes(20_000))).status_code == 413
    parts = iter([b"x" * 5000] * 4)  # without a length
    kind = {"content-type": "multipart/form-data; boundary=b"}
    answer = client.post("/predict", content=parts, headers=kind)
    assert answer.status_code in (400, 413)
    engine.waiting = 1
    busy = client.post("/predict", files=file())
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
    assert engine.asked == []


def test_what_is_refused_is_read_to_its_end_so_that_its_sender_hears_why(tmp_path):
    """A connection that ends with something unread takes the answer along."""
    sent, left = [], 40

    async def receive():
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": bytes(1000), "more_body": left > 0}

    async def send(message):
        sent.append((message, left))

    headers = [(b"host", b"localhost"), (b"content-type", b"multipart/form-data; boundary=b")]
    for length in ([(b"content-length", b"40000")], [(b"transfer-encoding", b"chunked")]):
        left = 40
        options = ServeOptions(limits=LimitOptions(upload_mib=0.02))
        app = build_app(Service("run", options, tmp_path, Played()))
        scope = {
            "type": "http", "method": "POST", "path": "/predict", "query_string": b"",
            "headers": headers + length,
        }  # fmt: skip
        asyncio.run(app(scope, receive, send))
        (start, _), (answer, before), (last, after) = sent
        assert start["status"] in (400, 413)
        assert b"detail" in answer["body"]
        assert before > after == 0
        assert last == {"type": "http.response.body"}
        sent.clear()


def test_pages_of_others_and_names_of_others_are_refused(opened):
    client, engine = opened()
    for headers, status in (
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"host": "evil.example"}, 421),
    ):
        assert client.post("/predict", files=file(), headers=headers).status_code == status
    own = {"origin": "http://127.0.0.1:8000"}
    assert client.post("/predict", files=file(), headers=own).status_code == 200
    assert len(engine.asked) == 1
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_a_token_is_asked_of_all_that_tells_anything(opened):
    client, engine = opened(token="a-token")
    for path in ("/about", "/metrics", "/openapi.json", "/jobs/x", "/examples/0"):
        assert client.get(path).status_code == 401, path
    for word in ("wrong", "", "a-toke", "a-token2"):
        headers = {"authorization": f"Bearer {word}"}
        assert client.post("/predict", files=file(), headers=headers).status_code == 401
    assert engine.asked == []
    assert client.get("/health").status_code == client.get("/").status_code == 200
    good = {"authorization": "Bearer a-token"}
    assert client.post("/predict", files=file(), headers=good).status_code == 200
    for body in (b"", b"[]", b'{"token": 3}', b'{"token": "no"}'):
        assert client.post("/login", content=body).status_code in (401, 422)
    assert client.post("/login", json={"token": "a-token"}).status_code == 200
    assert "a-token" not in str(client.cookies.jar)
    assert client.get("/about").json()["needs_token"] is True


def test_health_and_metrics_tell_how_it_is(opened):
    client, engine = opened()
    client.post("/predict", files=file())
    told = client.get("/metrics").text
    assert 'requests_total{method="POST",route="/predict",status="200"} 1' in told
    assert "twostream_worker_restarts_total 0" in told
    engine.is_ready = False
    assert (client.get("/health").status_code, client.get("/health").json()) == (
        503,
        {"status": "loading"},
    )


def test_the_description_says_what_predict_takes_and_gives(opened):
    client, _ = opened()
    told = client.get("/openapi.json").json()
    predict = told["paths"]["/predict"]["post"]
    body = predict["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert body["required"] == ["file"]
    assert {"200", "413", "415", "422", "503", "504"} <= set(predict["responses"])
    assert "/login" not in told["paths"]
    kinds = {"/metrics": "text/plain", "/jobs/{number}/events": "text/event-stream",
             "/jobs/{number}/flow.mp4": "video/mp4", "/jobs": None}  # fmt: skip
    for path, kind in kinds.items():
        for answers in told["paths"][path].values():
            content = answers["responses"].get("200", answers["responses"].get("202"))["content"]
            assert list(content) == [kind or "application/json"], path


def test_the_page_needs_nothing_from_elsewhere(opened):
    client, _ = opened()
    for path in ("/", "/page.js", "/style.css"):
        text = client.get(path).text
        assert "http://" not in text
        assert "https://" not in text


def test_others_reach_a_server_with_a_token_alone(tmp_path):
    with pytest.raises(TwostreamError, match="add --token new"):
        ServeOptions(host="0.0.0.0")
    assert not ServeOptions(host="0.0.0.0", token="a-token").is_local
    with pytest.raises(TwostreamError, match="--examples"):
        examples_in(tmp_path)
