"""What `train` can be told."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from twostream.errors import TwostreamError
from twostream.models.backbones import FROM_SCRATCH
from twostream.models.scaling import InputConvention
from twostream.training.samples import TrainingViews
from twostream.transforms.preprocessing import Stream
from twostream.transforms.views import SMALLEST_CROP, Crops


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How one stream is trained. `epochs` counts passes in which all layers learn."""

    stream: Stream
    split: int = 1
    backbone: str = "ResNet50"
    weights: str | None = None
    input_convention: InputConvention | None = None
    epochs: int = 10
    head_epochs: int = 60
    batch_size: int = 16
    learning_rate: float | None = None
    dropout: float = 0.5
    samples_per_clip: int = 3
    crops: Crops = "corner"
    smallest_crop: float = SMALLEST_CROP
    feature_samples_per_clip: int = 10
    stack_length: int = 10
    size_px: int = 192
    validation_fraction: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse values that nothing could be trained with."""
        for flag, value, least in (
            ("--epochs", self.epochs, 0),
            ("--head-epochs", self.head_epochs, 1),
            ("--seed", self.seed, 0),
            ("--batch-size", self.batch_size, 1),
            ("--samples-per-clip", self.samples_per_clip, 1),
            ("--stack-length", self.stack_length, 1),
            ("--size", self.size_px, 32),
        ):
            if value < least:
                raise TwostreamError(
                    flag, expected=f"at least {least}", found=str(value), remedy=f"raise {flag}"
                )
        if self.learning_rate is not None and not 0.0 < self.learning_rate < 10.0:
            raise TwostreamError(
                "--learning-rate",
                expected="a number above 0, below 10",
                found=f"{self.learning_rate}",
                remedy="leave it out for the default",
            )
        if not 0.0 <= self.validation_fraction < 1.0:
            raise TwostreamError(
                "--validation-fraction",
                expected="0 up to 1",
                found=f"{self.validation_fraction}",
                remedy="choose 0.15, say, or 0 to hold nothing out",
            )
        if not 0.1 <= self.smallest_crop <= 1.0:
            raise TwostreamError(
                "--smallest-crop",
                expected="0.1 to 1, a share of the short side",
                found=f"{self.smallest_crop}",
                remedy="choose 0.66, say",
            )
        if not 0.0 <= self.dropout < 1.0:
            raise TwostreamError(
                "--dropout", expected="0 up to 1", found=f"{self.dropout}", remedy="choose 0.5, say"
            )

    @property
    def starts_pretrained(self) -> bool:
        """Whether the backbone comes with weights, so that a head can be trained on its features."""
        return self.backbone not in FROM_SCRATCH and self.weights != "none"

    @property
    def views(self) -> TrainingViews:
        """How random training samples are."""
        return TrainingViews(
            samples_per_clip=self.samples_per_clip,
            crops=self.crops,
            smallest_crop=self.smallest_crop,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for `training.json`."""
        return asdict(self)
