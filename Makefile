# Crafter. `make` alone explains itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PRODUCT := app.py gunicorn.conf.py cli.py data_folder.py defaults.py modes.py settings.py run.py web blueprints demo domain gateways jobs models oversight sandbox services tenancy
# What `make test` runs once more on PostgreSQL: isolation, presses, bulk, rounds, and the protocol at random.
ON_POSTGRES := $(addprefix tests/,isolation/test_fence.py isolation/test_neighbour.py isolation/test_two_tenants.py \
	isolation/test_behind_the_pages.py services/test_invoicing.py services/test_bulk.py \
	services/test_billing_plans.py services/test_claims.py cost/test_statements.py jobs stateful/test_postings.py)
# What make test measures the coverage of (pyproject.toml says why not all), and what make fast runs.
CORE := $(addprefix tests/,domain services gateways blueprints isolation oversight jobs demo backups) $(wildcard tests/test_*.py)
FAST := $(addprefix tests/,domain architecture services oversight) $(wildcard tests/test_*.py) \
	$(wildcard $(addsuffix *.py,$(addprefix tests/blueprints/test_,articles auth bulk errors planning relations start work_orders)))
MINUTES := instance/coverage/minutes
# Variables given on the command line reach the programs by themselves; their defaults stand in defaults.py.
# $(call install,FILE): the locked packages of FILE, and when that fails one line that says why and what now.
define install
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --retries 2 --require-hashes -r $(1) >$(VENV)/pip.log 2>&1 || { \
	if grep -qE 'Retrying|Max retries|ConnectionError|timed out|NameResolution' $(VENV)/pip.log; \
	then echo "Pakketten ophalen lukte niet: de pakketbron is niet bereikbaar. Is er netwerk? Typ het daarna opnieuw ($(VENV)/pip.log)."; \
	else echo "Pakketten installeren lukte niet: $$(grep -m1 ERROR $(VENV)/pip.log || tail -n 1 $(VENV)/pip.log) ($(VENV)/pip.log)"; fi; exit 1; }
	@touch $@
endef

.DEFAULT_GOAL := help
.PHONY: help run demo-reset test fast test-many test-postgres check words fix hooks model-check torture cluster failover mutants lock benchmark clean

help:  ## Show this help
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.run  ## Start portal, play bookkeeping and worker (PORT=8000 SANDBOX_PORT=8099 DATA=instance)
	@$(BIN)/python run.py

demo-reset: $(VENV)/.run  ## Throw away the demo's data; the next make run fills it afresh
	@$(BIN)/python run.py reset

test: $(VENV)/.dev  ## Install what the tests need, then run checks and the whole suite (T=tests/... for a part)
	@$(PYTHON) tests/install_programs.py
	@$(BIN)/python tests/fetch_htmx.py
ifdef T
	@$(BIN)/python -m pytest $(T)
