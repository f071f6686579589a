"""Runs as `train` and `evaluate` leave them, made up in a moment."""

from pathlib import Path

import numpy as np
import pytest
from clip_facts import clip_facts
from twostream.datasets.manifest import ManifestRow, write_manifest
from twostream.evaluation.bootstrap import Part, resample
from twostream.evaluation.metrics import accuracy
from twostream.evaluation.results import write_results
from twostream.evaluation.scores import ClipScores, save_scores
from twostream.flow.encoding import encode_flow
from twostream.models.computation import Computation
from twostream.store.jpeg import encode_jpeg
from twostream.store.members import METADATA_MEMBER, flow_members, frame_member
from twostream.store.writer import clip_sink
from twostream.training.history import EpochRecord, write_history
from twostream.training.record import TrainingRecord, write_record

COMPUTATION = Computation(
    engine="openvino", library="openvino 2026.4.1", precision="float32", device="cpu", threads=2
)
# Everything that could break HTML, XML, a URL or a table.
AWKWARD = ('a<b>&"c"', "élan 100% #1", "跳躍 'x'")


def make_scores(classes, labels, ids, *, skill, seed):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(len(ids), len(classes)))
    # Classes differ in difficulty, and neighbours are alike.
    ease = skill * rng.uniform(0.4, 1.6, len(classes))
    logits[np.arange(len(ids)), labels] += ease[labels]
    logits[np.arange(len(ids)), (labels ^ 1) % len(classes)] += 0.6 * skill
    values = np.exp(logits)
    values = (values / values.sum(axis=1, keepdims=True)).astype(np.float32)
    return ClipScores(tuple(ids), tuple(classes), labels, values)


def make_history(*, head=20, epochs=12, validated=True, seed=0):
    rng = np.random.default_rng(seed)
    records = []
    for phase, logged in (
        ("head", [30 * (i + 1) for i in range(head)]),
        ("all", list(range(1, epochs + 1))),
    ):
        for i, epoch in enumerate(logged):
            progress = (i + 1) / len(logged) * (0.6 if phase == "head" else 1)
            loss = float(2.4 * np.exp(-1.9 * progress) + 0.04 * rng.random())
            held = (loss * 1.25 + 0.1, 0.8 * progress**0.5) if validated else (None, None)
            top1 = 0.95 * progress**0.5
            records.append(EpochRecord(epoch, phase, 1e-3, loss, top1, *held, 3.0))
    return records


