"""The words that options may be: of one meaning from the command line to the place where it counts.

They stand apart from what they choose, so that all options can be explained without loading a library.
"""

from __future__ import annotations

from typing import Literal

DEVICE_HELP = "Where networks compute: `cpu`, `cuda`, `cuda:N`, `mps`, `xpu`, or `auto`, as Keras."

Stream = Literal["spatial", "temporal"]
Streams = Literal["spatial", "temporal", "both"]

Algorithm = Literal["tvl1", "dis", "farneback", "tvl1-opencv"]
Preset = Literal["exact", "fast", "deep"]
Layout = Literal["archive", "rawframes"]
LeaveOut = Literal["source", "subject"]
ValPart = Literal["validation", "test"]

InputConvention = Literal["caffe", "torch", "tf", "raw"]
CrossModality = Literal["mean", "rescaled", "random"]
Optimizer = Literal["adamw", "sgd"]
Schedule = Literal["cosine", "constant"]
HeadTraining = Literal["logistic-unit", "logistic", "dropout", "kept"]
FlowInput = Literal["stack", "pictures"]
LoaderKind = Literal["threads", "processes"]
ClassWeights = Literal["none", "balanced"]
Crops = Literal["corner", "random"]
FlowMirror = Literal["true", "as-published"]

ViewName = Literal["centre", "full", "three"]
Protocol = Literal["one-frame", "25", "25x10", "whole-video"]
Fusion = Literal["average", "weighted", "logit", "svm"]
Pool = Literal["average", "product"]
Engine = Literal["auto", "openvino", "torch", "onnx", "keras"]
ExportFormat = Literal["onnx", "openvino", "keras", "torch"]
AskedPrecision = Literal["auto", "float32", "bf16", "fp16"]
ScoringPrecision = Literal["auto", "float32", "bf16", "fp16", "int8"]
TrainingPrecision = Literal["auto", "float32", "bf16"]

LabelFormat = Literal[
    "label-studio",
    "cvat",
    "elan",
    "boris",
    "activitynet",
    "frame-by-frame",
    "deepethogram",
    "via",
    "x-anylabeling",
    "webvtt",
    "srt",
    "audacity",
]
