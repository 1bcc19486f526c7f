# Everything a person types. `make` alone lists it.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export LOG_FORMAT ?= human
UV_COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: help
help: ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 15

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
	$(BIN)/pytest -m "not cluster"

# Programs that the tests run, and the Debian packages they are in.
PARTS := mariadbd:mariadb-server node:nodejs npm:npm wrk:wrk chromium:chromium

.PHONY: parts
parts: ## install the Debian packages whose programs the tests run (needs root)
	@for part in $(PARTS); do command -v "$${part%%:*}" > /dev/null || missing="$$missing $${part##*:}"; done; \
		[ -z "$$missing" ] || { apt-get update --quiet --quiet && \
		DEBIAN_FRONTEND=noninteractive apt-get install --quiet --quiet --yes $$missing; }

CLUSTER_PACKAGES := containerd runc containernetworking-plugins buildah debootstrap iproute2 iptables nftables \
	conntrack openssl gcc libc6-dev util-linux busybox-static

.PHONY: cluster-parts
cluster-parts: ## install the Debian packages that the local cluster and the images need (needs root)
	@dpkg-query --show $(CLUSTER_PACKAGES) > /dev/null 2>&1 || { apt-get update --quiet --quiet && \
		DEBIAN_FRONTEND=noninteractive apt-get install --quiet --quiet --yes $(CLUSTER_PACKAGES); }

.PHONY: cluster-up
cluster-up: .venv/installed ## start a real Kubernetes cluster on this machine, without Docker (needs root)
	@$(BIN)/python -m tests.cluster up

.PHONY: cluster-down
cluster-down: .venv/installed ## take that cluster away (PURGE=1: with all it held)
	@$(BIN)/python -m tests.cluster down $(if $(PURGE),--purge)

.PHONY: cluster-load
cluster-load: images ## give that cluster the images
	@$(BIN)/python -m tests.cluster load $$($(BIN)/python -m tests.images paths)

.PHONY: images
images: .venv/installed ## build the images that have changed: with Docker where it answers, else with buildah (needs root)
	@$(BIN)/python -m tests.images build

.PHONY: e2e
e2e: .venv/bench-installed ## the whole story and the table of faults on a real cluster: KUBECONFIG's, else kind's where Docker answers, else our own
	$(BIN)/pytest tests/e2e

.PHONY: test-parts
test-parts: .venv/bench-installed ## test that cluster and the images themselves (needs root)
	$(BIN)/pytest -m cluster tests/cluster tests/images

.PHONY: lint
lint: .venv/installed ## check style, types, the direction of imports, and the chart
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy scripts/image/*.py
	$(BIN)/lint-imports
	@$(BIN)/python -m tests.chart

.PHONY: format
format: .venv/installed ## put the code into the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: screenshots
screenshots: .venv/installed ## take the pictures of the console in docs/console
	@$(BIN)/python -m tests.browser.screenshots

.PHONY: bench-quality
bench-quality: .venv/bench-installed ## measure what each recipe is worth on a real and a generated shop (docs/recommendations.md)
	$(BIN)/python -m benchmarks.quality
	$(BIN)/python -m benchmarks.coming_back

.PHONY: bench
bench: .venv/bench-installed ## measure the trainer and its parts next to their peers (docs/benchmarks.md), an hour and a half
	for part in completejourney kernel limit guard extraction whole_run; do \
		$(BIN)/python -m benchmarks.$$part || exit 1; \
	done

.PHONY: bench-gate
bench-gate: .venv/bench-installed ## try the gate on bad data and on a hundred honest nights of two shops
	$(BIN)/python -m benchmarks.gate

.PHONY: bench-serving
bench-serving: .venv/installed ## measure the API next to what its server allows (docs/benchmarks.md), and its memory
	$(BIN)/python -m benchmarks.serving

.PHONY: bench-distributed
bench-distributed: .venv/installed ## measure whole runs with Dask's workers next to threads, and check the cost model (docs/scaling.md), an hour
	$(BIN)/python -m benchmarks.distributed --check
	$(BIN)/python -m benchmarks.scaling

.PHONY: faults
faults: .venv/bench-installed ## kill runs at a sample of their calls, fail calls, and damage what is stored
	$(BIN)/python -m tests.faults
	$(BIN)/python -m tests.faults.damage

.PHONY: lock
lock: ## renew requirements/*.txt from pyproject.toml (UPGRADE=1 for newer versions)
	$(UV_COMPILE) --extra dev $(if $(UPGRADE),--upgrade) -o requirements/dev.txt
	for extra in trainer api bench; do \
		$(UV_COMPILE) --extra $$extra --constraint requirements/dev.txt -o requirements/$$extra.txt; \
	done