def store_clip(target, *, frames=7, size=(48, 64), seed=0):
    height, width = size
    rng = np.random.default_rng(seed)
    ground = rng.integers(60, 200, (height, width, 3)).astype(np.uint8)
    metadata = clip_facts(frames=frames, size=size)
    y, x = np.mgrid[:height, :width]
    with clip_sink(target, layout="archive") as put:
        for index in range(frames):
            frame = np.clip(ground // 3 + 90, 0, 255).astype(np.uint8)
            frame[10:30, 5 + 4 * index : 25 + 4 * index] = (200, 80, 40)
            put(frame_member(index), encode_jpeg(frame, quality=90))
        for index in range(frames - 1):
            flow = np.stack([(y - height / 2) / 4, -(x - width / 2) / 4], axis=2)
            codes = encode_flow(flow.astype(np.float32), bound_px=20.0)
            for axis, member in enumerate(flow_members(index)):
                put(member, encode_jpeg(np.ascontiguousarray(codes[..., axis]), quality=90))
        put(METADATA_MEMBER, metadata.to_json())


def build_run(
    folder: Path,
    *,
    classes=("jump", "run", "walk"),
    streams=("spatial", "temporal"),
    protocols=("one-frame", "whole-video"),
    clips_per_class=4,
    n_test=None,
    skills=(1.5, 2.2),
    with_clips=True,
    with_config=True,
    history=None,
    size=(48, 64),
    variants=(),
    dataset="figures",
    names="v_{i:03d}",
) -> Path:
    run, data = folder / "run", folder / "data"
    labels = np.repeat(np.arange(len(classes)), clips_per_class)[:n_test].astype(np.int64)
    ids = [f"{classes[label]}/{names.format(i=i)}" for i, label in enumerate(labels)]
    if with_clips:
        rows = []
        for i, (clip_id, label) in enumerate(zip(ids, labels, strict=True)):
            path = f"clips/{i:03d}.zip"
            store_clip(data / path, seed=i, size=size)
            rows.append(
                ManifestRow(
                    clip_id=clip_id,
                    class_name=classes[label],
                    label=int(label),
                    path=path,
                    source=f"{clip_id}.avi",
                    frames=7,
                    fps=25.0,
                    width=size[1],
                    height=size[0],
                    duration_seconds=0.28,
                    group=clip_id,
                    splits=("test",),
                )
            )
        write_manifest(data, rows, 1)
    skill = dict(zip(("spatial", "temporal"), skills, strict=True))
    accuracies, intervals = {}, {}
    for k, protocol in enumerate(protocols):
        scored = {
            s: make_scores(classes, labels, ids, skill=skill[s] * (0.7 + 0.3 * k), seed=len(s) + k)
            for s in streams
        }
        if len(scored) == 2:
            mean = (scored["spatial"].values + scored["temporal"].values) / 2
            scored["fusion"] = ClipScores(tuple(ids), tuple(classes), labels, mean)
            root = np.sqrt(scored["spatial"].values * scored["temporal"].values)
            logit = (root / root.sum(axis=1, keepdims=True)).astype(np.float32)
            for name in variants:
                scored[name] = ClipScores(tuple(ids), tuple(classes), labels, logit)
        save_scores(run / "scores" / f"{protocol}.npz", scored)
        accuracies[protocol] = {s: accuracy(v.values, v.labels) for s, v in scored.items()}
        part = Part(scores={s: v.values for s, v in scored.items()}, labels=labels, groups=ids)
        found = resample([part])
        intervals[protocol] = {s: found.intervals(s) for s in scored}
    selection = (
        "the epoch was selected on 12 validation clips, held out of the training part by source "
        "group; the test part selected nothing"
    )
    environment = {"python": "3.12.0", "system": "Linux x86_64", "twostream": "0.1.0"}
    for stream in streams:
        write_history(run / stream / "history.csv", make_history() if history is None else history)
        write_record(
            run / stream,
            TrainingRecord(
                stream=stream,
                data=str(data),
                content="c",
                split=1,
                classes=tuple(classes),
                backbone="ResNet50",
                weights="imagenet",
                n_train=50,
                n_validation=12,
                selection=selection,
                selected_epoch=9,
                options={"stream": stream, "epochs": 12, "weights": None},
                environment=environment,
                duration_seconds=754.2,
                fingerprint="f",
            ),
        )
    write_results(
        run,
        dataset=dataset,
        split=1,
        n_test=len(ids),
        classes=tuple(classes),
        protocols=accuracies,
        intervals=intervals,
        fusion={
            "method": "average of softmax",
            "weights": {"spatial": 0.5, "temporal": 0.5},
            "reason": "equal weights, fixed beforehand: nothing was chosen on any clip",
            "variants": {name: {"method": f"method of {name}"} for name in variants},
        }
        if len(streams) == 2
        else None,
        selection=dict.fromkeys(streams, selection),
        trainings=dict.fromkeys(streams, "f"),
        engines={stream: [COMPUTATION] for stream in streams},
        data=data,
        environment=environment,
    )
    if with_config:
        (run / "config.yaml").write_text("source: /videos/<here>\nflow: tvl1\nepochs: 12\n")
    return run


@pytest.fixture(scope="session")
def ordinary(tmp_path_factory):
    """A run of two streams and two protocols, and its page."""
    from twostream.reporting.page import write_report

    run = build_run(tmp_path_factory.mktemp("ordinary"))
    return run, write_report(run).read_text(encoding="utf-8")


@pytest.fixture
def build(tmp_path):
    """Make a run and its page: `build(classes=…)` gives both."""
    from twostream.reporting.page import write_report

    def make(**options):
        run = build_run(tmp_path, **options)
        return run, write_report(run).read_text(encoding="utf-8")

    return make


@pytest.fixture
def awkward():
    return AWKWARD


@pytest.fixture(name="history")
def _history():
    return make_history


@pytest.fixture(name="store_clip")
def _store_clip():
    return store_clip
