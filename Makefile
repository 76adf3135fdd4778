# Everything runs in one virtual environment of its own, made once and brought up to date when its inputs change.
#   make demo        run the flagship notebook tracked, run it again, compare, reproduce, register, load back
#   make test        every check and every test but the slow ones, of both halves, in a real browser
#   make test-slow   the tests marked slow, which need minutes each: statistics, long shelves, the hundred kills
#   make test-fast   ruff, mypy and what needs no browser, no batch and no torch; for one more Python:
#                    make test-fast PYTHON=python3.13 VENV=.venv-3.13 EXTRAS=test
#   make coverage    how much of the package the tests run in their own process
#   make lab         JupyterLab on the example notebooks
#   make bench       the table of time budgets
#   make docs        write docs/reference/ again from the code
#   make site        the documentation as a web site, in build/site (a broken internal link fails)
#   make lock        write constraints.txt again from a clean environment
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
VENV ?= .venv
# Optional dependencies that are installed. Without torch: EXTRAS=test, for a Python that torch has no build for.
EXTRAS ?= torch,torch-test,test,docs
TORCH := $(shell sed -n "s/^\(torch==[0-9.]*\).*/\1/p" constraints.txt 2>/dev/null)
# Named for what it was made from, and where: a checkout of the same files installs nothing again, a moved folder does.
STAMP := $(VENV)/.installed-$(shell { pwd; echo $(EXTRAS); cat pyproject.toml constraints.txt; } 2>/dev/null | cksum | cut -d' ' -f1)
RUN := $(VENV)/bin/python
# The lab extension: built by the installation, and again here when its sources are newer.
BUNDLE := jupyter_bioml/labextension/package.json
LINKED := $(VENV)/share/jupyter/labextensions/jupyter-bioml
SOURCES := $(wildcard labextension/package*.json labextension/tsconfig.json labextension/schema/*.json) \
    $(shell find labextension/src labextension/style -type f -not -path '*/__tests__/*' 2>/dev/null)
# What is the same for every Python, and what is asked of each: no browser, no batch, no environment to build.
CHECKS = $(RUN) -m ruff check . && $(RUN) -m ruff format --check . && $(RUN) -m mypy && $(RUN) -m compileall -q jupyter_bioml
FAST := $(addprefix tests/,audit capture git host html journal notebooks records scores store test_architecture.py \
    test_docs.py test_install.py test_redact.py)
# What npm installed, newer than the lock file when it is what that names. Node comes with the virtual environment.
MODULES := labextension/node_modules/.package-lock.json
NPM := PATH="$(abspath $(VENV)/bin):$$PATH" npm --prefix labextension

# Without byte code every import takes two to three times as long, in every kernel that a notebook starts.
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH
unexport PYTHONHOME
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-fast coverage lab bench docs site lock install clean packages
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   //p' Makefile

install: $(STAMP)

# torch first and alone: a plain "pip install torch==…" takes the build that this machine's pip is set up for.
$(STAMP):
	@[ -x $(RUN) ] || { python=$$(.ci/find-python) && echo "Making $(VENV) with $$python" && "$$python" -m venv --clear $(VENV); }
	@echo "Installing what constraints.txt pins (some minutes the first time)"
	@mkdir -p jupyter_bioml/labextension
	@$(if $(findstring torch,$(EXTRAS)),$(RUN) -m pip install --quiet $(TORCH))
	@$(RUN) -m pip install --quiet -c constraints.txt -e '.[$(EXTRAS)]'
	@rm -f $(VENV)/.installed-* && touch $@

$(MODULES): labextension/package-lock.json | $(STAMP)
	@$(NPM) ci --silent && touch $@

# An editable installation copies the bundle: a link keeps it the one that was built last.
$(BUNDLE): $(SOURCES) $(MODULES) | $(STAMP)
	@$(NPM) run --silent build:prod
	@rm -rf $(LINKED) && ln -s $(abspath jupyter_bioml/labextension) $(LINKED)
	@touch $@

packages:
	@.ci/install-packages

demo: $(STAMP)
	@$(RUN) notebooks/demo.py

test: packages $(STAMP) $(BUNDLE) $(MODULES)
	$(NPM) run --silent lint
	$(NPM) run --silent circles
	$(NPM) test --silent
	$(CHECKS)
	$(RUN) -m pytest --numprocesses 4 --dist worksteal --durations 30 -m "not slow" --ignore tests/browser
	$(RUN) -m pytest --numprocesses 2 tests/browser

test-slow: packages $(STAMP) $(BUNDLE)
	$(RUN) -m pytest --numprocesses 4 --dist worksteal --durations 10 -m slow --ignore tests/browser

# A run of its own: counting lines took half as much CPU again (7.2 s to 11.0 s for 133 tests that start no process).
# What runs in kernels, servers and publishers of the tests is not counted, and neither are the slow and the browser tests.
coverage: packages $(STAMP) $(BUNDLE)
	$(RUN) -m pytest --numprocesses 4 --dist worksteal -m "not slow" --ignore tests/browser --cov --cov-report=
	@$(RUN) -m coverage report --skip-covered --sort=-cover | tail -n 15

# Without the front end, which is the same for every Python and is not built again for this.
test-fast: export SKIP_JUPYTER_BUILDER := 1
test-fast: $(STAMP)
	$(CHECKS)
	$(RUN) -m pytest --numprocesses 4 --dist worksteal -m "not slow and not needs_torch" $(FAST)

lab: $(STAMP) $(BUNDLE)
	@$(RUN) -m jupyterlab $(if $(filter 0,$(shell id -u)),--allow-root) --notebook-dir=. --LabApp.default_url=/lab/tree/notebooks/01-breast-cancer-diagnosis.ipynb

bench: $(STAMP)
	@$(RUN) -m benchmarks

docs: $(STAMP)
	@$(RUN) -m docs.generate

site: $(STAMP)
	@rm -rf build/site && $(RUN) -m docs.site build/site

lock:
	@python=$$(.ci/find-python) && rm -rf .venv-lock && "$$python" -m venv .venv-lock
	@.venv-lock/bin/python -m pip install --quiet $(TORCH)
	@.venv-lock/bin/python -m pip install --quiet -e '.[torch,torch-test,test,docs]'
	@head -1 constraints.txt > constraints.new
	@.venv-lock/bin/python -m pip list --format=freeze --exclude-editable \
	    | sed -E 's/\+[a-z0-9.]+$$//' | grep -vE '^(pip|setuptools|wheel|triton|nvidia-(cu|nc|nv)[a-z0-9-]*)==' >> constraints.new
	@mv constraints.new constraints.txt && rm -rf .venv-lock

clean:
	rm -rf $(VENV) .venv-lock .venv-3.* .demo build dist jupyter_bioml/labextension labextension/lib labextension/node_modules
