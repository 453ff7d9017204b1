# One way to run each chore. Needs Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
DEV := $(VENV)/.dev
RUN := $(VENV)/.run

.PHONY: help demo run test lint types contracts format lock docs words pictures rig bench bench-delivery bench-commands bench-cards bench-following fuzz clean
help:  ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Pullquote needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)

# The locked dependencies first, then the project itself on top of them, without asking for anything more.
$(RUN): requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@ $(RUN)

demo: $(RUN)  ## watch the bot at work on a sample publication, with no accounts
	$(BIN)/pullquote demo $(ARGS)

run: $(RUN)  ## run the bot with the settings of .env
	$(BIN)/pullquote run $(ARGS)

test: $(DEV)  ## all tests; those whose server is not installed skip, saying so
	$(BIN)/python -m pytest $(ARGS)

lint: $(DEV)  ## style and form
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)  ## mypy --strict
	$(BIN)/mypy

contracts: $(DEV)  ## who may import whom
	$(BIN)/lint-imports

format: $(DEV)  ## put the code into form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: | $(BIN)/python  ## resolve the dependencies anew, with hashes, for Python 3.11 to 3.13
	$(PIP) install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra build --extra dev --extra postgres -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header benchmarks/peers.in -o benchmarks/peers.lock

docs: $(DEV)  ## make README's tables, docs/commands.md and .env.example anew
	$(BIN)/python -m docs.generate

words: $(DEV)  ## gather the bot's own words and make its catalogues anew; ARGS=more .po files to take translations from
	$(BIN)/python -m docs.words $(ARGS)

pictures: $(DEV)  ## draw the pictures in docs/ anew; needs npm, Chromium, Noto's fonts and, for Matrix, Synapse
	$(BIN)/python -m docs.draw
	$(BIN)/python -m docs.replies

rig: $(DEV)  ## kill the bot 200 times while it works, then freeze, fill and lock it; ARGS="--kills 50 --seed 7 --platforms discord"
	$(BIN)/python -m tests.rig $(ARGS)

bench: $(DEV)  ## what is fast, and by how much
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.delivery
	$(BIN)/python -m benchmarks.machines

bench-delivery: $(DEV)  ## from an article to a thousand channels, beside the limits and a bare client; ARGS=measures
	$(BIN)/python -m benchmarks.delivery $(ARGS)

bench-commands: $(DEV)  ## from a command to its reply, with much stored
	$(BIN)/python -m benchmarks.commands

bench-cards: $(DEV)  ## the cards beside other extractors, and hostile posts; ARGS=files and folders of posts
	$(BIN)/python -m benchmarks.cards $(ARGS)

bench-following: $(DEV)  ## one look, ten thousand sites, the loop's stalls, bombs, pings; nginx and a real WordPress where they are installed
	$(BIN)/python -m benchmarks.following

fuzz: $(DEV)  ## damaged posts by the thousand; ARGS="--documents 200000 POSTS…"
	$(BIN)/python -m benchmarks.fuzz $(ARGS)

clean:  ## take away what make made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .bench dist docs/node_modules
