# Two commands set riffscope up on a fresh machine with Python 3.11 or newer: `make demo` and `make test`.

# The newest Python of 3.11 or later that really starts: a version manager's stand-in may only say it is not installed.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
# Markers in the environment, renewed when the dependencies change: riffscope alone, and with what its developers need.
READY := $(VENV)/.ready
DEVELOPS := $(VENV)/.develops

.PHONY: demo check test model axe samples gallery docs bench bench-speed train-beats train-chords clean

demo: $(READY) model
	$(BIN)/riffscope demo

# TESTS may choose some of them: make test TESTS=tests/library. Neighbours run in one process, and so prepare once what
# they share; a process that has none left takes half of another's. Each keeps one processor busy, not all of them.
test: check model axe
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal $(TESTS)

# What can be told without running anything: style and types.
check: $(DEVELOPS)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Without it the voice is read from the whole mix.
model: $(READY)
	@$(BIN)/riffscope models get spleeter >/dev/null || \
		echo "Going on without the model that takes the voice out of a mix."

# The rules for accessible pages, which tests apply in a browser; without them, these tests are skipped.
AXE := build/axe
axe: $(AXE)/node_modules/axe-core/axe.min.js
$(AXE)/node_modules/axe-core/axe.min.js:
	@mkdir -p $(AXE) && npm install --no-save --silent --prefix $(AXE) axe-core@4 >/dev/null 2>&1 || \
		echo "Going on without axe-core, which checks that pages are accessible."

samples: $(READY)
	$(BIN)/python samples/make_samples.py

# The pictures of report pages that the README shows.
gallery: $(READY) model
	$(BIN)/python reports/make_gallery.py

# The documentation site, into build/docs. Its search needs a server: $(BIN)/python -m http.server --directory build/docs
docs: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --config-file analysis/docs/mkdocs.yml

# Measures riffscope on annotated songs, and renews analysis/benchmarks/figures.json and the README's table of figures:
# make bench DATA=FOLDER (of the sets; ../shared/data if it is there), SETS=dev,mixes2, ONLY=tempo,beats, MATCH=s7_01.
bench: $(DEVELOPS) model
	$(BIN)/python -m benchmarks.measure $(if $(DATA),--data "$(DATA)") $(if $(SETS),--sets "$(SETS)") \
		$(if $(ONLY),--only "$(ONLY)") $(if $(MATCH),--match "$(MATCH)")

# How long a song takes: make bench-speed FILES="one.mp3 other.flac" AGAINST=HEAD~5 (a commit to be compared with). Then
# whether start and memory are within their limits and, with PEER=build/essentia/bin/python, time against Essentia.
bench-speed: $(DEVELOPS) model
	$(BIN)/python -m benchmarks.speed $(if $(AGAINST),--against "$(AGAINST)") $(FILES)
	$(BIN)/python -m benchmarks.held $(if $(PEER),--peer "$(PEER)")

# Fits a group of constants anew and prints them beside today's: make fit-key SETS="FOLDER FOLDER", likewise fit-rhythm,
# fit-structure, fit-riff, fit-voice, fit-tone, fit-density and fit-drums. analysis/training/README.md says on what, and how
# to read it.
fit-%: $(DEVELOPS) model
	$(BIN)/python -m training.$*.fit $(SETS) $(OPTIONS)

# Trains the beat network once more and puts its weights into the package: make train-beats POP909=FOLDER. FOLDER is the
# data set's, with 001 to 909 in it. Needs fluidsynth with its library, and Debian's fluid-soundfont-gm,
# timgm6mb-soundfont, musescore-general-soundfont-small and hydrogen-drumkits. Two cores take one to two hours.
# Training goes on from the weights of commit FIRST; FIRST= EPOCHS=18 RATE=2.5e-3 trains from nothing. THREADS=1 is
# faster where the other cores are busy.
SONGS ?= build/beats
COUNT ?= 3000
FIRST ?= b51a528
EPOCHS ?= 14
RATE ?= 1.5e-3
CHECKED ?= 3000
THREADS ?= 2
BEATS := $(BIN)/python -m training.beats
WEIGHTS := analysis/riffscope/models/weights
train-beats: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train]'
	$(BEATS).songs --pop909 "$(POP909)" --out $(SONGS) --count $(COUNT)
	mkdir -p $(SONGS)/first
	$(if $(FIRST),for graph in local context; do \
		git show $(FIRST):$(WEIGHTS)/beats-$$graph.onnx > $(SONGS)/first/beats-$$graph.onnx || exit 1; done)
	$(BEATS).train --songs $(SONGS) --out $(SONGS)/net.pt --epochs $(EPOCHS) --rate $(RATE) \
		--threads $(THREADS) $(if $(FIRST),--start $(SONGS)/first)
	$(BEATS).export --weights $(SONGS)/net.pt --out $(WEIGHTS) $(if $(FIRST),--first $(SONGS)/first)
	$(BEATS).evaluate --pop909 "$(POP909)" --count $(CHECKED)

# Trains the chord network and puts its weights into the package: make train-chords POP909=FOLDER SHEETS=FOLDER, the
# latter that of OpenEWLD. SETS are songs that benchmarks.mixes rendered, seeds 311 to 314 for the weights that are there.
# It needs what train-beats needs; two cores take an hour.
CHORD_SONGS ?= build/chords
CHORD_COUNT ?= 3600
CHORD_EPOCHS ?= 16
CHORDS := $(BIN)/python -m training.chords
train-chords: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train]'
	$(CHORDS).songs --pop909 "$(POP909)" --lead-sheets "$(SHEETS)" --out $(CHORD_SONGS) --count $(CHORD_COUNT) \
		$(if $(SETS),--sets $(SETS))
	$(CHORDS).train --songs $(CHORD_SONGS) --out $(CHORD_SONGS)/net.pt --epochs $(CHORD_EPOCHS) --threads $(THREADS)
	$(CHORDS).export --weights $(CHORD_SONGS)/net.pt --out $(WEIGHTS)
	$(CHORDS).evaluate --songs $(CHORD_SONGS)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $(READY)

$(DEVELOPS): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(DEVELOPS)

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
