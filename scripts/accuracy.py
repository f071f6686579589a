"""What `run` recognises with few clips a class: `python scripts/accuracy.py OUT` (`make accuracy`).

Generated clips: three seeds, each with 1, 2, 5, 10 and 20 training clips a class (as many source videos)
and the same ten test clips a class. Real clips, where they are beside the repository: two rotations of 13
classes, one training clip a class. Beside both streams, their plain average and `chosen` stands the linear
head of `../shared/data/README.md` on the same backbone (five frames a clip, centre square, C = 0.01).
Intervals are 95 %, paired, over source videos. Clips, flow and what is trained are kept in OUT, so that a
second call does nothing twice. The table stands beside the last one that was kept with --keep.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from twostream.datasets.manifest import read_manifest
from twostream.evaluation.bootstrap import Part, Resamples, resample
from twostream.evaluation.scores import load_scores
from twostream.lab.generated.actions import CLASSES
from twostream.lab.generated.dataset import clip_name, generate_clips
from twostream.models.classifier import feature_extractor
from twostream.models.inference import make_predictor
from twostream.sampling.stacks import even_positions
from twostream.training.backbone import starting_backbone
from twostream.training.features import Features
from twostream.training.head import head_l2
from twostream.training.head_scaling import standardisation, standardised
from twostream.training.logistic import fit_logistic, probabilities
from twostream.training.options import TrainingOptions
from twostream.training.samples import DataSetClips
from twostream.transforms.views import centre_view, view_frame
from twostream.verbs.prepare import prepare
from twostream.verbs.run import run as run_all
from ucf101_rotations import write_rotations

COUNTS = (1, 2, 5, 10, 20)
TEST_SOURCES = 10
STREAMS = ("head", "spatial", "temporal", "fusion", "chosen")
LAST = Path(__file__).parent.parent / "docs" / "accuracy.json"


def main() -> None:
    """Run everything that is asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", default="0,1,2", help="seeds of generated clips; empty for none")
    parser.add_argument("--counts", default=",".join(map(str, COUNTS)))
    parser.add_argument("--real", type=Path, help="folder of the real clips, as UCF-101")
    parser.add_argument("--rotations", default="1,2")
    parser.add_argument("--backbone", default="EfficientNetLite0")
    parser.add_argument("--size", type=int, default=128, help="input size for generated clips, px")
    parser.add_argument("--real-size", type=int, default=224)
    parser.add_argument("--protocols", default="one-frame,25,whole-video")
    parser.add_argument("--real-protocols", default="one-frame,25,25x10,whole-video")
    parser.add_argument("--flow", default="dis", help="flow of the real clips")
    parser.add_argument("--view", default="full")
    parser.add_argument("--head", help="of few clips, where it is not the default")
    parser.add_argument("--engine", default="auto")
    parser.add_argument(
        "--without-openvino", action="store_true",
        help="as where it is not installed: with few clips, to load networks into it takes longest",
    )  # fmt: skip
    parser.add_argument(
        "--made", action="store_true", help="run nothing, and tell the runs that are there"
    )
    parser.add_argument("--keep", action="store_true", help=f"keep the table in {LAST.name}")
    asked = parser.parse_args()
    if asked.without_openvino:
        sys.modules["openvino"] = None  # type: ignore[assignment]
    cells: list[dict[str, Any]] = []
    for seed in (int(part) for part in asked.seeds.split(",") if part):
        for count in map(int, asked.counts.split(",")):
            if asked.made and not (asked.out / f"seed-{seed}-{count}" / "results.json").is_file():
                print(f"seed {seed}, {count} clips a class: not run")
                continue
            cells.append(generated(asked, seed, count))
            show(cells[-1])
    if asked.real is not None and asked.real.is_dir():
        for rotation in map(int, asked.rotations.split(",")):
            cells.append(real(asked, rotation))
            show(cells[-1])
    else:
        print("real clips: none at hand, so their rows are left out")
    found = {"backbone": Path(asked.backbone).name, "view": asked.view, "rows": table(cells)}
    last = json.loads(LAST.read_text()) if LAST.is_file() else {"rows": []}
    print(text_of(found["rows"], last["rows"]))
    (asked.out / "accuracy.json").write_text(json.dumps(found, indent=1) + "\n")
    if asked.keep:
        LAST.write_text(json.dumps(found, indent=1) + "\n")


def generated(asked: argparse.Namespace, seed: int, count: int) -> dict[str, Any]:
    """One seed of generated clips with `count` training clips a class."""
    videos, data = prepare_generated(asked.out, seed)
    split = COUNTS.index(count) + 1
    return one_run(
        asked, f"generated, seed {seed}", f"{count}", data=data, videos=videos, split=split,
        annotations=asked.out / "lists", size=asked.size, protocols=asked.protocols,
        out=asked.out / f"seed-{seed}-{count}", flow="dis", seed=seed,
    )  # fmt: skip


