#!/usr/bin/env bash
# NNCF 3.4 says nothing of which OpenVINO it needs: pip installs it beside OpenVINO 2025.4 and finds nothing to complain of
# (`pip check`). `import nncf` then ends with an AttributeError (openvino.Type has no u2) as soon as OpenVINO is there; without
# any OpenVINO, and beside 2026.0, it succeeds.
#
# Seen with nncf 3.4.0, openvino 2025.4.0 and 2026.0.0. Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
export CI=true # its reports of use are sent to nobody
pip() { "$python" -m pip --quiet --disable-pip-version-check "$@"; }
status=0
expect() { # what, found, expected
    printf '%-60s %s\n' "$1" "$2"
    [ "$2" = "$3" ] || { echo "    it was: $3"; status=1; }
}
imported() { "$python" -c "import nncf" >/dev/null 2>"$folder/said" && echo well || tail -n 1 "$folder/said" | sed 's/:.*//'; }

pip install nncf==3.4.0
expect "without OpenVINO, import nncf ends:" "$(imported)" well
pip install openvino==2025.4.0
expect "beside OpenVINO 2025.4, pip check is content:" "$(pip check >/dev/null && echo yes || echo no)" yes
expect "import nncf ends:" "$(imported)" AttributeError
pip install openvino==2026.0.0
expect "beside OpenVINO 2026.0, import nncf ends:" "$(imported)" well
exit "$status"
