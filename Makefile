# Everything a person types. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PACKAGES := api model monitor registry runtime trainer
UV_COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: help
help: ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 16

.venv/installed: requirements/dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: lock
lock: ## renew requirements/*.txt from pyproject.toml (UPGRADE=1 for newer versions)
	$(UV_COMPILE) --extra dev $(if $(UPGRADE),--upgrade) -o requirements/dev.txt
	for extra in trainer api bench; do \
		$(UV_COMPILE) --extra $$extra --constraint requirements/dev.txt -o requirements/$$extra.txt; \
	done
