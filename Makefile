# `make help` lists what there is. `make run` and `make test` need only Python 3.11 and make.
.DEFAULT_GOAL := help
.PHONY: help run test postgres lint types imports js pytest fix strings docs bundles pictures bench chaos examples check

export PYTHON
# whatever the shell says: what is compiled is kept, or each of a hundred processes of a run compiles all of it anew
unexport PYTHONDONTWRITEBYTECODE
PY := .venv/bin/python
SETUP := @sh .ci/setup.sh
JS_TESTS = $(wildcard tests/js/*.test.js tests/js/*/*.test.js)

help: ## List these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-8s %s\n' "$$name" "$$what"; done

# twice as many as cores: real processes and browsers wait much of their time
SIDE_BY_SIDE = -n $$(( 2 * $$($(PY) -c 'import os; print(os.cpu_count() or 1)') )) --dist loadgroup

run: ## Run Notalone with demo data at http://127.0.0.1:8000/ (another port: make run PORT=8001)
	@sh .ci/setup.sh run && exec $(PY) -m notalone.run

test: ## Run every check and every test
	$(SETUP) test
	@$(MAKE) --no-print-directory -j2 lint types imports js
	@$(MAKE) --no-print-directory pytest

lint: ## Look for mistakes and uneven style
	$(SETUP) test
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m djlint --quiet --lint templates

types: ## Check the types
	$(SETUP) test
	NOTALONE_DEMO=1 $(PY) -m mypy

imports:
	$(SETUP) test
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

js:
	$(SETUP) test
	$(if $(JS_TESTS),node --test $(JS_TESTS),@echo 'no tests in tests/js')

POSTGRES_TESTS = tests/actions tests/chat tests/staff tests/faults

pytest: # all on SQLite, then on PostgreSQL what reads and writes rows (make postgres: everything that does)
	$(SETUP) test
	$(PY) -m pytest $(SIDE_BY_SIDE)
	TEST_DATABASE=postgres $(PY) -m pytest $(SIDE_BY_SIDE) -m 'not any_database' $(POSTGRES_TESTS)

postgres: ## Run on PostgreSQL every test that speaks to the database
	$(SETUP) test
	TEST_DATABASE=postgres $(PY) -m pytest $(SIDE_BY_SIDE)

fix: ## Mend the style of the code
	$(SETUP) test
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

strings: ## Gather the sentences to translate, and compile the catalogues
	$(SETUP) test
	NOTALONE_DEMO=1 $(PY) manage.py makemessages --all --no-obsolete --add-location file -i tests -i bench -i staff
	NOTALONE_DEMO=1 $(PY) manage.py makestaffmessages -l en --no-obsolete --add-location file
	NOTALONE_DEMO=1 $(PY) manage.py compilemessages

docs: ## Write the generated documents anew
	$(SETUP) test
	NOTALONE_DEMO=1 $(PY) manage.py write_protocol_docs

bundles: ## Bundle the visitor's scripts and styles anew (the one thing that needs npm)
	$(SETUP) run
	npm ci --ignore-scripts --no-audit --no-fund --silent
	NOTALONE_DEMO=1 $(PY) manage.py write_bundles

pictures: ## Draw the pages anew for docs/pictures/
	$(SETUP) test
	$(PY) -m tests.e2e.pictures

bench: ## Measure (see bench/README.md)
	$(SETUP) test
	$(PY) -m bench

chaos: ## Lose no word through an evening of trouble: about ten minutes (see docs/reliability.md)
	$(SETUP) test
	$(PY) -m tests.chaos $(CHAOS)

EXAMPLES = 1000
BY_EXAMPLES = tests/rules tests/store/test_machine.py tests/ops/test_websocket_frames.py

examples: ## Try the rules and the queue on many more random examples than `make test` does (EXAMPLES=1000)
	$(SETUP) test
	TEST_EXAMPLES=$(EXAMPLES) $(PY) -m pytest $(SIDE_BY_SIDE) $(BY_EXAMPLES)

check: ## Check the settings of this environment for production
	$(SETUP) run
	$(PY) manage.py check --deploy
