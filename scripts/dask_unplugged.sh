#!/usr/bin/env bash
# Takes down the network between two network namespaces of Linux in the middle of `prepare --cluster`: that to the
# second worker, or that to the command, which must then end with one line and is called again. The data set must be
# the one that this machine makes alone.
#
#     sudo unshare --net scripts/dask_unplugged.sh worker|command VIDEOS      (root needs no sudo)
set -euo pipefail
who=$1 videos=$(realpath "$2")
twostream() { python -m twostream prepare "$videos" --flow dis --layout rawframes "$@"; }
folder=$(mktemp -d)
cd "$folder"
ip link set lo up
unshare --net sleep 1000 &
there=$!
trap 'kill $(jobs -p) 2> /dev/null || true; wait; rm -rf "$folder"' EXIT
until [ "$(readlink "/proc/$there/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.1; done
ip link add name near type veth peer name far netns $there
beyond() { nsenter --net="/proc/$there/ns/net" "$@"; }
ip addr add 10.9.0.1/24 dev near
ip link set dev near up
beyond ip addr add 10.9.0.2/24 dev far
beyond ip link set dev lo up
beyond ip link set dev far up

at=tcp://10.9.0.1:8786
worker=(python -m distributed.cli.dask_worker "$at" --nthreads 1 --no-dashboard --local-directory "$folder")
twostream --out alone --workers 1 > /dev/null 2>&1
python -m distributed.cli.dask_scheduler --host 10.9.0.1 --port 8786 --no-dashboard --no-show > scheduler.log 2>&1 &
"${worker[@]}" > worker-1.log 2>&1 &
if [ "$who" = worker ]; then
    beyond "${worker[@]}" > worker-2.log 2>&1 &
    twostream --out data --cluster "$at" > command.log 2>&1 &
else
    "${worker[@]}" > worker-2.log 2>&1 &
    beyond python -m twostream prepare "$videos" --flow dis --layout rawframes --out data --cluster "$at" > command.log 2>&1 &
fi
command=$!
until ls -d data/clips/*/* > /dev/null 2>&1; do sleep 0.1; done
ip link set dev near down
cut=$SECONDS
status=0
wait $command || status=$?
echo "$who: status $status, $((SECONDS - cut)) s after the cut: $(tail -n 1 command.log)"
[ "$status" = 0 ] || { ip link set dev near up && twostream --out data --cluster "$at" > again.log 2>&1; }
diff -r --exclude .verified.json --exclude .prepare.lock alone data && echo "the same bytes"
