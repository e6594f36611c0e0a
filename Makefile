# Clewline. `make run` needs Python 3.11 or newer with pip, and nothing else; `make help` lists the rest.

PYTHON ?= python3
export PYTHON
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run install test check format conformance sabotage eval-live bench e2e clean

help: ## This list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 24

run: ## Install, prepare the database, load demo data once, and serve on PORT (default 8000)
	@scripts/install.sh run
	@exec $(BIN)/python manage.py serve --prepare $(ARGS)

install: ## Everything that tests and checks need
	@scripts/install.sh dev

test: ## All tests; those that miss PostgreSQL, Redis, Chromium or Node say so. ARGS="-k word" runs some
	@scripts/install.sh test
	@scripts/test.sh $(ARGS)

check: ## Lint, types, import contracts, migrations, deployment check, templates, scripts
	@scripts/install.sh dev
	@scripts/check.sh

format: ## Format Python and templates
	@scripts/install.sh dev
	@$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format .
	@git ls-files -co --exclude-standard 'templates/*.html' | xargs -r $(BIN)/djade --target-version 5.2 || true

conformance: ## The public Durable Streams suite, on SQLite and on PostgreSQL
	@scripts/install.sh test
	@tests/conformance/run.sh $(ARGS)

sabotage: ## Break each promise on purpose and see its test fail
	@scripts/install.sh test
	@$(BIN)/python tests/sabotage/run.py $(ARGS)

eval-live: ## Evaluate the shipped skills against Claude, for at most CLEWLINE_EVAL_BUDGET dollars. ARGS="call-prep" runs some
	@scripts/install.sh run
	@CLEWLINE_DATA_DIR=$${CLEWLINE_EVAL_DATA_DIR:-.clewline/evals} $(BIN)/python manage.py evals live --prepare $(ARGS)

bench: ## Measure (some minutes; PostgreSQL, Redis and Node)
	@scripts/install.sh test
	@tests/bench/run.sh $(ARGS)

e2e: ## The browser tests alone
	@scripts/install.sh test
	@$(BIN)/pytest -m browser $(ARGS)

clean: ## Remove what was installed and built; data in .clewline stays
	rm -rf .venv .tools staticfiles tests/js/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
