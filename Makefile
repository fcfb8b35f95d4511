# stylize: see README.md.
#
#   make              build/stylize and build/libstylize.a; needs no root
#   make deps         installs what is missing (Debian, Ubuntu)
#   make demo         deps, build, and a first picture: build/demo.png
#   make check        deps, build, and all tests
#   make lint         the rules of docs/architecture.md alone
#   make unit-test    unit tests alone; FLOORS='core simd' for those of some floors
#   make programs     all that is compiled, tests too, and runs nothing
#   make bench        measures kernels, layers and evaluations; BENCH_ARGS='--quick kernels' and more
#   make bench-peer   the same work in PyTorch, where there is one, in turn with ours
#   make clean
#
# Variables: CC, CFLAGS, OPENMP=no, WERROR=yes, SAN=address,undefined, BUILD=folder, PREFIX.
# CROSS_COMPILE=aarch64-linux-gnu- builds for that processor and runs unit tests in an emulator
# (RUNNER; another BUILD folder keeps both builds).

CROSS_COMPILE =
CC = $(CROSS_COMPILE)gcc
AR = $(CROSS_COMPILE)ar
RUNNER = $(addprefix qemu-,$(firstword $(subst -, ,$(CROSS_COMPILE))))
CFLAGS = -O3 -g
OPENMP = yes
WERROR = no
SAN =
BUILD = build
PREFIX = /usr/local

LIBRARIES = libpng libjpeg zimg jansson nettle
TEST_LIBRARIES = cmocka
PKG_CONFIG = $(CROSS_COMPILE)pkg-config

WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
           -Wcast-qual -Wwrite-strings -Wvla -Wformat=2
# Not -ffast-math: it would make isnan() false.
MATH = -ffp-contract=fast -fno-math-errno -fno-trapping-math
ALL_CFLAGS = -std=c11 -Isrc $(WARNINGS) $(MATH) $(CFLAGS)
ALL_LDFLAGS = $(LDFLAGS)
ifneq ($(OPENMP),no)
ALL_CFLAGS += -fopenmp
ALL_LDFLAGS += -fopenmp
else
ALL_CFLAGS += -Wno-unknown-pragmas
endif
ifeq ($(WERROR),yes)
ALL_CFLAGS += -Werror
endif
ifneq ($(SAN),)
ALL_CFLAGS += -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
ALL_LDFLAGS += -fsanitize=$(SAN)
endif

