"""What `train` can be told."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from twostream.choices import (
    DEVICE_HELP,
    ClassWeights,
    Crops,
    CrossModality,
    FlowInput,
    FlowMirror,
    HeadTraining,
    InputConvention,
    LoaderKind,
    Optimizer,
    Schedule,
    Stream,
    TrainingPrecision,
    ViewName,
)
from twostream.errors import TwostreamError
from twostream.options import check_options, option
from twostream.paths import NAMED, READ

if TYPE_CHECKING:
    from twostream.models.device import Compute
    from twostream.training.samples import TrainingViews

FINE_TUNING_RATE = 2e-5
# A network of images has further to go to flow: temporal segment networks train the temporal stream
# at five times the rate of the spatial one (Wang et al. 2016, section 4.1).
TEMPORAL_FACTOR = 5.0
# How a head begins that goes on from an earlier run.
KEPT: Final = "kept"
FROM_SCRATCH_RATE = 1e-3
SGD_FACTOR = 10.0

# Where a training computes and who brings its samples changes nothing that is trained.
CIRCUMSTANCES = ("device", "workers", "loader")

NetworkOrFile = Annotated[str, NAMED]
EarlierRun = Annotated[str, READ]


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How one stream is trained. `epochs` counts passes in which all layers learn."""

    stream: Stream = "spatial"
    split: int = option(
        1, "Number of the split; 0: train on all clips, and test on none.", least=0, shared=True
    )
    backbone: NetworkOrFile = option(
        "EfficientNetLite0",
        "`EfficientNetLite0` (or 1, 2), a class of keras.applications, a .keras file (or .h5 of Keras 2), "
        "or from scratch `cnn-m`, `cnn-m-dense` with its paper's dense layers, or the small `cnn-s`; "
        "`twostream models` lists them.",
        brief="Network: EfficientNetLite0, one of keras.applications, cnn-s, or a .keras file.",
        main=True,
    )
    weights: NetworkOrFile | None = option(
        None,
        "`imagenet`, `none`, or a file of weights. Default: the best there is for the backbone.",
    )
    from_run: EarlierRun | None = option(
        None,
        "Earlier run whose streams to start from, instead of a backbone. Its classes may be others; where "
        "it knows at least half of these, from other recordings too, it goes on with its classifier "
        "(`--head kept`).",
        flag="from",
    )
    cross_modality: CrossModality = "mean"
    partial_batch_norm: bool = True
    input_convention: InputConvention | None = option(
        None, "Input range of a network in a file whose name does not tell."
    )
    epochs: int | None = option(
        None,
        "Epochs in which all layers learn; 0 trains the head only. Default: 10; 0 where a pretrained "
        "backbone has at most 20 training clips a class (their median).",
        brief="Epochs in which all layers learn; 0: the head only. Default: 10, with few clips 0.",
        least=0,
        main=True,
    )
    head: HeadTraining | None = option(
        None,
        "How the head alone is trained: `logistic` (the exact logistic regression on standardised "
        "features), `logistic-unit` (the same on centred features of unit length) or `dropout` (steps of "
        "gradients, with dropout and smoothed labels); `kept`: what the run of --from knows of the "
        "classes, corrected by the logistic regression. Default: `kept` where that run goes on, else "
        "`logistic` where few clips decide that the head alone is trained.",
        before="dropout",
    )
    flow_input: FlowInput | None = option(
        None,
        "What a pretrained network sees of a stack of flow: `stack` (all channels, through a first layer "
        "made for them) or `pictures` (one picture of mean flow and speed, as if it were RGB). Default: "
        "`pictures` where few clips decide that the head alone is trained.",
        before="stack",
        stream="temporal",
    )
    view: ViewName | None = option(
        None,
        "What is seen of an image wherever nothing is random: `full` (the whole frame at its aspect), "
        "`three` (squares at both ends of its long side and at its centre) or `centre`. "
        "Default: `full`; a network that takes one size only needs another.",
        before="centre",
    )
    head_epochs: int = option(
        60,
        "Epochs of the head alone (at least 300 steps), on features of the frozen backbone computed once.",
        least=1,
    )
    batch_size: int = option(16, "Samples a step.", least=1)
    optimizer: Optimizer = option("adamw", "`adamw`, or `sgd` with Nesterov's momentum of 0.9.")
    learning_rate: float | None = option(
        None,
        "Peak rate. Default: 1e-3 from scratch; pretrained 2e-5, temporal 1e-4; `sgd` ten times that.",
        above=0,
        below=10,
    )
    schedule: Schedule = option("cosine", "`cosine` with a short warm-up, or a `constant` rate.")
    head_rate_factor: float = option(
        5.0,
        "How many times as fast the classifier learns as a pretrained backbone.",
        above=0,
        most=1000,
    )
    weight_decay: float = option(
        0.01, "Decay of the weights, times the rate, a step.", least=0, most=1
    )
    dropout: float = option(
        0.5, "Share of features dropped in front of the classifier.", least=0, below=1
    )
    stochastic_depth: float = option(
        0.0,
        "Share of samples for which training leaves out the last residual branch; of earlier ones evenly "
        "less. 0 leaves none out.",
        least=0,
        below=1,
        before=0.0,
    )
    label_smoothing: float = option(
        0.1, "Share of every label that is spread over all classes.", least=0, below=1
    )
    mixup: float = option(
        0.0,
        "Strength (Beta's alpha) with which clips of a batch are blended; 0 does not.",
        least=0,
        most=10,
    )
    cutmix: float = option(
        0.0,
        "Strength (Beta's alpha) with which a rectangle of each clip is another clip's; 0 does not. With "
        "`--mixup` too, each step does one of them by chance.",
        least=0,
        most=10,
        before=0.0,
    )
    class_weights: ClassWeights = option(
        "none",
        "`balanced` gives every class the same weight in the loss, however many clips it has.",
    )
    samples_per_clip: int = option(1, "How often a clip is drawn in an epoch.", least=1)
    segments: int = option(
        3,
        "Equal parts of a clip that give a random frame or stack each; their scores are averaged.",
        least=1,
    )
    frames_per_clip: int | None = option(
        None,
        "Use so many equidistant frames or stacks of a clip only (the original: 17 frames). Default: all.",
        least=1,
        stream="spatial",  # what a run says of frames: the original drew its stacks from everywhere
    )
    crops: Crops = option(
        "corner", "Training squares at the corners and the centre, or anywhere (`random`)."
    )
    smallest_crop: float = option(
        0.66,
        "Side of the smallest training square, as a share of the short side.",
        least=0.1,
        most=1,
    )
    color_jitter: float = option(
        0.2,
        "Largest change of a frame's brightness, contrast and saturation, as a share; flow is left alone.",
        least=0,
        below=1,
    )
    rand_augment: float = option(
        0.0,
        "Strength, 0 to 10, of RandAugment on frames: changes of colour and small rotations, shears and "
        "shifts drawn for each sample; 0 does not. Flow is left alone.",
        least=0,
        most=10,
        before=0.0,
    )
    rand_augment_operations: int = option(
        2, "Operations that `--rand-augment` draws for a frame.", least=1, most=14, before=2
    )
    flow_mirror: FlowMirror = "true"
    mean_subtraction: bool = option(
        True, "Take the mean motion away from every flow: most of what a moving camera adds."
    )
    accumulation_steps: int = option(
        1, "Steps whose gradients make one update: larger batches than memory holds.", least=1
    )
    average_weights: bool = option(
        False, "Use the moving average of the weights over the last tenth of the steps."
    )
    precision: TrainingPrecision = option(
        "auto",
        "Numbers of products in a training step: `float32`, `bf16` (its earlier name is `mixed`), or "
        "`auto`: bf16 on GPUs and processors made for it. Weights are float32, and so are the features "
        "that a head learns on.",
        earlier_values={"mixed": "bf16"},
    )
    patience: int | None = option(
        None,
        "Stop after so many epochs without a better validation result. Default: never.",
        least=1,
    )
    feature_samples_per_clip: int = 10
    stack_length: int = option(10, "Flows in a stack.", least=1)
    size_px: int = option(
        224,
        "Input size of the network in pixels; 224 is the field's usual, and 192 a quarter less work.",
        brief="Input size of the network in pixels.",
        flag="size",
        least=32,
        main=True,
    )
    test_size_px: int | None = option(
        None,
        "Input size in pixels wherever nothing is random, if not `--size`: in features that a head learns "
        "on, validation, evaluation and prediction. The trained network is made for it.",
        flag="test-size",
        least=32,
        before=None,
    )
    validation_fraction: float = option(
        0.15,
        "Share of training clips held out, by source video; 0 holds nothing out.",
        least=0,
        below=1,
    )
    seed: int = option(0, "Seed of everything random.", least=0, below=2**32, main=True)
    device: str = option("auto", DEVICE_HELP, before="auto")
    workers: int | None = option(
        None,
        "Threads or processes that bring samples while all layers are trained. Default: one a core.",
        least=1,
        before=None,
    )
    loader: LoaderKind = option(
        "threads",
        "What brings samples: `threads` of the training's process, or `processes`, which take a second to "
        "start and some 200 MB each, and pay where many cores feed a GPU. The samples are the same.",
        before="threads",
    )

    def __post_init__(self) -> None:
        """Refuse values that nothing could be trained with."""
        check_options(self)
        if self.from_run is not None:  # absolute, for what is recorded is read from anywhere
            object.__setattr__(self, "from_run", str(Path(self.from_run).absolute()))
        if self.segments > self.batch_size:
            raise TwostreamError(
                "--segments",
                expected=f"at most the batch of {self.batch_size} samples",
                found=f"{self.segments}",
                remedy="raise --batch-size: it counts samples, and a clip's segments go together",
            )

    @property
    def compute(self) -> Compute:
        """Where all layers are trained, in what numbers; raises TwostreamError where that is not here."""
        from twostream.models.device import resolve_compute

        return resolve_compute(self.device, self.precision, purpose="training")

    @property
    def epochs_of_all_layers(self) -> int:
        """`epochs` of settled options (see `twostream.training.settled`)."""
        if self.epochs is None:
            raise ValueError("options are not settled: how many clips there are decides the epochs")
        return self.epochs

    @property
    def starts_pretrained(self) -> bool:
        """Whether the backbone comes with weights, so that a head can be trained on its features."""
        from twostream.models.backbones import FROM_SCRATCH

        if self.from_run is not None:
            return True
        return self.backbone not in FROM_SCRATCH and self.weights != "none"

    @property
    def earlier_model(self) -> str | None:
        """The model file that the backbone is taken from with `from_run`."""
        if self.from_run is None:
            return None
        from twostream.models.earlier_run import earlier_model_file

        return str(earlier_model_file(Path(self.from_run), stream=self.stream))

    @property
    def seen_size_px(self) -> int:
        """Input size in pixels of all but random training samples."""
        return self.test_size_px or self.size_px

    @property
    def views(self) -> TrainingViews:
        """How random training samples are."""
        from twostream.training.samples import TrainingViews

        return TrainingViews(
            samples_per_clip=self.samples_per_clip,
            segments=self.segments,
            frames_per_clip=self.frames_per_clip,
            crops=self.crops,
            smallest_crop=self.smallest_crop,
            color_jitter=self.color_jitter,
            rand_augment=self.rand_augment,
            rand_augment_operations=self.rand_augment_operations,
            flow_mirror=self.flow_mirror,
            size_px=self.size_px if self.seen_size_px != self.size_px else None,
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
