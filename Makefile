# Everything runs from .venv; `make install` makes it from pinned, hashed requirements.
# Another interpreter: make PYTHON=python3.12 install. Tests in one process: make JOBS=0 test

SHELL := /bin/bash
PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
CATALOGUES := $(wildcard platform/sitecluster/locale/*/LC_MESSAGES/*.po)
PLUGINS := $(wildcard plugins/*/pyproject.toml)
CODE := $(wildcard manage.py platform tenants plugins tests bench demo)
TEMPLATES := $(wildcard themes platform/sitecluster/*/templates tenants/templates \
  plugins/*/*/templates)

.DEFAULT_GOAL := help
.PHONY: help install demo test lint lint-code lint-types lint-imports lint-templates lint-project \
  format bench messages pins browser

help: ## say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

install: .venv/.packages .venv/.project .venv/.catalogues ## make .venv with the pinned packages

.venv/.python: deploy/check-python
	@bash deploy/check-python "$(PYTHON)"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.packages: .venv/.python requirements-dev.txt
	@echo "Installing the pinned packages into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r requirements-dev.txt
	@touch $@

.venv/.project: .venv/.packages pyproject.toml $(PLUGINS)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation \
	  --no-deps --editable . $(PLUGINS:%/pyproject.toml=--editable ./%)
	@touch $@

.venv/.catalogues: .venv/.project $(CATALOGUES)
	@$(BIN)/python -m sitecluster.project.catalogues
	@touch $@

demo: install ## a county's 44 sites on this machine
	@$(BIN)/python manage.py demo

test: install browser ## unit, integration and browser tests
	@$(BIN)/python -m pytest --numprocesses=$(JOBS) $(ARGS)

browser: install ## the browser of the browser tests
	@bash deploy/ensure-browser

lint: lint-code lint-types lint-imports lint-templates lint-project ## every check (make -k lint: all at once)

lint-code: install
	@$(BIN)/ruff check --quiet $(CODE)
	@$(BIN)/ruff format --check --quiet $(CODE)

lint-types: install
	@$(BIN)/mypy $(CODE)

lint-imports: install
	@$(BIN)/lint-imports --no-logo

lint-templates: install
	@$(BIN)/djlint --lint --quiet $(TEMPLATES)

lint-project: install
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python manage.py settings_table --check
	@$(BIN)/python manage.py catalogues --check

format: install ## let ruff write what it can
	@$(BIN)/ruff check --fix --quiet $(CODE); $(BIN)/ruff format --quiet $(CODE)

bench: install ## measure; prints the figures that docs/ quotes
	@$(BIN)/python -m bench $(ARGS)

messages: install ## collect the screens' texts into the catalogues (needs gettext)
	@$(BIN)/python manage.py catalogues --collect
	@$(BIN)/python manage.py catalogues --compile

pins: install ## renew requirements*.txt from pyproject.toml (needs uv; UPGRADE=--upgrade for newer)
	@uv pip compile pyproject.toml --group build $(PINS) --output-file requirements.txt
	@uv pip compile pyproject.toml --group build --group dev $(PINS) --output-file requirements-dev.txt

PINS = --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet $(UPGRADE)
