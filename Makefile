# Two commands set riffscope up on a fresh machine with Python 3.11 or newer: `make demo` and `make test`.

PYTHON ?= $(shell command -v python3.13 || command -v python3.12 || command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
# A marker in the environment, renewed when the dependencies change.
READY := $(VENV)/.ready

.PHONY: demo test samples clean

demo: $(READY)
	$(BIN)/riffscope demo

test: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto

samples: $(READY)
	$(BIN)/python samples/make_samples.py

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(READY)

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
