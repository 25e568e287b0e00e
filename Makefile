# make demo: the app with demo data. make test: every check. Both install what they need.
# make check: what changed, in a minute or so. make test-long: properties with many more examples.
PORT ?= 8000
INSTANCE ?= instance
PYTHON ?= python3
RUN = .venv/bin/python
AWAKE = $(PYTHON) tools/awake.py

.PHONY: demo test whole check test-long format messages lock bench screenshots

demo: .venv/demo.stamp
	@exec $(AWAKE) tools/setup.sh
	@exec $(AWAKE) $(RUN) -m tools.messages
	@exec $(AWAKE) $(RUN) -m learning.demo.serve --port "$(PORT)" --instance "$(INSTANCE)" $(if $(RESET),--reset)

test: .venv/test.stamp
	@tools/setup.sh test
	@$(MAKE) --no-print-directory whole

check: .venv/test.stamp
	@$(RUN) -m tools.check $(if $(SINCE),--since "$(SINCE)")

test-long: .venv/test.stamp
	$(RUN) -m pytest -n 2 --hypothesis-profile long $(shell grep -rl hypothesis tests --include='test_*.py')

whole:
	$(RUN) -m tools.messages --check
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(RUN) -m tools.markup --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(RUN) -m pytest -n 2 --dist loadgroup

format:
	.venv/bin/ruff format .
	$(RUN) -m tools.markup

messages:
	$(RUN) -m tools.messages --check

lock:
	$(RUN) -m tools.lock

bench: .venv/test.stamp
	$(RUN) -m bench.run

screenshots: .venv/test.stamp
	$(RUN) -m tools.screenshots

.venv/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which one with make PYTHON=..." >&2; exit 1; }
	@echo "Making the virtual environment"
	@$(AWAKE) $(PYTHON) -m venv .venv || { echo "Python's venv module is missing; please install the package python3-venv." >&2; exit 1; }
	@touch $@

.venv/demo.stamp: .venv/made.stamp requirements.lock
	@echo "Installing the packages"
	@exec $(AWAKE) $(RUN) -m tools.install requirements.lock
	@touch $@

.venv/test.stamp: .venv/demo.stamp requirements-test.lock
	@echo "Installing the packages of the tests"
	@exec $(AWAKE) $(RUN) -m tools.install requirements-test.lock
	@touch $@
