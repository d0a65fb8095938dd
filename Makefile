# Two commands matter: `make lab` and `make test`. Both set up everything they need, once.
PYTHON ?= python3
UV := .uv/bin/uv
BIN := .venv/bin
READY := .venv/.ready
export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup lab tour test quick long faults notebooks lessons site check lock bench clean

help: ## what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) ## the environment, from requirements.lock

$(UV):
	@$(PYTHON) -m venv --help >/dev/null 2>&1 || { echo "Python has no venv module: sudo apt install python3-venv, then make again."; exit 2; }
	$(PYTHON) -m venv .uv
	.uv/bin/pip install -q --disable-pip-version-check "uv>=0.9"

# A failed install leaves no stamp, so the next make begins again. Compiled at once: a Python told to write no
# bytecode would else compile Keras and TensorFlow anew in each process, 12 seconds each.
$(READY): requirements.lock pyproject.toml | $(UV)
	$(UV) venv -q --python $(PYTHON) --allow-existing .venv
	$(UV) pip sync -q --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

lab: $(READY) ## open JupyterLab on lesson 00
	$(BIN)/course lab

tour: $(READY) ## what pre-trained models do, in two minutes; leaves tour.html
	$(BIN)/course tour

test: $(READY) check ## the tests: unit, parity, faults without the longest, notebooks, browser
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not long" tests/unit tests/parity tests/faults
	$(BIN)/python -m pytest -n 2 --dist loadgroup tests/notebooks

quick: $(READY) ## the unit tests alone
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not long" tests/unit

long: $(READY) ## what takes too long for the tests of every day: Colab's environment, Ray over two machines
	$(BIN)/python -m pytest -m "long and not fault" tests/unit tests/parity tests/faults

faults: $(READY) ## break things for real; ends with a line for each of the 18 faults
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m fault --all-faults tests/faults $$(grep -rl --include='*.py' "pytest\.mark\.fault" tests/unit tests/parity)

notebooks: $(READY) ## run every lesson offline under nbval
	$(BIN)/python -m pytest -n 2 --dist loadgroup tests/notebooks

check: $(READY) ## lint, and the lesson check
	$(BIN)/ruff check -q .
	$(BIN)/ruff format -q --check .
	$(BIN)/python -m course_lib.lessons check

lessons: $(READY) ## build the notebooks whose source changed
	$(BIN)/python -m course_lib.lessons build

site: $(READY) ## the lessons, the models and the library as a web site, in site/
	$(BIN)/python -m course_lib.lessons site

bench: $(READY) .bench/.ready ## side by side with the peers, as ratios; LESSONS=--lessons times every lesson too
	$(BIN)/python -m benchmarks $(LESSONS)

# The peers that the course itself does not need: some gigabytes, so only for those who measure.
.bench/.ready: benchmarks/requirements.txt | $(UV)
	$(UV) venv -q --python $(PYTHON) --allow-existing .bench
	$(UV) pip install -q --python .bench/bin/python -r benchmarks/requirements.txt
	@touch $@

lock: $(UV) ## resolve the dependencies again
	$(UV) pip compile -q --universal --generate-hashes --group dev --group site --extra engines --extra video --extra serving --extra cluster pyproject.toml -o requirements.lock

clean: ## remove what make made
	rm -rf .uv .venv .bench site
