# Everything a person types. `make` alone lists it.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export LOG_FORMAT ?= human
UV_COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: help
help: ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 12

.venv/installed: requirements/dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

.venv/bench-installed: .venv/installed requirements/bench.txt
	$(BIN)/pip install --quiet --require-hashes -r requirements/bench.txt
	@touch $@

# Whatever .env says: the sample shop must never meet a real database or a real store.
run: export DATABASE_URL = sqlite:///var/shop.db
run: export STORE_URL = file://$(CURDIR)/var/store

.PHONY: run
run: .venv/installed ## train on the sample shop, report its health, and serve it in the background
	@$(BIN)/python -m trainer sample-shop
	@$(BIN)/python -m trainer
	@$(BIN)/python -m monitor --action health
	@scripts/local-api start

.PHONY: stop
stop: ## stop the API that `make run` started
	@scripts/local-api stop

.PHONY: test
test: .venv/bench-installed ## run the tests; parts that this machine lacks are skipped and named at the end
	$(BIN)/pytest

.PHONY: parts
parts: ## install the Debian packages whose programs the tests run (needs root)
	@command -v mariadbd > /dev/null || { apt-get update --quiet --quiet && \
		DEBIAN_FRONTEND=noninteractive apt-get install --quiet --quiet --yes mariadb-server; }

.PHONY: lint
lint: .venv/installed ## check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: .venv/installed ## put the code into the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: bench
bench: .venv/bench-installed ## measure the pipeline on 1.47 million real purchases from MariaDB
	$(BIN)/python -m benchmarks.completejourney

.PHONY: lock
lock: ## renew requirements/*.txt from pyproject.toml (UPGRADE=1 for newer versions)
	$(UV_COMPILE) --extra dev $(if $(UPGRADE),--upgrade) -o requirements/dev.txt
	for extra in trainer api bench; do \
		$(UV_COMPILE) --extra $$extra --constraint requirements/dev.txt -o requirements/$$extra.txt; \
	done
