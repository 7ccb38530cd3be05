# The four words of the house: run, test, bench, check. Everything else here is set-up that they ask for.
# Nothing outside this folder is touched, except the system packages that `make test` needs.

PYTHON ?= python3
TEST_PROCESSES ?= 3
VENV := .venv
BIN := $(VENV)/bin

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_HTTP_TIMEOUT ?= 180
# Compiled once, at the installation and at the first import: the hall is a dozen processes, each of which would otherwise
# compile all it loads at every start: a command took 9 s that way, and takes 4 so.
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test bench check setup test-packages lock clean

help:
	@echo "make run     set up, then start the hall: it prints the addresses to open"
	@echo "make test    set up what tests need (browser, PostgreSQL, RTSP server), then run them all"
	@echo "make bench   print the numbers the hall must hold"
	@echo "make check   format, lint, types, layering"

run: setup
	@$(BIN)/citywall run

test: setup test-packages
	@$(BIN)/pytest --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

bench: setup
	@set -e; for bench in benchmarks/bench_*.py; do \
		[ -e "$$bench" ] || continue; echo "== $$bench"; $(BIN)/python "$$bench"; done

check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# --- set-up: each stamp is made once, and again only when what it stands for has changed -------------------------

setup: $(VENV)/.synced

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "CityWall needs Python 3.11 or newer as '$(PYTHON)'. Install it, or name one: make PYTHON=python3.12 …" >&2; \
		exit 2; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo "'$(PYTHON) -m venv' failed. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }
	@$(BIN)/python -m pip install -qq 'uv>=0.9,<1'
	@touch $@

$(VENV)/.synced: $(VENV)/.made requirements.lock pyproject.toml
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements.lock
	@rm -rf *.egg-info  # an older one would go on saying what the project needed then
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

test-packages:
	@bash tests/system_packages.sh

lock: $(VENV)/.made
	@$(BIN)/uv pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --no-annotate \
		--quiet -o requirements.lock

clean:
	@rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
