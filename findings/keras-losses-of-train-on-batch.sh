#!/usr/bin/env bash
# What `Model.train_on_batch` reports changed between two minor releases of Keras, without an error or a warning:
# up to 3.14 the mean over all batches since the metrics were last reset, from 3.15 on the value of that batch.
# Whoever averages the reports of an epoch has other curves with the older one, though the weights are the same.
#
# Seen with Keras 3.14.1 and 3.15.0 on JAX 0.10.2, Python 3.11: one network, one batch, a large rate.
# Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
cat > "$folder/losses.py" <<'PY'
import keras
import numpy as np

model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
model.compile(keras.optimizers.SGD(0.1), "mse")
x, y = np.ones((1, 1), "float32"), np.ones((1, 1), "float32")
reported, true = [], []
for _ in range(3):
    true.append(float(((model.predict_on_batch(x) - y) ** 2).mean()))
    reported.append(float(model.train_on_batch(x, y, return_dict=True)["loss"]))
means = [float(np.mean(true[: k + 1])) for k in range(3)]
print("losses", np.round(true, 3), "reported", np.round(reported, 3))
kind = [name for name, values in (("batch", true), ("mean", means)) if np.allclose(reported, values)]
print(*kind)
PY
status=0
for pair in 3.14.1=mean 3.15.0=batch; do
    "$python" -m pip --quiet --disable-pip-version-check install "keras==${pair%=*}" numpy==2.4.6 jax==0.10.2
    found=$(KERAS_BACKEND=jax JAX_PLATFORMS=cpu "$python" "$folder/losses.py")
    printf 'Keras %s: %s\n' "${pair%=*}" "$(echo $found)"
    [ "$(tail -n 1 <<< "$found")" = "${pair#*=}" ] || status=1
done
exit "$status"
