#!/usr/bin/env bash
# Keras loads a `.weights.h5` file of a deeper network into a shallower one without an error or a warning, as long
# as the layers that both have agree in shape: the rest of the file is left out. With `skip_mismatch=False`, the
# default, a file of a shallower network is refused. So a file that loads is no proof that it belongs to the network.
#
# Seen with Keras 3.15.1 on JAX 0.10.2 (CPU), Python 3.11.
# Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install keras==3.15.1 jax==0.10.2 jaxlib==0.10.2
cat > "$folder/try.py" <<'PYTHON'
import sys
import warnings

import keras
import numpy as np


def network(layers):
    image = maps = keras.Input((16, 16, 3))
    for k in range(layers):
        maps = keras.layers.Conv2D(3, 3, padding="same", name=f"conv{k}")(maps)
    return keras.Model(image, maps)


def take(source, target):
    """What becomes of loading the weights of `source` layers into a network of `target`."""
    saved, taking = network(source), network(target)
    saved.save_weights(f"{sys.argv[1]}/{source}.weights.h5")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            taking.load_weights(f"{sys.argv[1]}/{source}.weights.h5")
        except ValueError:
            return "refused"
    same = all(
        np.array_equal(a, b)
        for a, b in zip(saved.get_weights()[: 2 * target], taking.get_weights(), strict=True)
    )
    return f"loaded, first layers equal: {same}, warnings: {len(warned)}"


status = 0
for source, target, was in (
    (2, 2, "loaded, first layers equal: True, warnings: 0"),
    (5, 2, "loaded, first layers equal: True, warnings: 0"),
    (2, 5, "refused"),
):
    found = take(source, target)
    print(f"weights of {source} layers into a network of {target}: {found}")
    if found != was:
        print(f"    it was: {was}")
        status = 1
sys.exit(status)
PYTHON
KERAS_BACKEND=jax "$python" "$folder/try.py" "$folder"
