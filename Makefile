# make run    the system, on an SQLite database under var/, with a demo branch
# make demo   the same, with visitors and desks that go on by themselves
# make test   every test; make soak: the model layer beside its reference model, 200,000 presses long (about an hour)
# make bench  speed, each figure beside its physical limit (docs/performance.md)
# make chaos  a whole site set on fire, in about ten minutes (docs/chaos.md)
# make check: lint, types, imports, migrations, settings, translations, known vulnerabilities
PYTHON ?= python3
BIN := .venv/bin
DJANGO := $(BIN)/python manage.py

.DEFAULT_GOAL := run
.PHONY: run demo test soak bench chaos check pictures runtime dev

run: runtime
	@DEBUG=true exec $(DJANGO) serve

demo: runtime
	@DEBUG=true exec $(DJANGO) serve --with-life

test: dev
	@$(BIN)/python -m tests.stack

soak: dev
	@SOAK=$(or $(PRESSES),200000) DEBUG=true $(BIN)/python -m pytest tests/queues/test_machine.py -p no:cacheprovider -q -s

bench: dev
	@$(BIN)/python -m bench

chaos: dev
	@$(BIN)/python -m bench.chaos

pictures: dev
	@$(BIN)/python -m tests.pictures

# What is quick to fail comes first.
check: export DEBUG = true
check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(DJANGO) check_translations
	$(DJANGO) makemigrations --check --dry-run
	@echo "check --deploy, as in production"
	@env -u DEBUG PUBLIC_URL=https://queue.example.fi ALLOWED_HOSTS=queue.example.fi \
		SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
		$(DJANGO) check --deploy --fail-level WARNING
	$(BIN)/mypy .
	$(BIN)/python -m tests.audit

runtime:
	@$(PYTHON) queuesite/bootstrap.py runtime

dev:
	@$(PYTHON) queuesite/bootstrap.py dev
