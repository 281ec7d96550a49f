# make demo · test · setup · lint · web · lock · bench · conformance · clean
# Needs make and Python 3.11 or newer (PYTHON=... names one).  Each target does what it needs first, once.

SHELL := /bin/sh
BIN := .venv/bin
# Of demo: make demo PORT=8081 DATA=/srv/hookline TENANT=telecom
PORT ?=
DATA ?=
TENANT ?=
# Of conformance: make conformance SPECS=/srv/descriptions
SPECS ?=
# Of test: make test ARGS="-k ingest"
ARGS ?=
# A file's tests stay together (--dist loadfile): its servers, browsers and databases are made once.
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint web lock bench conformance clean

help:
	@echo 'make demo    everything set up, then the sample tenant on http://127.0.0.1:8080 (PORT= DATA= TENANT=)'
	@echo 'make test    linters and all tests (ARGS="-k name"); says at the end what this machine left out'
	@echo 'make setup   the set-up alone: .venv with the command .venv/bin/hookline'
	@echo 'make lint    ruff, mypy, tsc, hookline check'
	@echo 'make web     build the pages'
	@echo 'make lock    make the locks anew from the pyprojects (ARGS=--upgrade)'
	@echo 'make bench   the figures in the README'
	@echo 'make conformance SPECS=DIR   what we send against the published descriptions in DIR'
	@echo 'make clean   remove what was built; data stays'

setup:
	@sh scripts/setup.sh

demo:
	@sh scripts/setup.sh --run --once
	@exec $(BIN)/hookline demo $(if $(PORT),--port '$(PORT)') $(if $(DATA),--data '$(DATA)') $(if $(TENANT),--tenant '$(TENANT)')

lint:
	@sh scripts/setup.sh --once
	@$(BIN)/python scripts/lint.py

test: lint
	@sh scripts/npm.sh run --silent test
	@$(BIN)/python scripts/test.py -n $(JOBS) --dist loadfile $(ARGS)

web:
	@sh scripts/setup.sh --once --web

lock:
	@sh scripts/setup.sh --once
	@$(BIN)/python scripts/lock.py $(ARGS)

conformance:
	@sh scripts/setup.sh --once
	@$(BIN)/python tests/conformance/run.py '$(SPECS)'

bench:
	@sh scripts/setup.sh --once
	@$(BIN)/python bench $(ARGS)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dist node_modules */frontend/node_modules plugins/*/frontend/node_modules core/src/*/static plugins/*/src/*/static
	find core plugins tenants tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} +
