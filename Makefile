# Set-up, program and checks. `make run` needs only Python 3.11 or newer with venv and pip.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DOCKER ?= docker
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
TOOLS := .tools
LOCK := deploy/requirements.txt
# All extras but those of developers.
EXTRAS_OF_USERS = $(shell sed -n '/^\[project.optional/,/^test/s/^\([a-z0-9]*\) = .*/\1/p' pyproject.toml | grep -v '^test')

# The question as typed. If make expanded it, `$5` would lose its digit and `$(shell ...)` would run.
ASKED := $(filter-out undefined,$(origin Q))
unexport Q
export QUESTION := $(value Q)

.PHONY: run setup test test-slow test-all test-servers lint format version dist lock audit sbom image pictures bench soak chaos chaos-servers evaluation catalogs reference docs docs-links

run: $(VENV)/run.stamp
	@$(BIN)/itubot run $(if $(ASKED),-- "$$QUESTION")

setup: $(VENV)/run.stamp

# Hundreds of processes start in the tests: each module is compiled once.
unexport PYTHONDONTWRITEBYTECODE
# More processes than cores share the test files, because tests of the whole program mostly wait. tests/conftest.py
# orders them.
PYTEST := $(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

# The tests that need only Python packages, but for a few that take long.
test: $(VENV)/test.stamp
	@$(PYTEST) -m "not system and not slow and not soak"

# Those, the tests that need system programs, such as a browser, and those of the built package.
test-slow: $(VENV)/test.stamp
	@$(PYTEST) -m "(system or slow) and not soak"

test-all: test test-slow

# The processes of bots that share what is stored; what people do in Slack on servers is in `make chaos-servers`.
SHARED_BY_BOTS := due forget kills stop

# The tests of what is stored, of jobs, of Slack and of other assistants, with a PostgreSQL and a Chroma server on loopback instead of files.
test-servers: $(VENV)/test.stamp
	@$(BIN)/python -m tests.servers $(PYTEST) -m "not files and not soak and not system" \
		tests/store tests/ingest/test_pipeline.py tests/ingest/test_reindex.py tests/ingest/test_nul.py tests/ingest/test_stored_files.py \
		tests/bot/slack/features/follow/test_digests.py tests/bot/doctor/test_servers.py \
		$(addprefix tests/bot/slack/processes/test_,$(addsuffix .py,$(SHARED_BY_BOTS))) \
		tests/bot/test_databases.py tests/bot/commands/test_migrate.py \
		tests/bot/mcp/test_http.py tests/bot/mcp/test_tools.py tests/bot/answering/test_paragraphs.py

# Asks in Slack while other processes ingest, SOAK_ROUNDS times (200).
soak: $(VENV)/test.stamp
	@$(BIN)/python -m pytest -m soak tests/bot/slack/processes/test_concurrency.py

# Uses two bots on one data folder, kills one or both every 15 seconds and fills their disk, for CHAOS_SECONDS (180).
# CHAOS_SEED repeats a run.
chaos: $(VENV)/test.stamp
	@$(BIN)/python -m tests.tools.chaos

# The same with three bots, each with a data folder of its own, on a PostgreSQL and a Chroma server that restart once.
chaos-servers: $(VENV)/test.stamp
	@$(BIN)/python -m tests.tools.chaos --servers

lint: $(VENV)/test.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/vulture

format: $(VENV)/test.stamp
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

version:
	@echo $(VERSION)

# The wheel and the source archive, from which it is built.
dist: $(TOOLS)/stamp
	@$(TOOLS)/bin/python -m build --outdir dist .
	@$(TOOLS)/bin/twine check --strict dist/itubot-$(VERSION)-*.whl dist/itubot-$(VERSION).tar.gz

# The newest versions of what the image installs, by the ranges in pyproject.toml, with the hashes of their files.
lock: $(TOOLS)/stamp
	@$(TOOLS)/bin/uv pip compile --upgrade --generate-hashes --python-version 3.11 --python-platform linux \
		--torch-backend cpu --no-emit-index-url --custom-compile-command "make lock" \
		$(addprefix --extra ,$(EXTRAS_OF_USERS)) --output-file $(LOCK) pyproject.toml > /dev/null

# The known vulnerabilities in them. PyPI knows torch's versions without the name of the build.
audit: $(TOOLS)/stamp
	@sed 's/+cpu / /' $(LOCK) > $(TOOLS)/requirements.txt
	@$(TOOLS)/bin/pip-audit --disable-pip --requirement $(TOOLS)/requirements.txt

# A list of them for programs (CycloneDX), in dist/.
sbom: $(TOOLS)/stamp
	@mkdir -p dist
	@PYTHONWARNINGS=ignore::UserWarning $(TOOLS)/bin/cyclonedx-py requirements $(LOCK) --pyproject pyproject.toml --mc-type application \
		--output-reproducible --output-file dist/itubot-$(VERSION).cdx.json

# The container image, by docker or another program that takes its arguments (DOCKER=podman).
image:
	@$(DOCKER) build --tag itubot:$(VERSION) \
		$(foreach name,EXTRAS PACKAGES TORCH_INDEX_URL,$(if $($(name)),--build-arg "$(name)=$($(name))")) .

# Measures speed; docs/explanation/performance.md has the figures. BENCH=small omits the run with 100,000 sections;
# BENCH=servers compares 100,000 sections in files and on a PostgreSQL and a Chroma server.
bench: $(VENV)/test.stamp
	@$(BIN)/python -m tests.tools.benchmarks.bench $(BENCH)

# Measures the answers to all marked questions and writes the figures into docs/explanation/evaluation.md.
evaluation: $(VENV)/test.stamp
	@$(BIN)/python -m tests.tools.quality.evaluation

# Adds the messages of the program to the catalogs of its languages; new ones are to be translated there.
catalogs: $(VENV)/test.stamp
	@$(BIN)/pybabel -q extract -k _ -k N_ -k ngettext:1,2 -k pgettext:1c,2 --no-default-keywords --add-comments "Translators:" --strip-comments --add-location=file \
		--sort-by-file --no-wrap -o $(VENV)/itubot.pot bot
	@$(BIN)/pybabel -q update -i $(VENV)/itubot.pot -d bot/locales -D itubot --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date --no-wrap
	@$(BIN)/python -m tests.tools.catalogs

# Writes commands, settings, tools, metrics and scopes into the pages, from the program, and the digest of its readers.
reference: $(VENV)/test.stamp
	@$(BIN)/python docs/program_reference.py
	@$(BIN)/python -m tests.tools.reading_code

# Writes the documentation as a site to SITE. Warnings are errors, such as a link that leads nowhere.
SITE := docs/_build/html
SPHINX := $(BIN)/python -m sphinx -E -q -W -n --keep-going

docs: $(VENV)/docs.stamp
	@$(SPHINX) -b html docs $(SITE)
	@echo $(SITE)/index.html

# Asks each address that the pages link to on the internet.
docs-links: $(VENV)/docs.stamp
	@$(SPHINX) -b linkcheck docs docs/_build/links

# Draws the pictures of README.md and the documentation. Those of Slack need Chromium, and stay as they are without it.
pictures: $(VENV)/test.stamp
	@$(BIN)/python docs/pictures.py
	@PYTHONPATH=. $(BIN)/python docs/slack_picture.py

# What only releases need.
$(TOOLS)/stamp: Makefile
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check 'build>=1.2,<2' 'twine>=6,<8' 'uv>=0.9,<1' \
		'pip-audit>=2.9,<3' 'cyclonedx-bom>=7,<8'
	@touch $@

# Messages of the set-up go to stderr, because stdout belongs to the answer.
$(VENV)/run.stamp: pyproject.toml
	@$(call install,.)
	@touch $@

$(VENV)/test.stamp: pyproject.toml
	@$(call install,.[test])
	@touch $(VENV)/run.stamp $@

$(VENV)/docs.stamp: pyproject.toml
	@$(call install,.[docs])
	@touch $(VENV)/run.stamp $@

define install
echo "Setting up $(VENV). The first time, this takes some minutes." >&2; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "itubot needs Python 3.11 or newer: make PYTHON=/path/to/python3 ..." >&2; exit 1; }; \
$(PYTHON) -c 'import ensurepip, venv' \
	|| { echo "This Python has no venv: on Debian, apt install python3-venv" >&2; exit 1; }; \
$(PYTHON) -m venv $(VENV) >&2 \
	&& $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '$(1)' >&2
endef
