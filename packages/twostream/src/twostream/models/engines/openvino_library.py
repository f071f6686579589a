"""OpenVINO as it is imported here: it tells its makers nothing of what it is used for."""

from __future__ import annotations

import sys
from typing import Any

# The package by which OpenVINO and NNCF report; both go without where it cannot be imported.
REPORTING = "openvino_telemetry"


def openvino_library() -> Any:
    """The module `openvino`, whose conversions report to nobody.

    Left to itself, `openvino.convert_model` sends its version, the kind of model and how it went to a
    service for web statistics unless the user has opted out, and starts a process for each message; NNCF
    does the same. What is recognised here stays here, so both are kept from it, by the ways in which
    they do without the package for it.
    """
    modules: dict[str, Any] = sys.modules
    modules.setdefault(REPORTING, None)  # an import of it raises ImportError from now on
    import openvino
    from openvino.tools.ovc import convert_impl, telemetry_stub, telemetry_utils

    for module in (convert_impl, telemetry_utils):  # others may have imported OpenVINO before
        module.tm = telemetry_stub
    return openvino
