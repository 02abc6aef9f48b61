# The course's commands. `make` alone lists them. They work on Linux and macOS with Python 3.11 or newer.

PYTHON ?= python3
BIN := .venv/bin

# Everything that decides a printed digit or a stored figure, so that outputs compare equal on every machine.
export ATEN_CPU_CAPABILITY := default
export MKL_CBWR := COMPATIBLE
export OMP_NUM_THREADS := 1
export PYTHONHASHSEED := 0
export PLOTLY_RENDERER := plotly_mimetype
# The user's own Jupyter and IPython settings stay out of it.
export JUPYTER_CONFIG_DIR := $(CURDIR)/.venv/jupyter
export JUPYTER_CONFIG_PATH := $(CURDIR)/.jupyter
export IPYTHONDIR := $(CURDIR)/.venv/ipython
export PYDEVD_DISABLE_FILE_VALIDATION := 1
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help setup demo test pytest attacks-fast lab formgrader mistakes mistakes-sandboxed attacks bench bench-quick build pictures

help:  ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 25

setup: .venv/installed  ## Make the Python environment in .venv

demo: setup  ## Grade the example submissions with nbgrader; show the marks and where the feedback is
	@$(BIN)/python -m examples demo

test: export PYTHONPATH := $(CURDIR)/.ci/without
test: setup  ## Prove everything: what CI runs
	$(BIN)/ruff check .
	$(BIN)/python -m authoring check
	$(BIN)/python -m mistakes run
	@$(MAKE) --no-print-directory --jobs=2 pytest attacks-fast

# Tests wait on other processes much of the time: four at once, slow files first, the attacks beside them.
pytest:
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder --nbval --nbval-current-env

attacks-fast:
	$(BIN)/python -m grading.attacks --fast

attacks: setup  ## Attack the grading, with honest controls: stopped / tried, right / tried (minutes)
	@$(BIN)/python -m grading.attacks

# A learner's Lab has Russian menus, no news and nothing of the instructor's; the work is done on a copy.
lab: export JUPYTER_CONFIG_PATH := $(CURDIR)/.jupyter/learner:$(CURDIR)/.jupyter
lab: setup  ## Open JupyterLab as a learner sees it, on a copy of the release in build/learner/
	@mkdir -p build/learner
	@test -d build/learner/backprop || cp -r release/backprop build/learner/
	@cd build/learner && ../../$(BIN)/jupyter lab $(AS_ROOT) $(LAB_OPTIONS)

formgrader: setup  ## Open JupyterLab as an instructor needs it (menu Nbgrader → Formgrader)
	@$(BIN)/jupyter lab $(AS_ROOT) $(LAB_OPTIONS)

bench-quick: setup  ## Measure grading beside stock nbgrader, in some minutes
	@$(BIN)/python -m examples.bench quick

bench: setup  ## The same for whole classes; writes docs/performance.md (hours)
	@$(BIN)/python -m examples.bench full

mistakes: setup  ## Prove the checks on the catalogues of mistakes and of right alternatives
	$(BIN)/python -m mistakes run

mistakes-sandboxed: setup  ## The same through the sandbox and the judge (minutes)
	@$(BIN)/python -m mistakes.sandboxed

build: setup  ## Generate the typical mistakes, source/ and release/
	$(BIN)/python -m mistakes page
	$(BIN)/python -m authoring build

pictures: setup  ## Remake the pictures of README and the guides in a real browser
	$(BIN)/python -m e2e.pictures

.venv/installed: requirements.txt requirements-dev.txt
	@command -v $(PYTHON) > /dev/null || \
	    { echo "$(PYTHON) is missing. Install Python 3.11 or newer (Debian: apt install python3-venv)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "$(PYTHON) is too old. Name Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || \
	    { echo "$(PYTHON) has no venv or pip. Install them (Debian: apt install python3-venv)."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
	    { rm -rf .venv; echo "No environment could be made in .venv. Is this folder writable?"; exit 1; }
	@echo "Installing the packages of requirements-dev.txt into .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt || \
	    { echo "pip could not install requirements-dev.txt: its message is above."; exit 1; }
	@touch $@
