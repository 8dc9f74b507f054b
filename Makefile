# The two commands of the README, and the longer ones.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo test lint docs oracle fuzz toys bench clean

# What an analysis needs, which is all that the demo needs.
$(VENV)/.usable: setup.cfg pyproject.toml
	@echo "installing hzdsl into $(VENV) (about a minute)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

# What tests, linters and documentation need besides.
$(VENV)/.installed: $(VENV)/.usable
	@echo "installing what the tests need into $(VENV) (some minutes)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test,lint]'
	touch $@

$(VENV)/.oracle: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[oracle]'
	touch $@

docs: $(VENV)/.installed   ## the pages that follow from declarations, and the messages shown in them
	$(BIN)/python -m docs.generate

demo: $(VENV)/.usable   ## generate events, select four leptons, draw the stack
	$(BIN)/hzdsl demo -o demo-output

test: $(VENV)/.installed   ## the ordinary suite
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

lint: $(VENV)/.installed   ## formatting, linting, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

oracle: $(VENV)/.oracle    ## real ROOT, interpreter and compiled code on fresh random events (seeds printed)
	$(BIN)/python -m tests.oracle.fresh

fuzz: $(VENV)/.installed   ## 20 000 random programs, an hour at most: both backends and plain Python (FUZZ="--seed N" repeats)
	$(BIN)/python -m tests.fuzz --programs 20000 --minutes 60 $(FUZZ)

toys: $(VENV)/.installed   ## coverage of intervals: 1000 toys of three models, 500 samples of candidates; some minutes
	$(BIN)/python -m tests.toys

bench: $(VENV)/.oracle     ## everything in benchmarks/README.md, an hour: ROOT, awkward and both backends side by side
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python benchmarks/df103.py --root-python $(BIN)/python
	$(BIN)/python benchmarks/slope.py --root-python $(BIN)/python
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/adl.py --root-python $(BIN)/python
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/kernels.py
	$(BIN)/python benchmarks/variations.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/likelihoods.py
	$(BIN)/python benchmarks/many_files.py --root-python $(BIN)/python

clean:
	rm -rf $(VENV) demo-output build *.egg-info