else
	@mkdir -p instance/coverage && rm -f instance/coverage/* && date +%s >$(MINUTES)
	@$(MAKE) --no-print-directory check
	@MINUTES=$(MINUTES) $(BIN)/python -m coverage run -m pytest $(CORE)
	@MINUTES=$(MINUTES) $(BIN)/python -m pytest tests $(addprefix --ignore ,$(CORE) tests/architecture tests/commands)
	@MINUTES=$(MINUTES) $(BIN)/python -m pytest -q -n 0 tests/commands
	@MINUTES=$(MINUTES) $(BIN)/python -m pytest -q --database postgres $(ON_POSTGRES)
	@$(BIN)/python -m tests.minutes $(MINUTES)
endif

fast: $(VENV)/.dev  ## The tests worth running while typing: a minute at most
	@$(BIN)/python -m pytest -q -m "not slow and not postgres and not browser" $(FAST)

test-many: $(VENV)/.dev  ## The whole suite eleven times: idle, busy, shuffled, across midnight (hours; RUNS="idle-1 utc")
	@$(PYTHON) tests/install_programs.py
	@$(BIN)/python tests/fetch_htmx.py
	@$(BIN)/python -m tests.many $(RUNS)

test-postgres: $(VENV)/.dev  ## Everything that touches the database, on a real PostgreSQL (minutes)
	@$(PYTHON) tests/install_programs.py
	@$(BIN)/python tests/fetch_htmx.py
	@$(BIN)/python -m pytest --database postgres tests/blueprints tests/browser tests/demo tests/isolation tests/jobs \
		tests/postgres tests/services tests/stateful tests/test_*.py

check: $(VENV)/.dev  ## Linters, types, import order and the architecture tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/bandit -q -c pyproject.toml -r $(PRODUCT)
	@$(BIN)/python -m tests.audit_packages
	@$(BIN)/python -m tests.frontend.lint
	@$(BIN)/python -m pytest -q -n 0 tests/architecture

fix: $(VENV)/.dev  ## Mend what the linters can mend by themselves
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/python -m tests.frontend.lint --fix

hooks: $(VENV)/.dev  ## Let git run make check before every commit
	@PRE_COMMIT_HOME=$(VENV)/pre-commit $(BIN)/pre-commit install

model-check: $(VENV)/.dev  ## Visit every state of the posting protocol's model, larger bounds (minutes; WORLDS=1: few)
	@$(BIN)/python -m tests.model

torture: $(VENV)/.dev  ## Exactly once under 10,000 faults, long; ends with a table (FAULTS=10000 SEED=2026)
	@$(BIN)/python -m tests.torture

cluster: $(VENV)/.dev  ## Three nodes, two workers, PostgreSQL and Redis, killed while 2,000 orders are approved (ORDERS=2000)
	@$(PYTHON) tests/install_programs.py
	@$(BIN)/python -m tests.cluster

failover: $(VENV)/.dev  ## PostgreSQL's primary killed while 2,000 orders are approved, the standby takes over (ORDERS=2000)
	@$(PYTHON) tests/install_programs.py
	@$(BIN)/python -m tests.cluster failover

mutants: $(VENV)/.dev  ## Change the rules in small ways and tell what no test notices, 20 minutes (MUTANTS=300 SEED=2026; PART=domain: only those)
	@$(BIN)/python -m tests.mutants

words: $(VENV)/.dev  ## Read all texts anew into translations/, and list what waits for a translation
	@$(BIN)/python -m tests.support.words

lock:  ## Make the lock files anew from requirements*.in (needs uv)
	@command -v uv >/dev/null || { echo "make lock heeft uv nodig, en dat is er niet. Installeer het: pipx install uv"; exit 1; }
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements-dev.in -o requirements-dev.txt

benchmark: $(VENV)/.dev  ## Measure it all as ratios, half an hour and more on idle cores (SIZE=100000; KEEP=1: pictures for docs)
	@$(BIN)/python -m benchmarks.everything

clean:  ## Remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache static/vendor

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Python 3.11 of nieuwer is nodig; $(PYTHON) is $$($(PYTHON) --version 2>&1 | tail -n 1). Installeer een nieuwere en typ bijvoorbeeld: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
	echo "Een virtuele omgeving maken lukte niet: python3-venv ontbreekt. Installeer het: apt-get install python3-venv"; exit 1; }

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo "Pakketten installeren ..."
	$(call install,requirements.txt)

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Testpakketten installeren ..."
	$(call install,requirements-dev.txt)

.PHONY: check-wsdl check-clients
check-wsdl: $(VENV)/.dev  ## Hold the sandbox's WSDL against another one (REFERENCE=file); without it against our own type table
	@if [ -n "$(REFERENCE)" ]; then $(BIN)/python -m sandbox.compare_wsdl "$(REFERENCE)"; \
	else $(BIN)/python -m pytest -q -n 0 tests/sandbox/test_wsdl.py; fi

check-clients: $(VENV)/.dev  ## Let clients of others talk to a sandbox: eboekhouden-python, npm soap, PHP (where installed)
	@$(BIN)/python -m tests.sandbox.clients.check
