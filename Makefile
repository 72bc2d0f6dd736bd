# Every target sets up what it needs: `make demo` on a machine with Python 3.11 and make is enough.
# PYTHON chooses the interpreter of the virtual environment, for example `make test PYTHON=python3.12`.

# CONFORMANCE names a directory with the specification's examples, when there is one (see docs/design/conformance.md).

PYTHON ?= python3
CONFORMANCE ?= ../shared/conformance
export CONFORMANCE := $(abspath $(CONFORMANCE))
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format reference integration conformance bench clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*  ## \(.*\)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r target purpose; do \
	    printf 'make %-12s %s\n' "$$target" "$$purpose"; done

$(READY): pyproject.toml scripts/environment
	@scripts/environment "$(PYTHON)" "$(VENV)"
	@touch $@

setup: $(READY)  ## make the virtual environment .venv with all dependencies

demo: $(READY)  ## run the sequencing quality workflow of examples/ on this computer, without containers
	@$(BIN)/sprocket run examples/quality/quality.wdl @examples/quality/inputs.json --backend local --output-dir .demo

test: $(READY)  ## run the tests that need nothing but Python and the usual Unix tools
	@$(BIN)/pytest -n 2 --dist worksteal -m "not integration"

check: $(READY)  ## lint, format, types, and the one-way rule between rooms
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)  ## rewrite the Python files the way `make check` wants them
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

reference: $(READY)  ## rewrite the generated pages of docs/reference
	@$(BIN)/python -m scripts.reference

integration: $(READY)  ## run the tests against real components (a Docker Engine, ...)
	@$(BIN)/pytest -m integration

conformance: $(READY)  ## run conformance cases: DIR=... BACKEND=local JOBS=2 VERSION=1.2, each of them optional
	@$(BIN)/python -m tests.conformance $(or $(DIR),$(CONFORMANCE)) --backend $(or $(BACKEND),local) \
	    $(if $(JOBS),--jobs $(JOBS)) $(if $(VERSION),--version $(VERSION))

bench: $(READY)  ## run the fast benchmarks
	@$(BIN)/python -m benchmarks

clean:  ## remove the virtual environment and everything the other targets made
	rm -rf $(VENV) .demo .integration .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .fuzz
	find src tests benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} +
