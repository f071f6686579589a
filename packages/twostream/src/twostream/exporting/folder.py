"""An export as a folder that is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

from twostream.atomic import flush_to_disk, temporary_folder, write_json, write_text
from twostream.choices import ExportFormat
from twostream.errors import TwostreamError
from twostream.exporting.card import CARD_NAME, card
from twostream.exporting.description import (
    DESCRIPTION_NAME,
    description,
    digests,
    flow_of,
    refuse_crops,
)
from twostream.exporting.example import EXAMPLE_NAME, example
from twostream.exporting.int8 import agreement_note, check_int8, told_of, write_int8
from twostream.exporting.networks import SUFFIXES, check_format, write_network
from twostream.exporting.thresholds import thresholds_of
from twostream.models.int8 import Calibration
from twostream.training.two_streams import TwoStreamBundle

USE = f"""\
`python {EXAMPLE_NAME} VIDEO` prints the scores of a video as JSON, without twostream. It is a page long,
and its second line says what it needs. `{DESCRIPTION_NAME}` holds all that it reads: classes, how images
and flow are made, what the networks see, how both are joined.

Small pictures are enlarged until their short side is `size_px`, as in training, and never padded. Give
the networks nothing below 32 px: some formats refuse it, others answer although they learnt from nothing
like it."""
NOT_DONE = (
    f"`{EXAMPLE_NAME}` reads usual videos as twostream does. It does not deinterlace, convert HDR colours, "
    "mirror what a file says is mirrored, or mend damaged files, all of which twostream does."
)


def refuse_used(out: Path) -> None:
    """Raise TwostreamError where the folder `out` holds anything."""
    if out.exists() and any(out.iterdir()):
        raise TwostreamError(
            out,
            expected="a new or empty folder",
            found="other files",
            remedy="choose another --out",
        )


def write_export(
    bundle: TwoStreamBundle,
    out: Path,
    *,
    network_format: ExportFormat,
    int8: bool = False,
    data: Path | None = None,
) -> tuple[str, ...]:
    """Write the export of a bundle into the new folder `out`; returns what is worth knowing of it.

    In `int8` the networks are quantised by training clips, which `data` has if they were moved. Raises
    TwostreamError for what cannot be exported, and where `out` holds anything; then nothing is written.
    """
    refuse_used(out)
    refuse_crops(bundle)
    flow, thresholds = flow_of(bundle), thresholds_of(bundle)
    check_format(network_format)
    if int8:
        check_int8(network_format)
    precision = "int8" if int8 else "float32"
    calibrations: dict[str, Calibration] = {}
    notes: tuple[str, ...] = () if flow is None or flow.same else (flow.told,)
    out.parent.mkdir(parents=True, exist_ok=True)
    with temporary_folder(out.parent) as folder:
        files: dict[str, str] = {
            one.stream: one.stream + SUFFIXES[network_format] for one in bundle.streams
        }
        for one in bundle.streams:
            target = folder / files[one.stream]
            if not int8:
                write_network(one, network_format, target)
                continue
            calibrations[one.stream] = write_int8(one, network_format, target, data=data)
            told_apart = agreement_note(one, network_format, target, data=data)
            notes += () if told_apart is None else (told_apart,)
        notes += tuple(f"{name}: {one.text()}" for name, one in calibrations.items())
        write_text(folder / EXAMPLE_NAME, example(bundle, network_format))
        limits = (NOT_DONE, *notes)
        about = card(
            bundle,
            use=USE,
            precision=precision,
            # What a run was measured in int8 with are OpenVINO's networks.
            measured_in=precision if network_format == "openvino" else "float32",
            thresholds=thresholds,
            limits=limits,
        )
        write_text(folder / CARD_NAME, about)
        told = description(
            bundle,
            network_format=network_format,
            precision=precision,
            files=files,
            sha256=digests(folder),
            thresholds=thresholds,
            calibration=told_of(calibrations) if int8 else None,
        )
        write_json(folder / DESCRIPTION_NAME, told)
        for path in folder.iterdir():
            flush_to_disk(path)
        if out.exists():
            out.rmdir()  # it is empty
        folder.rename(out)
    flush_to_disk(out.parent)
    return notes
