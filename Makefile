# Everything on a machine that has only Python 3.11 or newer, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PACKAGES := packages/twostream

.PHONY: install test test-slow lint demo clean

install: $(STAMP)

# The stamp depends on what decides the installation, so a second call does nothing.
$(STAMP): constraints.txt requirements-dev.txt $(PACKAGES)/pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
	    --requirement requirements-dev.txt --editable '$(PACKAGES)[openvino,tensorboard,jax]'
	touch $(STAMP)

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 -m 'not slow'

test-slow: $(STAMP)
	$(BIN)/python -m pytest -m slow

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy packages/twostream/src
	$(BIN)/lint-imports

demo: $(STAMP)
	$(BIN)/twostream demo --out demo

clean:
	rm -rf $(VENV) .clean-venv build dist demo
