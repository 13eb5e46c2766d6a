# One command a task. `make help` lists them. Everything sets itself up; nothing but Python 3.11 or newer is needed first.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA_DIR ?= .data
P ?=
export DATA_DIR

.PHONY: help run dev stop logs health setup setup-test test test-fast promises planted soak lint types arch fmt bench guide db-revision db-check lock

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | awk -F '\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'

run: setup ## start the whole desk and print its address (Ctrl-C ends it)
	@exec $(BIN)/python -m sandbox run

dev: setup ## like run, and restart the processes when the code changes
	@exec $(BIN)/python -m sandbox run --reload

stop: ## end the desk that runs in DATA_DIR
	@if [ -x $(BIN)/python ]; then exec $(BIN)/python -m sandbox stop; else echo "Nothing runs: not set up yet."; fi

logs: ## follow the logs of the desk in DATA_DIR
	@exec tail -n 20 -F $(DATA_DIR)/logs/*.log

health: setup ## what the running desk says about its parts
	@exec $(BIN)/python -m sandbox health

setup: ## install what `run` needs (also called by run)
	@$(PYTHON) scripts/setup.py requirements.txt

setup-test: ## install what `test` needs (also called by test)
	@$(PYTHON) scripts/setup.py requirements-test.txt
	@sh scripts/system.sh

test: setup-test ## every check and test, with coverage
	@$(BIN)/python -m scripts.check

test-fast: setup-test ## the tests without coverage, promises and journeys; stops at the first failure
	@$(BIN)/python -m pytest -x -n 2 --ignore=tests/promises --ignore=tests/journeys

promises: setup-test ## the promises at their full figure (P=6 for one); appends to docs/promises.md
	@$(BIN)/python -m tests.promises promises $(P)

planted: setup-test ## every planted bug: bug, test, red
	@$(BIN)/python -m tests.planted $(P)

soak: setup-test ## the long figure of a promise (P=6), resumable
	@$(BIN)/python -m tests.promises soak $(P)

lint: setup-test ## ruff, import contracts, dependencies
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports && $(BIN)/deptry .

types: setup-test ## mypy, strict
	@$(BIN)/mypy

arch: setup-test ## the rules of the house that no tool knows
	@$(BIN)/python -m pytest tests/architecture

fmt: setup-test ## format the code
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: setup-test ## benchmarks beside their yardsticks; results in bench/results
	@for file in $$(grep -l '^if __name__' bench/*.py); do $(BIN)/python -m bench.$$(basename $$file .py) || exit 1; done

guide: setup-test ## the pictures of docs/guide anew (needs Chromium)
	@$(BIN)/python -m scripts.guide

db-revision: setup-test ## a new migration from the tables' difference: make db-revision M="what changes"
	@$(BIN)/alembic revision --autogenerate -m "$(M)"

db-check: setup-test ## do the migrations make exactly the tables of the code?
	@$(BIN)/alembic check

lock: ## pin the requirements anew, with hashes and without any host's name (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra sandbox pyproject.toml -o requirements.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra sandbox --group test pyproject.toml -o requirements-test.txt