def prepare_generated(
    out: Path, seed: int, *, name: str = "data", **flow: Any
) -> tuple[Path, Path]:
    """The generated clips of a seed and what is prepared of them; made where they are not there yet.

    `flow` is what `prepare` is told of it, where it is not DIS, and `name` that of the data set then.
    """
    videos, data = out / f"videos-{seed}", out / f"{name}-{seed}"
    if not (data / "manifest.parquet").is_file():
        sources = TEST_SOURCES + max(COUNTS)
        generate_clips(videos, seed=seed, groups_per_class=sources, clips_per_group=1)
        prepare(videos, out=data, annotations=write_lists(out / "lists"), **flow or {"flow": "dis"})
    return videos, data


def real(asked: argparse.Namespace, rotation: int) -> dict[str, Any]:
    """One rotation of the real clips, a training clip a class."""
    lists, data = asked.out / "real-lists", asked.out / f"real-data-{asked.flow}"
    if not lists.is_dir():
        write_rotations(asked.real, lists)
    return one_run(
        asked, f"real, rotation {rotation}", "1", data=data, videos=asked.real, split=rotation,
        annotations=lists, size=asked.real_size, protocols=asked.real_protocols,
        out=asked.out / f"real-{rotation}-{Path(asked.backbone).stem}", flow=asked.flow, seed=0,
    )  # fmt: skip


def one_run(
    asked: argparse.Namespace,
    name: str,
    count: str,
    *,
    data: Path,
    videos: Path,
    split: int,
    annotations: Path,
    size: int,
    protocols: str,
    out: Path,
    flow: str,
    seed: int,
) -> dict[str, Any]:
    """Train, evaluate, and measure the linear head of the reference beside it."""
    began, worked = time.monotonic(), processor_seconds()
    if not asked.made:
        run_all(
            videos, out=out, data=data, annotations=annotations, split=split, flow=flow, size=size,
            backbone=asked.backbone, view=asked.view, protocols=protocols, fusion="average",
            seed=seed, engine=asked.engine, head=asked.head,
        )  # fmt: skip
    results = json.loads((out / "results.json").read_text())
    wall, work = spent(out, time.monotonic() - began, processor_seconds() - worked)
    scores = {
        protocol: {name: one.values for name, one in load_scores(path).items()}
        for protocol in results["protocols"]
        for path in [out / "scores" / f"{protocol}.npz"]
    }
    first = load_scores(out / "scores" / f"{next(iter(scores))}.npz")["spatial"]
    head = reference_head(data, split, asked.backbone, size, first.ids)
    groups = {row.clip_id: row.group for row in read_manifest(data).rows}
    return {
        "name": name,
        "count": count,
        "seconds": wall,
        "processor_seconds": work,
        "rule": results["fusion"]["chosen"],
        "labels": first.labels,
        "groups": [f"{name.split(',')[0]}-{seed}/{groups[clip_id]}" for clip_id in first.ids],
        "scores": {
            protocol: {"head": head, **{s: one[s] for s in STREAMS if s in one}}
            for protocol, one in scores.items()
        },
    }


def spent(run: Path, seconds: float, processor_seconds: float) -> tuple[float, float]:
    """What the call that made the run took; a later one, which finds it done, takes nothing."""
    kept = run / "spent.json"
    if not kept.is_file():
        kept.write_text(json.dumps([seconds, processor_seconds]))
    wall, work = json.loads(kept.read_text())
    return wall, work


def reference_head(
    data: Path, split: int, backbone: str, size: int, test_ids: Sequence[str]
) -> np.ndarray:
    """Probabilities of the test clips by the procedure of the reference; features are kept in `data`."""
    manifest = read_manifest(data)
    features = reference_features(data, backbone, size)
    rows = manifest.part(split, "train")
    values = np.concatenate([features[row.clip_id] for row in rows])
    labels = np.repeat([row.label for row in rows], [len(features[r.clip_id]) for r in rows])
    training = Features(values, labels.astype(np.int64))
    mean, variance = standardisation(training)
    kernel, bias = fit_logistic(
        standardised(training, mean, variance), training.labels,
        n_classes=len(manifest.classes), penalty=head_l2(len(labels)),
    )  # fmt: skip
    found = []
    for clip_id in test_ids:
        asked = Features(features[clip_id], np.zeros(len(features[clip_id]), np.int64))
        found.append(probabilities(standardised(asked, mean, variance), kernel, bias).mean(axis=0))
    return np.stack(found)


def reference_features(data: Path, backbone: str, size: int) -> dict[str, np.ndarray]:
    """Pooled features of five even frames of every clip, through the centre square."""
    path = data.parent / f"{data.name}-{Path(backbone).stem}-{size}.npz"
    if not path.is_file():
        start = starting_backbone(TrainingOptions(backbone=backbone, size_px=size))
        extract, source = make_predictor(feature_extractor(start)), DataSetClips(data)
        found = {}
        for row in read_manifest(data).rows:
            clip = source.clip(row)
            view = centre_view(clip.facts.height, clip.facts.width)
            frames = [
                view_frame(next(clip.frames(int(k), int(k) + 1)), view, size_px=size)
                for k in even_positions(row.frames, samples=5)
            ]
            found[row.clip_id] = extract(np.stack(frames))
        np.savez(path, **found)
    with np.load(path) as kept:
        return {name: kept[name] for name in kept.files}


