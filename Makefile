# What the README's commands call. `make demo` and `make test` need Python >= 3.11 and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
LINT_INSTALLED := $(VENV)/.installed-lint
EXAMPLES_INSTALLED := $(VENV)/.installed-examples
BROWSER_INSTALLED := $(VENV)/.installed-browser
NATIVE_INSTALLED := $(VENV)/.installed-native
FUZZ_INSTALLED := $(VENV)/.installed-fuzz
WORKERS ?= auto
MINUTES ?= 30
CALLS ?= 60
FOLDERS ?=
NAMES ?=
FILES ?= 3000
KERAS_SAMPLE ?= activations callbacks/early_stopping_test.py callbacks/model_checkpoint_test.py constraints \
	initializers layers/activations layers/attention layers/convolutional layers/core layers/layer_test.py \
	layers/merging layers/normalization layers/pooling layers/regularization layers/reshaping layers/rnn losses \
	metrics models optimizers regularizers saving/saving_lib_test.py
EXAMPLES ?= digits_raw digits_keras digits_augmented two_heads dynamic_rnn characters transformer cartpole vae physics

# Tests start hundreds of Python processes: each would compile all modules again where byte code must not be kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo tour test test-thorough browser-test explore native-test page page-test examples lint format compare-tf keras-tests keras-sample keras-bench bench data-bench bisect reduce mutants proofs dtype-table fuzz clean onnx-tests onnx-mutants checkpoint-kills mutated-files damage

$(INSTALLED): pyproject.toml constraints.txt setup.py stepwell_keras.pth
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[demo,test]"
	touch $@

$(LINT_INSTALLED): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch $@

demo: $(INSTALLED)
	$(BIN)/stepwell demo

test: $(INSTALLED)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# All examples of the tests that draw some; `make test` draws a part of them (tests/support/effort.py).
test-thorough: $(INSTALLED)
	STEPWELL_TEST_EFFORT=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# Kills processes at random moments while they save checkpoints; `make test` kills five.
checkpoint-kills: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python -m support.checkpoints.kills 200

