# The two commands of the README: `make demo` and `make test`. The rest is for those who build.
PORT ?= 8000
VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin
VERBS = $(filter-out masthead/mail/%,$(wildcard masthead/*/*ing.py)) masthead/mail masthead/options.py masthead/worker.py
VNU = vnu-jar@26.9.27
# Debian's Python makes no pip inside an environment unless python3-venv is there; the system's own pip does then.
PIP = $$(test -x $(BIN)/pip && echo $(BIN)/python -m pip || echo $(PYTHON) -m pip --python $(BIN)/python) install --quiet --disable-pip-version-check
UV := $(shell command -v uv 2>/dev/null)

.PHONY: demo test check lock schema screenshots clean

demo: $(VENV)/.installed
	@$(BIN)/masthead demo --port $(PORT)

test: $(VENV)/.installed-tests
	@$(BIN)/python -m tests.run $(if $(DB),--db $(DB))

check: $(VENV)/.installed-tests
	$(BIN)/ruff check masthead tests benchmarks scripts
	$(BIN)/ruff format --check masthead tests benchmarks scripts
	$(BIN)/lint-imports
	$(BIN)/mypy $(VERBS)
	$(BIN)/python -m tests.migrations

# An environment from the lock, whose hashes pip and uv check.
$(VENV)/.installed: requirements.lock pyproject.toml
	@echo "Making an environment in $(VENV) and installing from the lock (a minute or two) …"
ifdef UV
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@$(BIN)/python -m compileall -q $(VENV)/lib
else
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || $(PYTHON) -m venv --clear --without-pip $(VENV)
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps -e .
endif
	@$(BIN)/python -m compileall -q masthead
	@touch $@

$(VENV)/.installed-tests: $(VENV)/.installed requirements-test.lock
	@echo "Installing what the tests need …"
ifdef UV
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-test.lock
else
	@$(PIP) --require-hashes -r requirements-test.lock
endif
	@if command -v npm >/dev/null && command -v java >/dev/null; then \
		npm install --prefix .checks --ignore-scripts --no-audit --no-fund --loglevel=error $(VNU) >/dev/null \
		|| echo "The HTML checker could not be installed, so its test is skipped."; fi
	@touch $@

# Write the locks anew: with hashes, without addresses. Needs uv.
lock:
	uv export --quiet --format requirements-txt --no-emit-project --no-default-groups -o requirements.lock
	uv export --quiet --format requirements-txt --no-emit-project --all-extras --group test -o requirements-test.lock
	rm -f uv.lock

schema: $(VENV)/.installed-tests
	$(BIN)/python -m tests.migrations --write

screenshots: $(VENV)/.installed-tests
	$(BIN)/python -m scripts.screenshot

clean:
	rm -rf $(VENV) .checks demo-site build *.egg-info