def write_lists(folder: Path) -> Path:
    """Splits 1 to 5 of the generated clips: 1, 2, 5, 10 and 20 training clips a class."""
    folder.mkdir(parents=True, exist_ok=True)
    index = "".join(f"{number} {name}\n" for number, name in enumerate(CLASSES, start=1))
    (folder / "classInd.txt").write_text(index)

    def lines(first: int, last: int, *, labelled: bool) -> Iterator[str]:
        for number, name in enumerate(CLASSES, start=1):
            for group in range(first, last + 1):
                label = f" {number}" if labelled else ""
                yield f"{name}/{clip_name(name, group=group, clip=1)}{label}\n"

    for split, count in enumerate(COUNTS, start=1):
        test = lines(1, TEST_SOURCES, labelled=False)
        train = lines(TEST_SOURCES + 1, TEST_SOURCES + count, labelled=True)
        (folder / f"testlist{split:02d}.txt").write_text("".join(test))
        (folder / f"trainlist{split:02d}.txt").write_text("".join(train))
    return folder


def table(cells: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each run and protocol, and one for all runs of a kind and count together."""
    kinds = dict.fromkeys((cell["name"].split(",")[0], cell["count"]) for cell in cells)
    rows = [row for cell in cells for row in rows_of([cell], cell["name"], cell["count"])]
    for kind, count in kinds:
        own = [c for c in cells if c["name"].split(",")[0] == kind and c["count"] == count]
        if len(own) > 1:
            rows += rows_of(own, f"{kind}, all {len(own)}", count)
    return rows


def rows_of(cells: Sequence[dict[str, Any]], name: str, count: str) -> list[dict[str, Any]]:
    """The rows of some runs together."""
    rows = []
    for protocol in cells[0]["scores"]:
        parts = [
            Part(scores=cell["scores"][protocol], labels=cell["labels"], groups=cell["groups"])
            for cell in cells
        ]
        drawn = resample(parts)
        hits = {
            stream: sum(
                int((cell["scores"][protocol][stream].argmax(axis=1) == cell["labels"]).sum())
                for cell in cells
            )
            for stream in drawn.found
        }
        rows.append(
            {
                "data": name,
                "clips a class": count,
                "protocol": protocol,
                "test clips": sum(len(cell["labels"]) for cell in cells),
                "right": hits,
                "chosen minus": {
                    other: gain_of(drawn, other) for other in ("head", "spatial", "temporal")
                },
                "flow's weight": [cell["rule"]["weights"]["temporal"] for cell in cells],
                "seconds": round(sum(cell["seconds"] for cell in cells)),
                "processor seconds": round(sum(cell["processor_seconds"] for cell in cells)),
            }
        )
    return rows


def gain_of(drawn: Resamples, other: str) -> list[float]:
    """Top-1 of `chosen` minus another's, and the ends of its interval, in points."""
    told = drawn.difference("chosen", other)
    return [round(100 * value, 1) for value in (told.difference, told.low, told.high)]


def text_of(rows: Sequence[dict[str, Any]], last: Sequence[dict[str, Any]]) -> str:
    """The table as Markdown: clips that are right, and beside each what the last table had."""
    before = {(r["data"], r["clips a class"], r["protocol"]): r["right"] for r in last}
    lines = [
        "| data | clips a class | protocol | of | " + " | ".join(STREAMS) + " | chosen - head |"
        " chosen - spatial | chosen - temporal | flow's weight | processor s |",
        "| --- | ---: | --- | ---: | " + "---: | " * 10,
    ]
    for row in rows:
        known = before.get((row["data"], row["clips a class"], row["protocol"]), {})
        cells = [
            f"{row['right'][s]}" + (f" (last {known[s]})" if s in known else "") for s in STREAMS
        ]
        gains = [
            "{:+.1f} ({:+.1f} to {:+.1f})".format(*row["chosen minus"][other])
            for other in ("head", "spatial", "temporal")
        ]
        weights = ", ".join(f"{weight:g}" for weight in row["flow's weight"])
        lines.append(
            f"| {row['data']} | {row['clips a class']} | {row['protocol']} | {row['test clips']} | "
            + " | ".join([*cells, *gains, weights, str(row["processor seconds"])])
            + " |"
        )
    return "\n".join(lines)


def show(cell: dict[str, Any]) -> None:
    """Tell a run as soon as it is done."""
    told = {
        protocol: {
            stream: int((one.argmax(axis=1) == cell["labels"]).sum()) for stream, one in s.items()
        }
        for protocol, s in cell["scores"].items()
    }
    print(cell["name"], cell["count"], told, cell["rule"]["weights"], cell["rule"]["reason"],
          f"{cell['seconds']:.0f} s, processor {cell['processor_seconds']:.0f} s", flush=True)  # fmt: skip


def processor_seconds() -> float:
    """Seconds of processor time of this process and of those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
