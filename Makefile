# Two commands do all set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3.11
BIN := .venv/bin
STAMP := .venv/.complete

.PHONY: setup demo test check pytest bench edge fuzz docs dist clean

setup: $(STAMP)

# The stamp is written last, so an interrupted installation is made again.
$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	$(BIN)/uv pip install --python $(BIN)/python --compile-bytecode --constraint constraints.txt --editable '.[networks,site,onnx,drive]' --group dev
	$(BIN)/python -P -m df8k.warm
	@touch $@

demo: setup
	$(BIN)/df8k demo --out demo

test: check pytest

check: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# One thread a worker: two workers that each start two threads of every library slow each other down.
pytest: setup
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadscope

# Processor time against named peers, and what moved since it was kept; two minutes, for a fairly quiet machine.
bench: setup
	$(BIN)/python -m benchmarks.guard

# The documentation site: open build/docs/site/index.html.
docs: setup
	$(BIN)/python -P docs/site.py build/docs

# The page that fills in the browser, from edge/ to leaderboard/edge/app, which ships; nothing else needs node.
edge: setup
	cd edge && npm ci && npm test && npm run build
	$(BIN)/python -P -m df8k.leaderboard.edge.assets

# Wheel and source archive in dist/, as a release publishes them.
dist: setup
	$(BIN)/uv build --quiet --out-dir dist

# A hundred thousand mutated files, in an hour or more; see docs/security.md.
fuzz: setup
	OMP_NUM_THREADS=1 $(BIN)/python tests/fuzz/run.py --count 100000 --report fuzz.json

clean:
	rm -rf .venv demo dist build .mypy_cache .pytest_cache .ruff_cache
