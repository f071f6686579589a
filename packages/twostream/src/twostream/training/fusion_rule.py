"""How two streams become one: the rule that a run and its bundle keep, in `chosen.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from twostream.atomic import write_json
from twostream.choices import Pool as Pool
from twostream.errors import TwostreamError
from twostream.fingerprints import added_field, values_with_earlier_ones
from twostream.formats import LaterFormatError, check_format

FORMAT = 1
CHOSEN_NAME = "chosen.json"


@dataclass(frozen=True, kw_only=True)
class FusionSpecification:
    """How the probabilities of both streams become one; without arguments, their plain average.

    Each stream's logarithms are divided by its temperature and made probabilities again (Guo et al. 2017,
    section 4.2). Then `pool` joins them: ``average``, weighted, or ``product``, the normalised geometric
    mean with the same weights (a class must be likely in both streams that have weight). `temperature`
    divides the logarithms of what comes out; 1 changes nothing. `reason` says in a sentence on what the
    numbers were chosen. With `multi_label` each label is joined by itself, whatever others do: logarithms
    are those of the odds.
    """

    spatial_weight: float = 0.5
    temperature: float = 1.0
    pool: Pool = added_field("average", before="average")  # noqa: RUF009 # a field
    spatial_temperature: float = added_field(1.0, before=1.0)
    temporal_temperature: float = added_field(1.0, before=1.0)
    reason: str = added_field("", before="")
    multi_label: bool = added_field(False, before=False)

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        temperatures = (self.temperature, self.spatial_temperature, self.temporal_temperature)
        if (
            not 0 <= self.spatial_weight <= 1
            or not all(0 < one < float("inf") for one in temperatures)
            or self.pool not in ("average", "product")
        ):
            raise ValueError(
                f"spatial_weight {self.spatial_weight}, temperatures {temperatures}, pool {self.pool}"
            )

    @property
    def is_plain_average(self) -> bool:
        """Whether nothing was chosen: equal weights, and the mean of what both streams say."""
        temperatures = (self.temperature, self.spatial_temperature, self.temporal_temperature)
        return self.pool == "average" and self.spatial_weight == 0.5 and set(temperatures) == {1.0}

    @property
    def temporal_weight(self) -> float:
        """Flow's share."""
        return 1.0 - self.spatial_weight


PLAIN_AVERAGE = FusionSpecification(
    reason="equal weights: on these streams nothing was chosen yet (`twostream evaluate` does)"
)


@dataclass(frozen=True, kw_only=True)
class ChosenFusion:
    """A rule, of which trainings it is (fingerprint by stream), and the `evidence` it was chosen on."""

    rule: FusionSpecification
    trainings: Mapping[str, str]
    evidence: Mapping[str, Any]


def write_chosen(folder: Path, chosen: ChosenFusion) -> None:
    """Write ``chosen.json`` into the folder of a run or a bundle."""
    values = {
        "format": FORMAT,
        "fusion": asdict(chosen.rule),
        "trainings": dict(chosen.trainings),
        "evidence": dict(chosen.evidence),
    }
    write_json(folder / CHOSEN_NAME, values)


def read_chosen(folder: Path, *, trainings: Mapping[str, str]) -> ChosenFusion | None:
    """What `write_chosen` wrote of these very trainings; None where there is none, or one of others.

    Raises TwostreamError for a damaged file, LaterFormatError for one that this version would misread.
    """
    path = folder / CHOSEN_NAME
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        check_format(values, known=FORMAT, subject=path)
        chosen = ChosenFusion(
            rule=fusion_of(values["fusion"]),
            trainings=dict(values["trainings"]),
            evidence=dict(values.get("evidence") or {}),
        )
    except LaterFormatError:
        raise
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise TwostreamError(
            path,
            expected="how both streams are fused",
            found=f"something else ({error})",
            remedy="remove the file and run `twostream evaluate` again",
        ) from error
    return chosen if dict(chosen.trainings) == dict(trainings) else None


def fusion_of(values: Mapping[str, Any]) -> FusionSpecification:
    """The rule in what any version wrote of it; raises ValueError and TypeError for nonsense."""
    return FusionSpecification(**values_with_earlier_ones(FusionSpecification, values))
