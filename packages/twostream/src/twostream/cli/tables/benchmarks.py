"""What the benchmarks measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


def print_benchmark(subject: str, results: dict[str, Any]) -> None:
    """The table of one benchmark, `subject` as the command line calls it."""
    match subject:
        case "flow":
            _print_flow(results)
        case "prepare":
            _print_prepare(results)
        case "evaluate":
            _print_evaluate(results)
        case "inference":
            _print_inference(results)
        case "predict":
            _print_predict(results)
        case "training":
            _print_training(results)
        case "loading":
            _print_loading(results)


def _print_flow(results: dict[str, Any]) -> None:
    summaries, loop = results["summary"], results["iteration_loop_ns_per_pixel"]
    pairs = len(results["pairs"]) // len(summaries)
    table = Table(title=f"Optical flow on {pairs} pairs, one core")
    table.add_column("algorithm")
    for heading in ("ms", "faster", "at least", "ns/px/it", "px to OpenCV", "px to truth"):
        table.add_column(heading, justify="right")
    for row in summaries:
        table.add_row(
            row["algorithm"],
            f"{row['ms']:.1f}",
            f"{row['ratio']:.1f} x",
            f"{row['ratio_min']:.1f}",
            _number(row["ns_per_pixel_iteration"], 2),
            f"{row['epe_to_opencv']:.3f}",
            _number(row["epe_to_truth"], 3),
        )
    table.caption = (
        "Medians over pairs of ms a pair, of how many times faster than OpenCV's TV-L1 that is, and "
        "of the whole time for each pixel and iteration; mean end-point errors. The iteration "
        f"alone takes {loop:.2f} ns a pixel at 320x240."
    )
    Console().print(table)


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _print_prepare(results: dict[str, Any]) -> None:
    title = f"prepare: {results['clips']} clips, {results['frames']} frames, medians"
    table = Table("flow", "clips/s", "frames/s", "seconds", title=title)
    for name, values in results["algorithms"].items():
        figures = ("clips_per_second", "frames_per_second", "seconds")
        table.add_row(name, *(f"{values[figure]:.2f}" for figure in figures))
    console = Console()
    console.print(table)
    console.print(f"{results['factor']:.1f} times as fast (median of {results['rounds']} rounds)")


def _print_evaluate(results: dict[str, Any]) -> None:
    table = Table(
        title=f"Whole-video scoring, {results['backbone']} at {results['size_px']} px, "
        f"{len({clip['clip_id'] for clip in results['clips']})} clips"
    )
    table.add_column("stream")
    for heading in ("samples", "ours, samples/s", "original's, samples/s", "faster", "at least"):
        table.add_column(heading, justify="right")
    table.add_column("scores differ by", justify="right")
    for stream, row in results["streams"].items():
        table.add_row(
            stream,
            f"{row['samples']:.0f}",
            f"{row['ours_samples_per_second']:.1f}",
            f"{row['original_samples_per_second']:.1f}",
            f"{row['ratio']:.1f} x",
            f"{row['least_ratio']:.1f}",
            f"{row['largest_difference']:.0e}",
        )
    table.caption = (
        "Faster: the median over clips. The original's way reads twenty images and calls predict for "
        "every stack; its frames are one call a clip."
    )
    Console().print(table)


def _print_inference(results: dict[str, Any]) -> None:
    from twostream.models.computation import read_computation

    table = Table(
        title=f"Inference, {Path(results['backbone']).name} at {results['size_px']} px, "
        f"{results['operations_per_image'] / 1e9:.1f} billion operations an image"
    )
    table.add_column("way")
    for heading in ("images/s", "processor ms", "of the peak", "differs by"):
        table.add_column(heading, justify="right")
    for name, row in results["ways"].items():
        table.add_row(
            name,
            f"{row['images_per_second']:.1f}",
            f"{row['processor_ms_per_image']:.1f}",
            f"{100 * row['share_of_peak']:.0f} %",
            f"{row['largest_difference']:.0e}",
        )
    table.caption = "Differences are those of probabilities, from Keras's predict."
    console = Console(highlight=False, soft_wrap=True)
    Console().print(table)
    for name, ratios in results["ratios"].items():
        beside = [f"{ratio:.2f} times {other}" for other, ratio in ratios.items() if other != name]
        console.print(f"{name}: as fast as {', '.join(beside)}", markup=False)
    for name, row in results["ways"].items():
        told = read_computation(row["computation"]).text()
        console.print(
            f"{name}: {told}; peak of {row['peak_operations_per_second'] / 1e9:.0f} billion operations "
            f"a second ({row['peak_of']})",
            markup=False,
        )


def _print_predict(results: dict[str, Any]) -> None:
    from twostream.models.computation import read_computation

    video = results["video"]
    title = (
        f"predict: {results['backbone']} at {results['size_px']} px in both streams, view "
        f"{results['view']}; {video['seconds']:.0f} s of {video['width']}x{video['height']} at "
        f"{video['fps']:g} frames a second"
    )
    table = Table(title=title)
    for heading in ("flow", "samples"):
        table.add_column(heading, no_wrap=True)
    for heading in ("factor", "processor s", "decode", "flow", "networks", "rest"):
        table.add_column(heading, justify="right")
    for row in results["rows"]:
        parts = row["of_which"]
        rest = row["processor_seconds_a_second"] - sum(parts.values())
        figures = (row["processor_seconds_a_second"], *parts.values(), rest)
        samples = {"8": "8 a second"}.get(row["sampling"], row["sampling"])
        factor = f"{row['real_time_factor']:.2f}"
        table.add_row(row["flow"], samples, factor, *(f"{value:.2f}" for value in figures))
    table.caption = (
        "Factor: the real-time factor, seconds of video for each second of the clock. Processor seconds "
        "are those of all cores for a second of video. Decoding, flow and networks were measured alone, "
        "the rest is JPEG and cutting; on a busy machine the parts do not add up."
    )
    console = Console(highlight=False, soft_wrap=True)
    Console().print(table)
    for stream, told in results["computation"].items():
        console.print(f"{stream}: {read_computation(told).text()}", markup=False)


def _print_training(results: dict[str, Any]) -> None:
    said = results["settings"]
    title = (
        f"A training step of {Path(said['backbone']).stem}, {said['batch_size']} samples of "
        f"{said['size_px']} px, {said['stream']}, ours in {said['precision']}"
    )
    table = Table(title=title)
    table.add_column("step")
    for heading in ("s", "speed", "processor s", "speed", "first loss"):
        table.add_column(heading, justify="right")
    for name, seconds in results["seconds_a_step"].items():
        ratio = results["ratio"][name]
        table.add_row(
            name,
            f"{seconds['clock']:.3f}",
            f"{ratio['clock']:.2f}",
            f"{seconds['processor']:.3f}",
            f"{ratio['processor']:.2f}",
            f"{results['first_losses'][name]:.5f}",
        )
    table.caption = (
        f"Medians of {said['rounds']} rounds; speeds beside PyTorch's in float32, 1 is as fast."
    )
    frozen = results["frozen_epoch"]
    console = Console()
    console.print(table)
    console.print(
        f"The head alone, an epoch of {frozen['samples']} samples: "
        f"{1000 * frozen['cached_seconds']:.1f} ms on cached features, "
        f"{frozen['recomputed_seconds']:.2f} s computing them again ({frozen['engine']}): "
        f"{frozen['factor']:.0f} times"
    )


def _print_loading(results: dict[str, Any]) -> None:
    said, ratio = results["settings"], results["ratio"]
    parts = results["of_which_processor_ms"]
    table = Table(
        title=f"Training steps of {Path(said['backbone']).stem}, {said['batch_size']} samples of "
        f"{said['size_px']} px, {said['stream']}"
    )
    table.add_column("samples from")
    for heading in ("s", "processor s"):
        table.add_column(heading, justify="right")
    for name, seconds in results["seconds_a_step"].items():
        table.add_row(name, f"{seconds['clock']:.3f}", f"{seconds['processor']:.3f}")
    console = Console()
    console.print(table)
    console.print(
        f"{ratio['clock']:.3f} times the time in memory ({ratio['processor']:.3f} of processor time; "
        f"medians of {said['rounds']} rounds); the loader alone needs "
        f"{results['sample_processor_ms']:.2f} ms of a processor for a sample: "
        f"{parts['read']:.2f} to read, {parts['decode']:.2f} to decode "
        f"({results['share_of_bare_decoding']:.2f} of all), the rest to cut and put together"
    )