# Kernel sets of other processors are left out by what the compiler says it builds for.
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
OTHER_KERNELS := $(filter-out src/simd/$(MACHINE)-%,$(wildcard src/simd/x86_64-*.c src/simd/aarch64-*.c))
SOURCES := $(filter-out $(OTHER_KERNELS),$(wildcard src/*/*.c))
LIBRARY_SOURCES := $(filter-out src/cli/%,$(SOURCES))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY_OBJECTS := $(LIBRARY_SOURCES:%.c=$(BUILD)/%.o)
CLI_OBJECTS := $(filter-out $(LIBRARY_OBJECTS),$(OBJECTS))
TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c))

# A test is named after what it tests: test_MODULE, test_MODULE_more or test_more_MODULE.
FLOORS =
MODULES = $(sort $(basename $(notdir $(wildcard $(FLOORS:%=src/%/*.[ch])))))
FLOOR_TESTS = $(foreach module,$(MODULES),$(filter \
    $(patsubst %,$(BUILD)/tests/test_%,$(module) $(module)_% %_$(module)),$(TESTS)))
UNIT_TESTS = $(if $(FLOORS),$(sort $(FLOOR_TESTS)),$(TESTS))

PROGRAM = $(BUILD)/stylize
LIBRARY = $(BUILD)/libstylize.a

# Found when first used, so that `make deps` and `make clean` work without the libraries.
LIBRARY_CFLAGS = $(eval LIBRARY_CFLAGS := $$(shell $(PKG_CONFIG) --cflags $(LIBRARIES)))$(LIBRARY_CFLAGS)
LIBRARY_LDLIBS = $(eval LIBRARY_LDLIBS := $$(shell $(PKG_CONFIG) --libs $(LIBRARIES)))$(LIBRARY_LDLIBS)
TEST_LDLIBS = $(eval TEST_LDLIBS := $$(shell $(PKG_CONFIG) --libs $(TEST_LIBRARIES)))$(TEST_LDLIBS)

.PHONY: all programs deps demo check test unit-test fuzz-test bench-test cli-test lint bench bench-peer clean \
        FORCE
.SECONDARY:

all: $(PROGRAM)

# ---- dependencies ----

$(BUILD)/.libraries: Makefile
	@mkdir -p $(@D)
	@$(PKG_CONFIG) --exists $(LIBRARIES) 2>/dev/null || { \
	    echo "make: a library is missing ($(LIBRARIES)): run make deps" >&2; exit 1; }
	@touch $@

deps:
	@CC='$(CC)' CROSS_COMPILE='$(CROSS_COMPILE)' RUNNER='$(RUNNER)' sh .ci/deps

# ---- build ----

# A change of compiler or flags rebuilds everything.
$(BUILD)/.flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(PREFIX)' | cmp -s - $@ || \
	    echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(PREFIX)' > $@

# One plain rule per instruction set.
$(BUILD)/src/simd/x86_64-avx2.o: KERNEL_CFLAGS = -mavx2 -mfma
$(BUILD)/src/simd/x86_64-avx512.o: KERNEL_CFLAGS = -mavx512f -mavx512vl -mavx512dq -mavx512bw -mfma
$(BUILD)/tests/bench/peak_x86_64-avx2.o: KERNEL_CFLAGS = -mavx2 -mfma
$(BUILD)/tests/bench/peak_x86_64-avx512.o: KERNEL_CFLAGS = -mavx512f
$(BUILD)/src/cli/weights_path.o: KERNEL_CFLAGS = -DSTYLIZE_PREFIX='"$(PREFIX)"'

$(BUILD)/%.o: %.c $(BUILD)/.flags $(BUILD)/.libraries
	@mkdir -p $(@D)
	@echo '  CC $<'
	@$(CC) $(ALL_CFLAGS) $(LIBRARY_CFLAGS) $(KERNEL_CFLAGS) -MMD -MP -c $< -o $@

$(LIBRARY): $(LIBRARY_OBJECTS)
	@echo '  AR $@'
	@rm -f $@
	@$(AR) rcs $@ $^

$(PROGRAM): $(CLI_OBJECTS) $(LIBRARY)
	@echo '  LD $@'
	@$(CC) $(ALL_LDFLAGS) $^ $(LIBRARY_LDLIBS) -lm -o $@

# ---- a first picture ----

demo: deps
	@$(MAKE) --no-print-directory all
	$(PROGRAM) examples/content-harbour.jpg examples/style-storm.jpg $(BUILD)/demo.png
	@echo 'The picture is $(BUILD)/demo.png: open it with any viewer, such as xdg-open $(BUILD)/demo.png'

# ---- tests ----

TEST_HELPERS = $(filter-out $(BUILD)/tests/test_%,$(patsubst tests/%.c,$(BUILD)/tests/%.o,$(wildcard tests/*.c)))
TESTED_OBJECTS = $(filter-out $(BUILD)/src/cli/main.o,$(CLI_OBJECTS))
FUZZERS = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/fuzz/*.c))

$(BUILD)/tests/test_%: $(BUILD)/tests/test_%.o $(TEST_HELPERS) $(TESTED_OBJECTS) $(LIBRARY)
	@$(CC) $(ALL_LDFLAGS) $^ $(LIBRARY_LDLIBS) $(TEST_LDLIBS) -lm -o $@

$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(LIBRARY)
	@$(CC) $(ALL_LDFLAGS) $^ $(LIBRARY_LDLIBS) -lm -o $@

BENCH = $(BUILD)/tests/bench/bench
OTHER_PEAKS = $(filter-out tests/bench/peak_$(MACHINE)-%,$(wildcard tests/bench/peak_*-*.c))
BENCH_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(OTHER_PEAKS),$(wildcard tests/bench/*.c)))

$(BENCH): $(BENCH_OBJECTS) $(LIBRARY)
	@$(CC) $(ALL_LDFLAGS) $^ $(LIBRARY_LDLIBS) -lm -o $@

check: deps
	@$(MAKE) --no-print-directory test

test: lint unit-test fuzz-test bench-test cli-test

programs: $(PROGRAM) $(TESTS) $(FUZZERS) $(BENCH)

unit-test: $(UNIT_TESTS:%=%.log)
	@sh tests/sum.sh $^

# What a test said, which is new each time; the sum tells whether any failed.
$(BUILD)/tests/test_%.log: $(BUILD)/tests/test_% FORCE
	@RUNNER='$(RUNNER)' sh tests/run.sh $< $@

# Replays what fuzzing found, and every hostile file; pictures also mutated.
fuzz-test: $(FUZZERS)
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_safetensors tests/fuzz/corpus/*.safetensors tests/hostile/*.safetensors
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_image -n 25 tests/images/*.png tests/images/*.jpg

cli-test: $(PROGRAM)
	@STYLIZE=$(abspath $(PROGRAM)) sh tests/cli/run.sh

# Not how fast, but whether the measurements still run.
bench-test: $(BENCH)
	@sh tests/bench/run.sh $(BENCH) $(BUILD)/bench-test.log

lint:
	@sh tests/lint.sh

# ---- measurements ----

BENCH_ARGS =

bench: $(BENCH)
	@$(BENCH) --json $(BUILD)/bench.jsonl $(BENCH_ARGS)
	@echo 'as JSON lines: $(BUILD)/bench.jsonl'

bench-peer: $(BENCH)
	@sh tests/bench/peer.sh --if-there --bench $(BENCH) --json $(BUILD)/bench-peer.jsonl $(BENCH_ARGS)

-include $(OBJECTS:.o=.d) $(TESTS:%=%.d) $(TEST_HELPERS:.o=.d) $(FUZZERS:%=%.d) $(BENCH_OBJECTS:.o=.d)

clean:
	rm -rf $(BUILD)
