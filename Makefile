# Every task of the project. `make help` lists them.
# Only package registries are reached, and only by `make setup`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := .tools/bin/uv
BIN := .venv/bin
UV_VERSION := 0.13.9
# Package indexes are trusted by the machine's own certificates, as pip does: some networks have one of their own.
export UV_SYSTEM_CERTS := true
# Everything a checkout's commands write lies here; one variable moves it.
export OPENCONSULAR_STATE ?= $(CURDIR)/.state

.PHONY: help setup demo stop test test-debian check format bench docs lock messages clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: .venv/.ready .state/assets.ready ## prepare .venv, the front end and, as root on Debian, Chromium
	@$(BIN)/python tools/browser.py

.tools/.ready: Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.ready: .tools/.ready requirements/dev.txt requirements/rivals.txt pyproject.toml
	@echo "installing Python packages ..."
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv
	@VIRTUAL_ENV=$(CURDIR)/.venv $(UV) pip sync --quiet --require-hashes requirements/dev.txt
	@VIRTUAL_ENV=$(CURDIR)/.venv $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@VIRTUAL_ENV=$(CURDIR)/.venv $(UV) pip install --quiet --no-deps --require-hashes --target .venv/rivals --requirement requirements/rivals.txt
	@touch $@

.state/assets.ready: .venv/.ready $(wildcard frontend/* frontend/*/* package.json package-lock.json src/openconsular/locale/*/LC_MESSAGES/*.po)
	@echo "building the front end and the translations ..."
	@mkdir -p .state
	@$(BIN)/python tools/assets.py
	@touch $@

demo: setup ## run the main job on 100,000 synthetic citizens and leave the site up
	@$(BIN)/openconsular demo

stop: ## end a demonstration that runs in the background
	@$(BIN)/openconsular demo --stop

test: setup ## run checks and the whole test suite
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

test-debian: setup ## run the suite on Debian's PostgreSQL, where it is installed
	@$(BIN)/python tools/with_debian_postgres.py $(BIN)/python -m pytest -n 2 --dist loadgroup -m "not browser and not slow"

check: setup ## format, lint, types, import rules, migrations and translations in step
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-cache | tail -n 3
	@$(BIN)/mypy
	@$(BIN)/openconsular makemigrations --check --dry-run
	@$(BIN)/python tools/messages.py --check

format: setup ## format the code and mend what the linter can
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

lock: .tools/.ready ## pin the dependencies anew
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml -o requirements/runtime.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml requirements/dev.in -o requirements/dev.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" requirements/rivals.in -o requirements/rivals.txt

messages: setup ## gather the texts to translate into the catalogues
	@$(BIN)/python tools/messages.py

bench: setup ## run every benchmark beside its rival, at full size (minutes)
	@for name in match fanout certificates; do $(BIN)/python -m bench.$$name; done

docs: setup ## check the documentation and build it as HTML in .state/docs
	@$(BIN)/python tools/docs.py

clean: ## remove everything that was built or installed, but not the state
	@rm -rf .venv .tools node_modules src/openconsular/web/static/dist src/openconsular/web/collected .state/assets.ready