$(BROWSER_INSTALLED): $(INSTALLED)
	command -v chromium && command -v chromedriver || { apt-get update && apt-get install --yes chromium chromium-driver; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[demo,test,browser]"
	touch $@

# Clicks through a page of `stepwell explore` in Chromium; here a missing browser is a failure, in `make test` a skip.
browser-test: $(BROWSER_INSTALLED)
	STEPWELL_BROWSER=required $(BIN)/python -m pytest tests/api/test_explore_page.py

explore: $(INSTALLED)
	$(BIN)/python -m stepwell.tools.explore_example

# ziglang compiles and links C for other systems and WebAssembly; wasmtime runs it, and qemu-user other architectures.
$(NATIVE_INSTALLED): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[demo,test,native]"
	command -v qemu-aarch64 || { apt-get update && apt-get install --yes qemu-user; } || echo "without qemu-user"
	touch $@

# Exported code on every machine that there is an emulator for; `make test` does what the installed tools allow.
native-test: $(NATIVE_INSTALLED)
	$(BIN)/python -m pytest tests/api/test_native_export.py tests/api/test_native_packages.py \
		tests/properties/test_native_programs.py

# A page in build/page/ that reads drawn digits with a model in WebAssembly.
page: $(NATIVE_INSTALLED)
	$(BIN)/python -m stepwell.tools.page

# Draws on it in Chromium.
page-test: $(NATIVE_INSTALLED) $(BROWSER_INSTALLED)
	STEPWELL_BROWSER=required $(BIN)/python -m pytest tests/api/test_digits_page.py

$(EXAMPLES_INSTALLED): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[examples]"
	touch $@

# From a dataset to programs in C and in a browser, with a process that is killed on the way.
tour: $(EXAMPLES_INSTALLED) $(NATIVE_INSTALLED) $(BROWSER_INSTALLED)
	cd examples && ../$(BIN)/python -m tour

# Trains a model in each of them; EXAMPLES="vae physics" runs some. The pictures are in examples/out.
examples: $(EXAMPLES_INSTALLED)
	set -e; for each in $(EXAMPLES); do $(BIN)/python examples/$$each.py; done

lint: $(LINT_INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m stepwell.tools.public_api
	PYTHONPATH=tests $(BIN)/python -m support.words

format: $(LINT_INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(INSTALLED)
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m stepwell.tools.bench

# What datasets cost; JAX=python names an interpreter that has JAX, for an epoch beside its scan.
data-bench: $(INSTALLED)
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m stepwell.tools.bench.data $(if $(JAX),--jax $(JAX))

# Generated calls of the functions that TensorFlow has too; it is installed in an environment of its own.
compare-tf: $(INSTALLED) .venv-tensorflow/.installed
	PYTHONPATH=tests $(BIN)/python -W ignore -m support.compare_tf --calls $(CALLS)

.venv-tensorflow/.installed:
	$(PYTHON) -m venv .venv-tensorflow
	.venv-tensorflow/bin/python -m pip install --quiet --disable-pip-version-check "tensorflow-cpu==2.21.*"
	touch $@

# Keras's own tests with stepwell as the backend; FOLDERS="layers/rnn ops/nn_test.py" runs a part.
keras-tests: .venv-keras/.installed
	PYTHONPATH=tests .venv-keras/bin/python -W ignore -m support.keras_suite $(FOLDERS)

# A fixed part of them, which needs no package that stepwell does not.
keras-sample: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python -W ignore -m support.keras_suite $(KERAS_SAMPLE)

# Training steps of Keras models: seconds to compile them and to run them, beside TensorFlow's.
keras-bench: .venv-keras/.installed
	PYTHONPATH=tests .venv-keras/bin/python -W ignore -m support.keras_steps

# TensorFlow allows no newer h5py than 3.14: its version is TensorFlow's here, and the others are those of stepwell.
.venv-keras/.installed: pyproject.toml constraints.txt setup.py tests/keras/requirements.txt
	$(PYTHON) -m venv .venv-keras
	grep --invert-match "^h5py==" constraints.txt > .venv-keras/constraints.txt
	.venv-keras/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint .venv-keras/constraints.txt --editable ".[test]" --requirement tests/keras/requirements.txt
	touch $@

# ONNX's own tests, loaded and run on both engines, as a table; NAMES="conv pool" runs a part. The networks that ONNX
# brings are there without their weights, and those that need a download are not run.
onnx-tests: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python -W ignore -m support.onnx_suite $(NAMES)

# Damaged and hostile ONNX files: each has to be a clear error, soon, in little memory. FILES says how many.
onnx-mutants: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python -W ignore -m support.onnx_mutants $(FILES)

# Bugs planted one at a time, and what has to deal with them: the validator and tests, the bisector, the reducer.
mutants: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python -W ignore -m support.bugs validate tests

bisect: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python -m support.bugs bisect

reduce: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python -m support.bugs reduce

# Runs every op of every dtype in every way, and writes the table in docs/dtypes.md.
dtype-table: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python -m support.dtype_table

# Proves the rewrites of integers and booleans with z3, and prints the table of all patterns.
proofs: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python -m support.proofs

# Generated programs on every engine and at every level: make fuzz MINUTES=30. ONLY=gradients differentiates such as have
# loops, and nothing else.
$(FUZZ_INSTALLED): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[fuzz]"
	touch $@

# Damaged saved models, which have to be refused: make damage COUNT=20000 SEED=1.
damage: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python -m support.damage $(or $(COUNT),20000) $(or $(SEED),0)

fuzz: $(FUZZ_INSTALLED)
	PYTHONPATH=tests $(BIN)/python -W ignore -m support.fuzz $(MINUTES) $(ONLY)

# Files of records and messages, damaged at random: they are read as written, or are errors that say where.
MUTATIONS ?= 5000
mutated-files: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python -m support.record_mutants $(MUTATIONS)

clean:
	rm -rf $(VENV) examples/out build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
