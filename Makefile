# The two commands: `make demo` and `make test`. Everything CI does is behind `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# One thread a process: on shared cores more threads can be many times slower.
export OMP_NUM_THREADS ?= 1
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.PHONY: demo test lint types docs chromium unit slow boards boards-seat boards-se-tuning wheel clean

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

# The pages are looked at in a real browser: Debian's, installed where that is allowed. Without one
# their tests fail.
chromium:
	@command -v chromium >/dev/null || ! command -v apt-get >/dev/null || { \
		root=; test "$$(id -u)" = 0 || root="sudo -n"; \
		$$root apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive $$root apt-get install -y -qq --no-install-recommends chromium; } || \
		echo "no Chromium, and none could be installed: the tests of the pages will fail"

unit: $(VENV)/installed chromium
	$(BIN)/python -m pytest -n 2 -q -m "not slow" --cov --cov-report=term:skip-covered --cov-fail-under=90

slow: $(VENV)/installed
	$(BIN)/python -m pytest -q -m slow -s
	$(BIN)/python -m tests.benchmarks.estimates
	$(BIN)/python -m tests.benchmarks.worlds
	$(BIN)/python -m tests.benchmarks.boards

# The published boards of studies, made again: leaderboards/organism-seat and organism-se-tuning.
# Organisms of other build seeds are built where they are missing (7 minutes each); BUILDS says which,
# from the shipped one on.
BUILDS ?= 0 1 2
BOARDS := leaderboards
MADE := runs/boards
ORGANISMS = organism$(foreach seed,$(filter-out 0,$(BUILDS)),$(comma)$(MADE)/organism-$(seed)/organism)
METHODS := full,lora,sparse,entity-kl,seat,seat-own,base-kl,ewc,replay
comma := ,
empty :=
space := $(empty) $(empty)

# $(call study,NAME,TITLE,what is asked): a study with its trials, and the board of it.
define study
	$(BIN)/iabench study $(3) --seeds 3 --drift --device cpu --keep all \
		$(addprefix --trials ,$(wildcard $(BOARDS)/$(1)/trials.jsonl)) --out $(MADE)/$(1)
	mkdir -p $(BOARDS)/$(1)
	cp $(addprefix $(MADE)/$(1)/,study.toml study.json study.md drift.json report.html) $(BOARDS)/$(1)
	$(BIN)/iabench leaderboard new $(BOARDS)/$(1) --study $(MADE)/$(1) --title "$(2)"
	$(BIN)/iabench leaderboard check $(BOARDS)/$(1)
endef

boards: boards-seat boards-se-tuning

boards-seat: $(VENV)/installed
	for seed in $(filter-out 0,$(BUILDS)); do \
		test -d $(MADE)/organism-$$seed/organism || \
			$(BIN)/iabench organism build --seed $$seed --out $(MADE)/organism-$$seed; \
		cp iabench/organism/weights/organism/iabench_tuning.toml $(MADE)/organism-$$seed/organism; \
	done
	$(call study,organism-seat,SEAT on organisms,--model $(subst $(space),,$(ORGANISMS)) --methods $(METHODS) --against seat)

boards-se-tuning: $(VENV)/installed
	$(call study,organism-se-tuning,Tuning by entropy on an organism,--preset se-tuning)

clean:
	rm -rf $(VENV) build dist docs/_build .pytest_cache .mypy_cache .ruff_cache
