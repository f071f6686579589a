#!/usr/bin/env bash
# torchvision draws optical flow in colours: direction as hue, speed as saturation. Of a batch (N, 2, H, W) all flows are
# divided by the fastest vector of the whole batch, not each by its own. So the picture of a flow depends on what stands
# beside it: alone it is as strong as it can be, beside a fast one nearly white, and a video drawn in batches flickers
# from one batch to the next. The documentation of flow_to_image names the shapes and says nothing of this. No argument
# sets the speed that has full colour.
#
# A flow of 2 px to the right, alone, and in a batch with one of 40 px.
#
# Seen with torchvision 0.28.0 and torch 2.13.0 (CPU), Python 3.11. Ends with 0 while this is so, with 1 once something of
# it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
pip() { "$python" -m pip --quiet --disable-pip-version-check install "$@"; }
pip torch==2.13.0 numpy==2.3.5 pillow==12.3.0
pip --no-deps torchvision==0.28.0
"$python" - <<'PY'
import importlib.util
import sys

import torch

# The file alone: the package's compiled operators, which it does not use, ask for the very build of torch they were
# made for, with CUDA or without.
package = importlib.util.find_spec("torchvision").submodule_search_locations[0]
spec = importlib.util.spec_from_file_location("torchvision_utils", f"{package}/utils.py")
utils = importlib.util.module_from_spec(spec)
spec.loader.exec_module(utils)
flow_to_image = utils.flow_to_image


def moving_right(speed_px):
    flow = torch.zeros(2, 8, 8)
    flow[0] = speed_px
    return flow


def colour(image):
    return tuple(image[:, 0, 0].tolist())


slow, fast = moving_right(2.0), moving_right(40.0)
seen = {
    "2 px alone": colour(flow_to_image(slow)),
    "2 px beside 40 px": colour(flow_to_image(torch.stack([slow, fast]))[0]),
    "0.1 px alone": colour(flow_to_image(moving_right(0.1))),
}
for what, rgb in seen.items():
    print(f"{what:18} RGB {rgb}")
alone, beside, slowest = seen.values()
sys.exit(0 if min(alone) < 10 and min(beside) > 230 and slowest == alone else 1)
PY
