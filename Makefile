# `make demo` and `make test` are all that a newcomer needs: each makes .venv itself.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Compiled modules start in a third of the time; some environments switch them off.
export PYTHONDONTWRITEBYTECODE =
INSTALLED := $(VENV)/.installed
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# A control plane for tests. Nobody else needs Go.
GO ?= go
CONTROLPLANE := .build/controlplane
KUBERNETES := $(shell sed -n 's/^\tk8s.io\/kubernetes //p' tests/controlplane/go.mod)
VERSION := k8s.io/component-base/version
SOURCES := $(wildcard tests/controlplane/go.* tests/controlplane/cmd/*/*.go)

.PHONY: help demo test controlplane check format lock soak kill-sweep bench example docs clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Drillmaster needs Python 3.11 or newer; try make PYTHON=python3.13"; exit 1; }
	@echo "Setting up $(VENV) with what requirements.lock lists (once, a minute or two) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

demo: $(INSTALLED) ## Run a real drill on the embedded sandbox
	@$(BIN)/drillmaster run drills/checkout-degraded.yaml
	@echo
	@echo "Open that report in a browser. Then be the secondary yourself:"
	@echo "  $(BIN)/drillmaster run drills/checkout-degraded.yaml --responder me"
	@echo "or begin a drill of your own:"
	@echo "  $(BIN)/drillmaster init our-drills"

test: $(INSTALLED) ## Run the tests
	@$(BIN)/python -m pytest -q -n 3 --dist loadscope --no-loadscope-reorder -m 'not soak'
	@echo "All tests passed. Next: make demo; README.md says what else there is."

controlplane: $(CONTROLPLANE)/kubectl ## Build a Kubernetes for the tests that need one (Go)
	@echo "Kubernetes $(KUBERNETES) is built; make test takes it from $(CONTROLPLANE)."

# One call builds both programs. Their version is set as in any build of Kubernetes.
$(CONTROLPLANE)/kubectl: $(SOURCES)
	@command -v $(GO) >/dev/null \
	  || { echo "make controlplane needs Go 1.26 or newer; the other tests do without."; exit 1; }
	@echo "Building Kubernetes $(KUBERNETES) for tests (the first time 8 to 15 minutes, then seconds) ..."
	@cd tests/controlplane && CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false \
	  -ldflags "-s -w -X $(VERSION).gitVersion=$(KUBERNETES) -X $(VERSION).gitMajor=1 \
	    -X $(VERSION).gitMinor=$(word 2,$(subst ., ,$(KUBERNETES)))" \
	  -o ../../$(CONTROLPLANE)/ ./cmd/...
	@touch $@

soak: $(INSTALLED) ## Run the long sweeps as a whole (hours)
	@$(BIN)/python -m pytest -q -m soak --timeout 0

kill-sweep: $(INSTALLED) ## Kill drills in every way, and print how soon all was undone (hours)
	@$(BIN)/python -m tests.support.sweep

bench: $(INSTALLED) ## Measure, beside Chaos Toolkit, and print figures and goals (minutes)
	@$(BIN)/python -m tests.bench

check: $(INSTALLED) ## Lint, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(INSTALLED) ## Format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

example: $(INSTALLED) ## Write reports/example and its picture from one real run
	@$(BIN)/python -m tests.support.example

docs: $(INSTALLED) ## Write the tables of docs/ that come from the code
	@$(BIN)/python -m drillmaster.definitions.reference docs/definitions.md
	@$(BIN)/python -m tests.support.cli_page

lock: ## Lock the dependencies (needs uv)
	@uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 pyproject.toml --group dev --all-extras -o requirements.lock

clean: ## Remove what was built
	@rm -rf $(VENV) .build build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
