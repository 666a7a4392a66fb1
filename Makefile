# The two commands: `make demo` and `make test`. Everything CI does is behind `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# One thread a process: on shared cores more threads can be many times slower.
export OMP_NUM_THREADS ?= 1
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.PHONY: demo test lint types docs unit slow wheel clean

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev,docs]"
	touch $@

demo: $(VENV)/installed
	$(BIN)/iabench evaluate --model organism --tasks organism --out runs/organism-demo
	$(BIN)/iabench demo

test: lint types docs unit

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/installed
	$(BIN)/mypy

docs: $(VENV)/installed
	$(BIN)/python -m sphinx -W -q -b html docs docs/_build/html

unit: $(VENV)/installed
	$(BIN)/python -m pytest -n 2 -q -m "not slow" --cov --cov-report=term:skip-covered --cov-fail-under=90

slow: $(VENV)/installed
	$(BIN)/python -m pytest -q -m slow -s
	$(BIN)/python tests/benchmarks/estimates.py
	$(BIN)/python tests/benchmarks/worlds.py

clean:
	rm -rf $(VENV) build dist docs/_build .pytest_cache .mypy_cache .ruff_cache
