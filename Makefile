# `make demo` sets everything up and runs the main job; `make test` sets everything up and runs the tests.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test test-oldest check setup setup-test apt clean bench-gazetteer bench-belief bench-scale bench-faults bench-map bench-inference bench-reading notebooks

demo: $(VENV)/.run
	$(BIN)/geoinfer demo --out demo-out
	@echo "open demo-out/*/map.html in a browser; no network is needed"

test: apt $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile

# The shipped gazetteer, and one built from real data where that lies beside the project; some fifteen minutes.
DATA := ../shared/data
bench-gazetteer: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --editable ".[data]"
	$(BIN)/python benchmarks/gazetteer_lookup.py
	@if [ -d $(DATA) ]; then mkdir -p build && $(BIN)/gazetteer build $(DATA)/geonames_*.zip $(DATA)/wof_*.tsv \
		--output build/full.zip && $(BIN)/python benchmarks/gazetteer_lookup.py --brutes 100 --gazetteer build/full.zip; \
	else echo "$(DATA) is not there: a built gazetteer is not measured"; fi

# Some 45 minutes on two idle cores: 2,000 simulated cases without and 2,000 with misleading photos, trials of one kind of
# evidence, the belief without each rule, known signs. It goes on where it was stopped. The rules were tuned on other seeds.
LAB := $(BIN)/python -m geoinfer.lab --seed 2029 --jobs 2
bench-belief: $(VENV)/.run
	$(LAB) --cases 2000
	$(LAB) --cases 2000 --misleading 0.2
	$(LAB) --cases 200 --task "two distances" --exact
	$(LAB) --cases 200 --task "two distances"
	$(LAB) --cases 200 --task "one behind the other"
	$(LAB) --cases 30 --task ablation
	$(BIN)/python -m geoinfer.lab.known

# Needs fonts that training never sees (Debian: fonts-play fonts-crosextra-carlito fonts-jura fonts-oldstandard
# fonts-open-sans); real photographs are read too where ../shared/photos is. BENCH="--sample 3 --scenes 5" is a short run.
bench-reading: apt $(VENV)/.test
	$(BIN)/python -m pip install --quiet "fonttools>=4.50"
	$(BIN)/python -m geoinfer.bench.reading $(BENCH)

setup: $(VENV)/.run
setup-test: apt $(VENV)/.test

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	@touch $@ $(VENV)/.run

# Tesseract and Chromium are wanted by some tests only; where they cannot be installed those tests are skipped and say so.
APT := tesseract-ocr tesseract-ocr-ukr tesseract-ocr-rus tesseract-ocr-bel chromium
apt:
	@if command -v tesseract >/dev/null && tesseract --list-langs 2>&1 | grep -q bel && command -v chromium >/dev/null; then :; \
	elif ! command -v apt-get >/dev/null; then echo "no apt-get here: tests that need Tesseract or Chromium will be skipped"; \
	elif [ "$$(id -u)" = 0 ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(APT) >/dev/null || \
		echo "apt-get failed: tests that need Tesseract or Chromium will be skipped"; \
	else sudo -n apt-get update -qq && sudo -n DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(APT) >/dev/null || \
		echo "apt-get needs root: tests that need Tesseract or Chromium will be skipped"; fi

# Ten thousand photos, two Dask workers and twenty pulled plugs; an hour on two cores. Fewer: make bench-scale PHOTOS=1000
PHOTOS ?= 10000
bench-scale: $(VENV)/.test
	$(BIN)/python benchmarks/scale.py --photos $(PHOTOS)

bench-inference: $(VENV)/.run
	$(BIN)/python benchmarks/inference_speed.py

bench-map: apt $(VENV)/.test
	$(BIN)/python benchmarks/map.py

bench-faults: $(VENV)/.test
	$(BIN)/python benchmarks/faults.py

# The tests with the oldest releases that pyproject.toml allows of everything that it names; some eight minutes. TESTS=tests/test_cli.py
# runs a part. Old releases warn of what they would do otherwise today, so warnings are no errors here.
# They have wheels for Python 3.11, the oldest that is supported; of newer ones some would have to be compiled.
OLDEST := .venv-oldest
OLDEST_PYTHON ?= $(shell python3.11 -c '' 2>/dev/null && echo python3.11 || echo $(PYTHON))
TESTS ?=
test-oldest: $(OLDEST)/.test
	$(OLDEST)/bin/python -m pytest -W default -p no:cacheprovider $(TESTS)

$(OLDEST)/.test: pyproject.toml
	$(OLDEST_PYTHON) -m venv --clear $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet "uv>=0.4"
	$(OLDEST)/bin/uv pip install --quiet --python $(OLDEST)/bin/python --resolution lowest-direct --editable ".[test]"
	@touch $@

# Run the notebooks and keep what they show, small and without paths; some three minutes.
notebooks: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --editable ".[notebooks]"
	$(BIN)/python notebooks/render.py

clean:
	rm -rf $(VENV) $(OLDEST) demo-out
