#!/usr/bin/env bash
# pip lets two distributions of OpenCV be installed side by side although both own the folder `cv2`. The one
# installed later replaces the other's files, and uninstalling either takes the module away from both, while
# `pip check` still finds nothing to say and `import cv2` still succeeds: on an empty folder.
#
# Seen with opencv-contrib-python-headless 5.0.0.93 and opencv-python 5.0.0.93, pip 23.2 and later, Python 3.11.
# Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
pip() { "$python" -m pip --quiet --disable-pip-version-check "$@"; }
has() { # MODULE NAME; empty folders of the other distribution may be imported as modules
    "$python" -c "import cv2; print(hasattr($1, '$2'))"
}
status=0
expect() { # what, found, expected
    printf '%-70s %s\n' "$1" "$2"
    [ "$2" = "$3" ] || { echo "    it was: $3"; status=1; }
}

pip install numpy==2.4.6 opencv-contrib-python-headless==5.0.0.93
tvl1=DualTVL1OpticalFlow_create
expect "contrib-headless alone has the contributed TV-L1 flow:" "$(has cv2.optflow $tvl1)" True
pip install opencv-python==5.0.0.93
expect "after installing opencv-python as well, the flow is there:" "$(has cv2.optflow $tvl1)" False
expect "pip check is content:" "$(pip check > /dev/null && echo yes || echo no)" yes
pip uninstall --yes opencv-python
expect "after uninstalling opencv-python, pip still lists contrib-headless:" \
    "$("$python" -m pip list 2> /dev/null | grep -c opencv-contrib-python-headless)" 1
expect "pip check is content:" "$(pip check > /dev/null && echo yes || echo no)" yes
expect "import cv2 succeeds, and cv2.imread is there:" "$(has cv2 imread)" False
exit "$status"
