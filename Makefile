# Each target installs what it needs into .venv on first use; nothing has to be set up before.

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help compare serve test check format lint types layers docs bench clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt torch
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[all,dev]'
	touch $@

compare: .venv/installed  ## the paper's table on the bundled digits, with a report (ARGS=... adds options)
	$(BIN)/hdalr compare $(ARGS)

serve: .venv/installed  ## the page to write on, at http://127.0.0.1:8000/ (ARGS=... adds options)
	$(BIN)/hdalr serve $(ARGS)

test: .venv/installed  ## all tests that need no network, browser or data folder
	$(BIN)/python -m pytest $(ARGS)

check: lint types layers docs test  ## what has to hold before a change goes in

format: .venv/installed  ## bring the code into shape
	$(BIN)/ruff format src tests docs benchmarks
	$(BIN)/ruff check --fix src tests docs benchmarks

lint: .venv/installed  ## style
	$(BIN)/ruff format --check src tests docs benchmarks
	$(BIN)/ruff check src tests docs benchmarks

types: .venv/installed  ## static types
	$(BIN)/mypy

layers: .venv/installed  ## imports run downward only
	$(BIN)/lint-imports

docs: .venv/installed  ## the tables in the docs are those of the records
	$(BIN)/python docs/update_tables.py --check

bench: .venv/installed  ## seconds to 99.0 and 99.5 % on MNIST, beside the paper's CNN in the same run
	$(BIN)/python benchmarks/fast_training.py $(ARGS)

clean:  ## remove the environment and everything built
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache
