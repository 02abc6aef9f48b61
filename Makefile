# The course's commands. `make` alone lists them. They need Python 3.11 or newer; those that grade need Linux.

PYTHON ?= python3
BIN := .venv/bin
PIP = $(BIN)/python -m pip install --disable-pip-version-check
# Where pip finds torch without CUDA, if it can be reached; `make setup TORCH_INDEX=` takes PyPI's, on Linux with 4 GB of CUDA.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

# Where `make hub` makes the environment of a JupyterHub, readable for all its accounts.
HUB ?= .venv-hub
# The last configurable-http-proxy that runs on Debian 12's Node 18.
PROXY := 4.6.3

# The language of what `make lab` and `make formgrader` open: one of the editions of course/settings.toml.
L := ru

# Several processes work at once: threads of each would only wait for one another.
export OMP_NUM_THREADS := 1
# The user's own Jupyter and IPython settings stay out of it.
export JUPYTER_CONFIG_DIR := $(CURDIR)/.venv/jupyter
export JUPYTER_CONFIG_PATH := $(CURDIR)/.jupyter
export IPYTHONDIR := $(CURDIR)/.venv/ipython
export PYDEVD_DISABLE_FILE_VALIDATION := 1
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help setup demo test check types catalogue catalogue-en pytest attacks-fast test-rights pytest-rights test-hub hub lab formgrader mistakes mistakes-sandboxed attacks peer nightly bench bench-quick build translate pictures

help:  ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 25

setup: .venv/installed  ## Make the Python environment in .venv

demo: needs-demo setup  ## Grade the example submissions with nbgrader; show the marks and where the feedback is
	@$(BIN)/python -m proof.demo demo

test: export PYTHONPATH := $(CURDIR)/.ci/without
test: needs-test setup  ## Prove everything: what CI runs
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory --jobs=2 check catalogue types catalogue-en
	@$(MAKE) --no-print-directory --jobs=2 pytest attacks-fast

check:
	$(BIN)/python -m course check

types:
	$(BIN)/mypy

catalogue:
	$(BIN)/python -m proof.catalogue

catalogue-en:
	$(BIN)/python -m proof.catalogue --language en

# Tests wait on other processes some of the time: three at once, slow files first, the attacks beside them.
# A worker that ended is not replaced: it would run the same file again.
pytest:
	$(BIN)/pytest -n 3 --max-worker-restart 0 --dist loadfile --no-loadscope-reorder --nbval --nbval-current-env --nbval-cell-timeout 300

attacks-fast:
	$(BIN)/python -m proof.attacks --fast

# What goes other ways for root than for anybody else.
test-rights: export PYTHONPATH := $(CURDIR)/.ci/without
test-rights: setup
	@$(MAKE) --no-print-directory --jobs=2 pytest-rights attacks-fast

pytest-rights:
	$(BIN)/pytest -n 2 --max-worker-restart 0 --dist loadfile grader/tests/processes grader/tests/class_run

# As root: the test makes accounts, named hubtest-…, and removes them.
test-hub: needs-test setup hub
	HUB=$(HUB) $(BIN)/pytest proof/hub

attacks: setup  ## Attack the grading, with honest controls: stopped / tried, right / tried (minutes)
	@$(BIN)/python -m proof.attacks

peer: setup  ## Run nbgrader's own tests with this grader switched on, and grade all habits three ways (minutes)
	@$(BIN)/python -m proof.peer
	@$(BIN)/python -m proof.quickstart
	@cd grader/tests && $(CURDIR)/$(BIN)/python -m ways.table

nightly: export PYTHONPATH := $(CURDIR)/.ci/without
nightly: needs-test setup  ## Prove what `make test` leaves to the night: further examples, the same by other ways (minutes)
	$(BIN)/pytest -m nightly -n 4 --max-worker-restart 0 --dist loadfile --no-loadscope-reorder

# A learner's Lab has menus of the edition's language, no news and nothing of the instructor's; the work is done on a copy.
lab: ASSIGNMENT = $(or $(shell sed -n 's/^$(L) = "\(.*\)"$$/\1/p' course/settings.toml),$(error The course has no edition $(L)))
lab: export JUPYTER_CONFIG_PATH := $(CURDIR)/.jupyter/$(L):$(CURDIR)/.jupyter/learner:$(CURDIR)/.jupyter
lab: setup  ## Open JupyterLab as a learner sees it, on a copy of the release in build/learner/; L=en: in English
	@mkdir -p build/learner
	@test -d build/learner/$(ASSIGNMENT) || cp -r release/$(ASSIGNMENT) build/learner/
	@cd build/learner && ../../$(BIN)/jupyter lab $(AS_ROOT) $(LAB_OPTIONS)

formgrader: export JUPYTER_CONFIG_PATH := $(CURDIR)/.jupyter/$(L):$(CURDIR)/.jupyter
formgrader: setup  ## Open JupyterLab as an instructor needs it (menu Nbgrader → Formgrader); L=en: in English
	@$(BIN)/jupyter lab $(AS_ROOT) $(LAB_OPTIONS)

hub: needs-hub $(HUB)/installed  ## Make the environment of a JupyterHub in HUB=/opt/backprop: docs/jupyterhub/
	@cp -r .jupyter docs/jupyterhub/jupyterhub_config.py $(HUB)
	@chmod -R go+rX $(HUB)

bench-quick: setup  ## Measure grading beside stock nbgrader, in some minutes
	@$(BIN)/python -m proof.bench quick

bench: setup  ## The same for whole classes; writes docs/performance.md (hours)
	@$(BIN)/python -m proof.bench full

mistakes: setup  ## Prove the checks on the catalogues of mistakes and of right alternatives; N=task-3-dense-layer: of one notebook
	$(BIN)/python -m proof.catalogue $(or $(N),--write)

mistakes-sandboxed: setup  ## The same through the sandbox and the judge (minutes)
	@$(BIN)/python -m proof.catalogue.sandboxed

build: setup  ## Generate source/, release/ and the tables; N=task-3-dense-layer: execute that notebook only
	$(BIN)/python -m course build $(N)

translate: setup  ## Bring course/locale/ up to the texts; say what is left to translate
	$(BIN)/python -m course translate

pictures: setup  ## Remake the pictures of README and the guides in a real browser
	$(BIN)/python -m proof.browser.pictures

# Debian packages that are missing are named before anything is made.
needs-%:
	@missing=$$(PYTHON="$(PYTHON)" .ci/missing $*) || \
	    { echo "This machine lacks $$missing. As root on Debian: apt install $$missing"; exit 1; }

$(HUB)/%: BIN = $(HUB)/bin

.venv/torch $(HUB)/torch: requirements.txt
	@command -v $(PYTHON) > /dev/null || \
	    { echo "$(PYTHON) is missing. Install Python 3.11 or newer (Debian: apt install python3-venv)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "$(PYTHON) is too old. Name Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || \
	    { echo "$(PYTHON) has no venv or pip. Install them (Debian: apt install python3-venv)."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(@D) || \
	    { rm -rf $(@D); echo "No environment could be made in $(@D). Is this folder writable?"; exit 1; }
	@$(PIP) torch -c requirements.txt --no-deps --retries 1 $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) || \
	    { echo "pip could not install torch: its message is above."; exit 1; }
	@touch $@

.venv/installed: .venv/torch requirements.txt pyproject.toml grader/pyproject.toml
	@echo "Installing the packages of requirements.txt, pyproject.toml and grader/ into .venv"
	@$(PIP) "pip>=25.1" && $(PIP) -r requirements.txt --group dev --editable "./grader[all]" || \
	    { echo "pip could not install the packages: its message is above."; exit 1; }
	@touch $@

$(HUB)/installed: $(HUB)/torch requirements.txt pyproject.toml grader/pyproject.toml $(shell find grader/src/nbgrader_apart -type f -not -name '*.pyc')
	@echo "Installing what learners, grading and the hub need into $(HUB)"
	@rm -rf grader/build && $(PIP) "pip>=25.1" && $(PIP) -r requirements.txt --group hub "./grader[all]" && \
	    npm install --prefix $(HUB) --no-save --no-audit --no-fund configurable-http-proxy@$(PROXY) || \
	    { echo "The hub's packages could not be installed: the message is above."; exit 1; }
	@rm -rf grader/build && touch $@
