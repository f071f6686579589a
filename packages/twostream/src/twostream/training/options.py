"""What `train` can be told."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from twostream.errors import TwostreamError
from twostream.fingerprints import added_field
from twostream.models.backbones import FROM_SCRATCH
from twostream.models.cross_modality import CrossModality
from twostream.models.device import AskedPrecision, Compute, plain_precision, resolve_compute
from twostream.models.earlier_run import earlier_model_file
from twostream.models.scaling import InputConvention
from twostream.training.samples import TrainingViews
from twostream.training.schedule import Schedule
from twostream.training.targets import ClassWeights
from twostream.transforms.preprocessing import Stream
from twostream.transforms.views import SMALLEST_CROP, Crops, FlowMirror

FINE_TUNING_RATE = 2e-5
# A network of images has further to go to flow: temporal segment networks train the temporal stream
# at five times the rate of the spatial one (Wang et al. 2016, section 4.1).
TEMPORAL_FACTOR = 5.0
FROM_SCRATCH_RATE = 1e-3
SGD_FACTOR = 10.0


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How one stream is trained. `epochs` counts passes in which all layers learn."""

    stream: Stream
    split: int = 1
    backbone: str = "ResNet50"
    weights: str | None = None
    from_run: str | None = None
    cross_modality: CrossModality = "mean"
    partial_batch_norm: bool = True
    input_convention: InputConvention | None = None
    epochs: int = 10
    head_epochs: int = 60
    batch_size: int = 16
    optimizer: Literal["adamw", "sgd"] = "adamw"
    learning_rate: float | None = None
    schedule: Schedule = "cosine"
    head_rate_factor: float = 5.0
    weight_decay: float = 0.01
    dropout: float = 0.5
    label_smoothing: float = 0.1
    mixup: float = 0.0
    class_weights: ClassWeights = "none"
    samples_per_clip: int = 1
    segments: int = 3
    frames_per_clip: int | None = None
    crops: Crops = "corner"
    smallest_crop: float = SMALLEST_CROP
    color_jitter: float = 0.2
    flow_mirror: FlowMirror = "true"
    mean_subtraction: bool = True
    accumulation_steps: int = 1
    average_weights: bool = False
    precision: AskedPrecision = "auto"
    patience: int | None = None
    feature_samples_per_clip: int = 10
    stack_length: int = 10
    size_px: int = 192
    validation_fraction: float = 0.15
    seed: int = 0
    device: str = added_field("auto", before="auto")

    def __post_init__(self) -> None:
        """Refuse values that nothing could be trained with; `precision` gets its name of today."""
        object.__setattr__(self, "precision", plain_precision(self.precision))
        if self.precision == "fp16":
            raise TwostreamError(
                "--precision fp16",
                expected="float32 or bf16: the gradients of most layers are too small for fp16",
                found="fp16",
                remedy="use --precision bf16",
            )
        for flag, value, least in (
            ("--epochs", self.epochs, 0),
            ("--head-epochs", self.head_epochs, 1),
            ("--seed", self.seed, 0),
            ("--batch-size", self.batch_size, 1),
            ("--samples-per-clip", self.samples_per_clip, 1),
            ("--segments", self.segments, 1),
            ("--frames-per-clip", self.frames_per_clip, 1),
            ("--accumulation-steps", self.accumulation_steps, 1),
            ("--patience", self.patience, 1),
            ("--stack-length", self.stack_length, 1),
            ("--size", self.size_px, 32),
        ):
            if value is not None and value < least:
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
        if self.seed >= 2**32:
            raise TwostreamError(
                "--seed", expected="below 2^32", found=f"{self.seed}", remedy="choose a smaller one"
            )
        if self.segments > self.batch_size:
            raise TwostreamError(
                "--segments",
                expected=f"at most the batch of {self.batch_size} samples",
                found=f"{self.segments}",
                remedy="raise --batch-size: it counts samples, and a clip's segments go together",
            )
        for flag, share, least_share, usual in (
            ("--validation-fraction", self.validation_fraction, 0.0, "0.15, or 0 for none"),
            ("--dropout", self.dropout, 0.0, "0.5"),
            ("--label-smoothing", self.label_smoothing, 0.0, "0.1, or 0 for none"),
            ("--color-jitter", self.color_jitter, 0.0, "0.2, or 0 for none"),
        ):
            if not least_share <= share < 1.0:
                raise TwostreamError(
                    flag,
                    expected=f"{least_share:g} up to 1",
                    found=f"{share}",
                    remedy=f"choose {usual}",
                )
        for flag, number, most, usual in (
            ("--weight-decay", self.weight_decay, 1.0, "0.01"),
            ("--mixup", self.mixup, 10.0, "0.2, or 0 for none"),
        ):
            if not 0.0 <= number <= most:
                raise TwostreamError(
                    flag, expected=f"0 to {most:g}", found=f"{number}", remedy=f"choose {usual}"
                )
        if not 0.0 < self.head_rate_factor <= 1000.0:
            raise TwostreamError(
                "--head-rate-factor",
                expected="above 0, up to 1000",
                found=f"{self.head_rate_factor}",
                remedy="choose 5, or 1 for one rate",
            )
        if not 0.1 <= self.smallest_crop <= 1.0:
            raise TwostreamError(
                "--smallest-crop",
                expected="0.1 to 1, a share of the short side",
                found=f"{self.smallest_crop}",
                remedy="choose 0.66, say",
            )

    @property
    def compute(self) -> Compute:
        """Where all layers are trained, in what numbers; raises TwostreamError where that is not here."""
        return resolve_compute(self.device, self.precision, purpose="training")

    @property
    def starts_pretrained(self) -> bool:
        """Whether the backbone comes with weights, so that a head can be trained on its features."""
        if self.from_run is not None:
            return True
        return self.backbone not in FROM_SCRATCH and self.weights != "none"

    @property
    def earlier_model(self) -> str | None:
        """The model file that the backbone is taken from with `from_run`."""
        if self.from_run is None:
            return None
        return str(earlier_model_file(Path(self.from_run), stream=self.stream))

    @property
    def views(self) -> TrainingViews:
        """How random training samples are."""
        return TrainingViews(
            samples_per_clip=self.samples_per_clip,
            segments=self.segments,
            frames_per_clip=self.frames_per_clip,
            crops=self.crops,
            smallest_crop=self.smallest_crop,
            color_jitter=self.color_jitter,
            flow_mirror=self.flow_mirror,
        )

    @property
    def subtracts_mean(self) -> bool:
        """Whether each flow field loses its mean vector."""
        return self.stream == "temporal" and self.mean_subtraction

    @property
    def peak_rate(self) -> float:
        """Learning rate at its highest, for all layers but the classifier."""
        if self.learning_rate is not None:
            return self.learning_rate
        factor = SGD_FACTOR if self.optimizer == "sgd" else 1.0
        if not self.starts_pretrained:
            return FROM_SCRATCH_RATE * factor
        return FINE_TUNING_RATE * factor * (TEMPORAL_FACTOR if self.stream == "temporal" else 1.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for `training.json`."""
        return asdict(self)
