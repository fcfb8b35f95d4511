# stylize: see README.md.
#
#   make              build/stylize, build/libstylize.a and .so; needs no root
#   make deps         installs what is missing (Debian, Ubuntu)
#   make convert      deps with libhdf5, and build/stylize-convert (weights/README.md)
#   make demo         deps, build, and a first picture: build/demo.png
#   make check        deps, build, and all tests
#   make check-long   hours: those below that look longer, each in full, with its time; LONG='soak fuzz'
#   make lint         the rules of docs/architecture.md alone
#   make circle-test  whether any files call one another in a circle
#   make unit-test    unit tests alone; FLOORS='core simd' for those of some floors
#   make abi-test     the shared library's interface against the one that was promised
#   make abi          writes what was added to it down as promised
#   make alloc-test   runs whose allocations fail; STEP=1: each in turn, some minutes
#   make io-test      runs whose calls of the system for files fail; STEP=1 likewise
#   make kill-test    runs that are killed or stopped at KILLS=12 and SIGNALS=12 moments
#   make limits-test  runs with as little memory as LIMITS='24 160' (MB) say, by ulimit and in control groups
#   make fetch-test   weights/fetch against a server on this machine, bad and good
#   make fuzz         searches for bytes that a reader does not stand, FUZZ_SECONDS=5 for each (clang)
#   make mutation     how many of MUTANTS=160 wrong versions of the code the unit tests notice
#   make analyse      what gcc -fanalyzer, cppcheck and clang-tidy find: nothing that is not explained
#   make race-test    unit tests and those of the command line by ThreadSanitizer (clang, libomp), hours;
#                     FLOORS='core simd' and CASES='resume batch': of these alone
#   make memcheck-test
#                     the same by valgrind; FLOORS='...' and CASES='...' likewise
#   make soak-test    SOAK_JOBS=1000 jobs in one process, which must not grow
#   make verify-weights
#                     downloads the published VGG-16 (or FILE=...) and looks whether the bundled one is made of it
#   make programs     all that is compiled, tests too, and runs nothing
#   make install      below PREFIX, and that below DESTDIR; make uninstall takes it away again
#   make man          docs/stylize.1 from the options table
#   make examples     the C program in examples/
#   make dist         build/stylize-VERSION.tar.gz
#   make deb          Debian packages in build/deb; make deb-test tries them in a fresh system
#   make judge        measures pictures with a network: CONTENT=FILE STYLE=FILE PICTURES='FILE...',
#                     or PAIRS=FILE; NETWORK=FILE or name, AT=SIZE, AGAINST=FILE (stylize-judge --help)
#   make bench        measures kernels, layers and evaluations; BENCH_ARGS='--quick kernels' and more
#   make bench-peer   the same work in PyTorch, where there is one, in turn with ours
#   make help         these lines
#   make clean        takes BUILD away; make distclean all that came of making anything here
#
# Variables, behind the target (make check BUILD=/tmp/trial):
#   V=1               shows each command
#   BUILD=FOLDER      builds there, also outside of this folder; the program finds the networks here
#   CC, CFLAGS, CPPFLAGS, LDFLAGS
#                     the compiler, and what is given to it besides its own
#   WITHOUT='webp tiff cairo'
#                     without these libraries, though they are there
#   OPENMP=no         for one thread
#   WERROR=yes        every warning is an error
#   SAN=address,undefined
#                     with these sanitizers
#   PREFIX, DESTDIR   where to install (/usr/local); bindir, libdir, datadir, mandir, ... one by one
#   CROSS_COMPILE=aarch64-linux-gnu-
#                     builds for that processor and runs unit tests in an emulator (RUNNER; another
#                     BUILD folder keeps both builds)

# As many commands at a time as there are processors, unless -j says otherwise, or there are several
# goals, which might not be for one another's company: make clean all.
ifneq ($(filter 00 01,$(MAKELEVEL)$(words $(MAKECMDGOALS))),)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif

CROSS_COMPILE =
CC = $(CROSS_COMPILE)gcc
AR = $(CROSS_COMPILE)ar
LD = $(CROSS_COMPILE)ld
OBJCOPY = $(CROSS_COMPILE)objcopy
NM = $(CROSS_COMPILE)nm
RUNNER = $(addprefix qemu-,$(firstword $(subst -, ,$(CROSS_COMPILE))))
CFLAGS = -O3 -g
OPENMP = yes
WERROR = no
SAN =
BUILD = build
V =

# The commands themselves, or a line for each.
ifeq ($(filter-out 0,$(V)),)
Q = @
SAY = @echo
else
Q =
SAY = @:
endif

# Where things are installed, below DESTDIR.
PREFIX = /usr/local
DESTDIR =
prefix = $(PREFIX:~/%=$(HOME)/%)
bindir = $(prefix)/bin
libdir = $(prefix)/lib
pkgconfigdir = $(libdir)/pkgconfig
includedir = $(prefix)/include
datarootdir = $(prefix)/share
datadir = $(datarootdir)
docdir = $(datarootdir)/doc/stylize
mandir = $(datarootdir)/man
bashdir = $(datarootdir)/bash-completion/completions
zshdir = $(datarootdir)/zsh/site-functions
fishdir = $(datarootdir)/fish/vendor_completions.d

LIBRARIES = libpng libjpeg zimg jansson nettle
# Without these the program does without what they are for: WITHOUT='webp tiff cairo' does on purpose.
OPTIONAL = webp tiff
WITHOUT =
webp_LIBRARIES = libwebp libwebpmux libwebpdemux
tiff_LIBRARIES = libtiff-4
TEST_LIBRARIES = cmocka
CONVERT_LIBRARIES = hdf5
CHART_LIBRARIES = cairo
PKG_CONFIG = $(CROSS_COMPILE)pkg-config

WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
           -Wcast-qual -Wwrite-strings -Wvla -Wformat=2
# Not -ffast-math: it would make isnan() false.
MATH = -ffp-contract=fast -fno-math-errno -fno-trapping-math
ALL_CFLAGS = -std=c11 -Isrc $(WARNINGS) $(MATH) $(CPPFLAGS) $(CFLAGS)
# Of the library, whose objects serve both kinds: with its names hidden this makes the same code as
# without. What the header marks STYLIZE_API stays visible.
LIBRARY_ONLY_CFLAGS = -fPIC -fvisibility=hidden
# In every folder the same bytes. It stays out of .flags: a tree that was moved is not built again.
ANYWHERE_CFLAGS = -ffile-prefix-map=$(CURDIR)=.
OPENMP_FLAGS = # also for whoever links the static library
SANITIZER_FLAGS = # also for whoever links any
ALL_LDFLAGS = $(LDFLAGS) $(OPENMP_FLAGS) $(SANITIZER_FLAGS)
ifneq ($(OPENMP),no)
OPENMP_FLAGS += -fopenmp
ALL_CFLAGS += $(OPENMP_FLAGS)
else
ALL_CFLAGS += -Wno-unknown-pragmas
endif
ifeq ($(WERROR),yes)
ALL_CFLAGS += -Werror
endif
ifneq ($(SAN),)
SANITIZER_FLAGS += -fsanitize=$(SAN)
ALL_CFLAGS += $(SANITIZER_FLAGS) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

# Kernel sets of other processors are left out by what the compiler says it builds for.
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
OTHER_KERNELS := $(filter-out src/simd/$(MACHINE)-%,$(wildcard src/simd/x86_64-*.c src/simd/aarch64-*.c))
# What is there of the optional: no_NAME.c takes the place of files NAME*.c that need what is not.
FOUND := $(foreach name,$(filter-out $(WITHOUT),$(OPTIONAL)),$(shell $(PKG_CONFIG) --exists $($(name)_LIBRARIES) 2>/dev/null && echo $(name)))
LIBRARIES += $(foreach name,$(FOUND),$($(name)_LIBRARIES))
LEFT_OUT := $(FOUND:%=src/image/no_%.c) $(foreach name,$(filter-out $(FOUND),$(OPTIONAL)),$(wildcard src/image/$(name)*.c))
# "yes" where charts can be drawn; without cairo the program says so when it is asked for one.
CAN_CHART := $(if $(filter cairo,$(WITHOUT)),,$(shell $(PKG_CONFIG) --exists $(CHART_LIBRARIES) 2>/dev/null && echo yes))
WITH_CAIRO = $(patsubst %,src/report/%.c,chart label pen)
NOT_CHARTS := $(if $(CAN_CHART),src/report/without_cairo.c,$(WITH_CAIRO))
SOURCES := $(filter-out $(OTHER_KERNELS) $(LEFT_OUT) $(NOT_CHARTS),$(wildcard src/*/*.c))
LIBRARY_SOURCES := $(filter-out src/report/% src/cli/% src/judge/%,$(SOURCES))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY_OBJECTS := $(LIBRARY_SOURCES:%.c=$(BUILD)/%.o)
CLI_OBJECTS := $(filter $(BUILD)/src/cli/% $(BUILD)/src/report/%,$(OBJECTS))
JUDGE_OBJECTS := $(filter $(BUILD)/src/judge/%,$(OBJECTS))
TESTED_OBJECTS = $(filter-out %/main.o,$(CLI_OBJECTS))
TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c))

# A test is named after what it tests: test_MODULE, test_MODULE_more or test_more_MODULE.
FLOORS =
MODULES = $(sort $(basename $(notdir $(wildcard $(FLOORS:%=src/%/*.[ch])))))
FLOOR_TESTS = $(foreach module,$(MODULES),$(filter \
    $(patsubst %,$(BUILD)/tests/test_%,$(module) $(module)_% %_$(module)),$(TESTS)))
UNIT_TESTS = $(if $(FLOORS),$(sort $(FLOOR_TESTS)),$(TESTS))

# Goes up when programs that were built with the library would break: see docs/CONTRIBUTING.md.
SOVERSION = 0
VERSION := $(shell sed -n 's/^.define STYLIZE_VERSION "\(.*\)"$$/\1/p' src/transfer/stylize.h)

PROGRAM = $(BUILD)/stylize
LIBRARY = $(BUILD)/libstylize.a
# The shared library, and the names by which programs and their linker find it.
SHARED = $(BUILD)/libstylize.so.$(VERSION)
SONAME = libstylize.so.$(SOVERSION)
SHARED_LINKS = $(BUILD)/$(SONAME) $(BUILD)/libstylize.so
# The library before its inner names are hidden: what the program and the tests are linked with.
PARTS = $(BUILD)/parts.a
CONVERTER = $(BUILD)/stylize-convert
JUDGE = $(BUILD)/stylize-judge

# Programs look for networks in ../weights; built elsewhere, beside them in share (cli/weights_path.h).
NETWORKS_LINK = $(if $(filter $(CURDIR)/weights,$(abspath $(BUILD)/../weights)),,$(BUILD)/share/stylize)

# Found when first used, so that `make deps` and `make clean` work without the libraries.
LIBRARY_CFLAGS = $(eval LIBRARY_CFLAGS := $$(shell $(PKG_CONFIG) --cflags $(LIBRARIES)))$(LIBRARY_CFLAGS)
LIBRARY_LDLIBS = $(eval LIBRARY_LDLIBS := $$(shell $(PKG_CONFIG) --libs $(LIBRARIES)))$(LIBRARY_LDLIBS)
CHART_CFLAGS = $(if $(CAN_CHART),$(eval CHART_CFLAGS := $$(shell $(PKG_CONFIG) --cflags $(CHART_LIBRARIES)))$(CHART_CFLAGS))
# Of the program, which alone draws charts.
PROGRAM_LDLIBS = $(LIBRARY_LDLIBS)$(if $(CAN_CHART), $(eval CHART_LDLIBS := $$(shell $(PKG_CONFIG) --libs $(CHART_LIBRARIES)))$(CHART_LDLIBS)) -lm
CONVERT_CFLAGS = $(eval CONVERT_CFLAGS := $$(shell $(PKG_CONFIG) --cflags $(CONVERT_LIBRARIES)))$(CONVERT_CFLAGS)
CONVERT_LDLIBS = $(eval CONVERT_LDLIBS := $$(shell $(PKG_CONFIG) --libs $(CONVERT_LIBRARIES)))$(CONVERT_LDLIBS)
TEST_LDLIBS = $(eval TEST_LDLIBS := $$(shell $(PKG_CONFIG) --libs $(TEST_LIBRARIES)))$(TEST_LDLIBS)

.PHONY: all programs deps convert convert-deps demo check check-long test circle-test unit-test fuzz fuzz-programs libfuzzers fuzz-test \
        mutation mutate analyse alloc-test io-test kill-test limits-test race-test memcheck-test watched-unit-test watched-cli-test \
        soak-test abi-test bench-test \
        cli-test fetch-test install-test verify-weights lint abi judge bench bench-peer clean distclean help examples install uninstall man \
        dist deb \
        deb-test FORCE
.SECONDARY:

all: $(PROGRAM) $(LIBRARY) $(SHARED_LINKS)

# ---- dependencies ----

$(BUILD)/.libraries: Makefile
	@mkdir -p $(@D)
	@$(PKG_CONFIG) --exists $(LIBRARIES) 2>/dev/null || { \
	    echo "make: a library is missing ($(LIBRARIES)): run make deps" >&2; exit 1; }
	@touch $@

deps:
	@CC='$(CC)' CROSS_COMPILE='$(CROSS_COMPILE)' RUNNER='$(RUNNER)' sh .ci/deps

# ---- build ----

# Files that change when what they say does: another compiler or flag rebuilds everything.
$(BUILD)/.flags: SAYS = $(CC) $(ALL_CFLAGS) $(LIBRARY_ONLY_CFLAGS) $(ALL_LDFLAGS) $(LIBRARIES) $(if $(CAN_CHART),$(CHART_LIBRARIES))
$(BUILD)/.folders: SAYS = $(prefix) $(libdir) $(pkgconfigdir) $(includedir) $(datadir)
$(BUILD)/.flags $(BUILD)/.folders: FORCE
	@mkdir -p $(@D)
	@echo '$(SAYS)' | cmp -s - $@ || echo '$(SAYS)' > $@

# One plain rule per instruction set.
AVX2_CFLAGS = -mavx2 -mfma -mprfchw
AVX512_CFLAGS = -mavx512f -mavx512vl -mavx512dq -mavx512bw -mfma -mprfchw
$(BUILD)/src/simd/x86_64-avx2.o $(BUILD)/src/simd/x86_64-avx2-bf16.o: KERNEL_CFLAGS = $(AVX2_CFLAGS)
$(BUILD)/src/simd/x86_64-avx512.o $(BUILD)/src/simd/x86_64-avx512-bf16.o: KERNEL_CFLAGS = $(AVX512_CFLAGS)
$(BUILD)/src/simd/x86_64-avx512bf16.o: KERNEL_CFLAGS = $(AVX512_CFLAGS) -mavx512bf16
$(BUILD)/tests/bench/peak_x86_64-avx2.o: KERNEL_CFLAGS = -mavx2 -mfma
$(BUILD)/tests/bench/peak_x86_64-avx512.o: KERNEL_CFLAGS = -mavx512f
$(BUILD)/tests/bench/peak_x86_64-avx512bf16.o: KERNEL_CFLAGS = -mavx512f -mavx512bf16

# Where the program looks for what is not found from its own place.
$(BUILD)/src/cli/weights_path.o: KERNEL_CFLAGS = -DSTYLIZE_DATA='"$(datadir)/stylize"'
$(BUILD)/src/cli/weights_path.o: $(BUILD)/.folders

$(BUILD)/src/report/%.o: KERNEL_CFLAGS = $(CHART_CFLAGS)

$(LIBRARY_OBJECTS): KIND_CFLAGS = $(LIBRARY_ONLY_CFLAGS)

$(BUILD)/%.o: %.c $(BUILD)/.flags $(BUILD)/.libraries
	@mkdir -p $(@D)
	$(SAY) '  CC $<'
	$(Q)$(CC) $(ALL_CFLAGS) $(ANYWHERE_CFLAGS) $(LIBRARY_CFLAGS) $(KIND_CFLAGS) $(KERNEL_CFLAGS) -MMD -MP -c $< -o $@

$(PARTS): $(LIBRARY_OBJECTS)
	$(SAY) '  AR $@'
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

# One object, of which only the names that stylize.h marks can be seen: no other can clash with a
# user's.
$(BUILD)/libstylize.o: $(LIBRARY_OBJECTS)
	$(Q)$(LD) -r $^ -o $@.all
	$(Q)$(OBJCOPY) --localize-hidden $@.all $@
	$(Q)rm $@.all

$(LIBRARY): $(BUILD)/libstylize.o
	$(SAY) '  AR $@'
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

# It stays when a program closes it: jansson and the threads of OpenMP may still call into it.
# Names that are nowhere would show only when a program starts; those of sanitizers are the program's.
$(SHARED): $(LIBRARY_OBJECTS) src/transfer/stylize.map
	$(SAY) '  LD $@'
	$(Q)$(CC) -shared $(ALL_LDFLAGS) -Wl,-z,nodelete -Wl,-soname,$(SONAME) -Wl,--version-script,src/transfer/stylize.map \
	    $(if $(SAN),,-Wl,-z,defs) $(LIBRARY_OBJECTS) $(LIBRARY_LDLIBS) -lm -o $@

$(BUILD)/$(SONAME): $(SHARED)
$(BUILD)/libstylize.so: $(BUILD)/$(SONAME)
$(SHARED_LINKS):
	$(Q)ln -sf $(notdir $<) $@

$(PROGRAM): $(CLI_OBJECTS) $(PARTS) | $(NETWORKS_LINK)
	$(SAY) '  LD $@'
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(PROGRAM_LDLIBS) -o $@

$(JUDGE): $(JUDGE_OBJECTS) $(TESTED_OBJECTS) $(PARTS) | $(NETWORKS_LINK)
	$(SAY) '  LD $@'
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(PROGRAM_LDLIBS) -o $@

$(BUILD)/share/stylize:
	@mkdir -p $(@D)
	$(Q)ln -sfn $(CURDIR)/weights $@

# ---- the converter: the only part that needs libhdf5 ----

# "yes" where it can be built. Without it the tests leave the converter out; `make check` installs it.
CAN_CONVERT = $(eval CAN_CONVERT := $$(shell $(PKG_CONFIG) --exists $(CONVERT_LIBRARIES) && echo yes))$(CAN_CONVERT)
CONVERT_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(wildcard weights/convert/*.c))

# Without contraction its results are the same on every machine.
$(BUILD)/weights/convert/%.o: KERNEL_CFLAGS = -Iweights $(CONVERT_CFLAGS) -ffp-contract=off

$(CONVERTER): $(CONVERT_OBJECTS) $(TESTED_OBJECTS) $(PARTS) | $(NETWORKS_LINK)
	$(SAY) '  LD $@'
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(PROGRAM_LDLIBS) $(CONVERT_LDLIBS) -o $@

convert-deps:
	@CC='$(CC)' CROSS_COMPILE='$(CROSS_COMPILE)' RUNNER='$(RUNNER)' sh .ci/deps convert

convert: convert-deps
	@$(MAKE) --no-print-directory $(CONVERTER)

FILE =

verify-weights: convert
	@STYLIZE_CONVERT=$(abspath $(CONVERTER)) sh weights/verify $(BUILD)/verify $(if $(FILE),'$(FILE)')

# ---- a first picture ----

demo: deps
	@$(MAKE) --no-print-directory all
	$(PROGRAM) --no-defaults examples/content-harbour.jpg examples/style-storm.jpg $(BUILD)/demo.png
	@echo 'The picture is $(BUILD)/demo.png: open it with any viewer, such as xdg-open $(BUILD)/demo.png'

examples: $(BUILD)/examples/library

$(BUILD)/examples/library: examples/library.c src/transfer/stylize.h $(LIBRARY)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Isrc/transfer $< $(LIBRARY) $(ALL_LDFLAGS) $(LIBRARY_LDLIBS) -lm -o $@

# ---- tests ----

TEST_HELPERS = $(filter-out $(BUILD)/tests/test_%,$(patsubst tests/%.c,$(BUILD)/tests/%.o,$(wildcard tests/*.c)))
FUZZERS = $(patsubst tests/%.c,$(BUILD)/tests/%,$(filter-out $(if $(CAN_CONVERT),,%_hdf5.c),$(wildcard tests/fuzz/fuzz_*.c)))

$(BUILD)/tests/test_%: $(BUILD)/tests/test_%.o $(TEST_HELPERS) $(TESTED_OBJECTS) \
                       $(filter-out %/main.o,$(JUDGE_OBJECTS)) $(PARTS)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(PROGRAM_LDLIBS) $(TEST_LDLIBS) -o $@

$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/replay.o $(TESTED_OBJECTS) $(PARTS)
	$(Q)$(CC) $(ALL_LDFLAGS) $(filter-out %.a,$^) $(PARTS) $(PROGRAM_LDLIBS) $(FUZZ_LDLIBS) -o $@

# That of the converter's reader has its objects besides.
HDF5_FUZZERS = $(BUILD)/tests/fuzz/fuzz_hdf5 $(BUILD)/fuzz/hdf5

$(HDF5_FUZZERS): $(filter-out %/main.o,$(CONVERT_OBJECTS))
$(HDF5_FUZZERS): FUZZ_LDLIBS = $(CONVERT_LDLIBS)
$(BUILD)/tests/fuzz/fuzz_hdf5.o: KERNEL_CFLAGS = -Iweights

# The same entries with libFuzzer, which clang has, in a build of their own.
FUZZ_BUILD = $(BUILD)/fuzz
FUZZ_SECONDS = 5

fuzz: fuzz-programs
	@sh tests/fuzz/campaign.sh -b $(FUZZ_BUILD) -s $(FUZZ_SECONDS) $(FUZZ_BUILD)/tried $(FUZZERS:$(BUILD)/tests/fuzz/fuzz_%=%)

fuzz-programs:
	@command -v clang >/dev/null || { echo "make fuzz: libFuzzer is clang's, which is missing: apt-get install clang" >&2; exit 1; }
	@$(MAKE) --no-print-directory CC=clang OPENMP=no SAN=address,undefined,fuzzer-no-link BUILD=$(FUZZ_BUILD) CFLAGS='-O1 -g' libfuzzers

libfuzzers: $(FUZZERS:$(BUILD)/tests/fuzz/fuzz_%=$(BUILD)/fuzz/%)

$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/fuzz_%.o $(TESTED_OBJECTS) $(PARTS)
	@mkdir -p $(@D)
	$(SAY) '  LD $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer $(filter-out %.a,$^) $(PARTS) $(PROGRAM_LDLIBS) $(FUZZ_LDLIBS) -o $@

CONVERT_TESTS = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/convert/*.c))

$(BUILD)/tests/convert/%.o: KERNEL_CFLAGS = -Iweights -Itests

$(BUILD)/tests/convert/%: $(BUILD)/tests/convert/%.o $(filter-out %/main.o,$(CONVERT_OBJECTS)) \
                          $(TEST_HELPERS) $(TESTED_OBJECTS) $(PARTS)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(PROGRAM_LDLIBS) $(CONVERT_LDLIBS) $(TEST_LDLIBS) -o $@

FETCH_SERVER = $(BUILD)/tests/fetch/server

$(FETCH_SERVER): $(FETCH_SERVER).o
	$(Q)$(CC) $(ALL_LDFLAGS) $^ -o $@

BENCH = $(BUILD)/tests/bench/bench
OTHER_PEAKS = $(filter-out tests/bench/peak_$(MACHINE)-%,$(wildcard tests/bench/peak_*-*.c))
BENCH_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(OTHER_PEAKS),$(wildcard tests/bench/*.c)))

# What virtual_threads.c takes the place of: GNU OpenMP's, as gcc calls it.
WRAPPED = GOMP_parallel GOMP_barrier GOMP_single_start GOMP_loop_nonmonotonic_dynamic_start \
          GOMP_loop_nonmonotonic_dynamic_next GOMP_loop_end GOMP_loop_end_nowait \
          omp_get_thread_num omp_get_num_threads
WRAP_FLAGS = $(if $(filter yes,$(OPENMP)),$(if $(shell $(CC) --version | grep -i clang),,$(WRAPPED:%=-Wl,--wrap=%)))

$(BENCH): $(BENCH_OBJECTS) $(BUILD)/src/cli/threads.o $(BUILD)/src/cli/signals.o $(PARTS)
	$(Q)$(CC) $(ALL_LDFLAGS) $(WRAP_FLAGS) $^ $(LIBRARY_LDLIBS) -lm -o $@

check: convert-deps
	@$(MAKE) --no-print-directory test

test: lint circle-test unit-test fuzz-test alloc-test io-test kill-test limits-test abi-test bench-test cli-test fetch-test install-test

# Those that are tried; all of them where none is named.
LONG =

check-long: programs
	@MAKE='$(MAKE)' sh tests/check_long.sh $(BUILD) $(LONG)

programs: $(PROGRAM) $(LIBRARY) $(SHARED_LINKS) $(JUDGE) $(TESTS) $(if $(CAN_CONVERT),$(CONVERTER) $(CONVERT_TESTS) $(FETCH_SERVER)) $(FUZZERS) $(BENCH)

unit-test: $(UNIT_TESTS:%=%.log) $(if $(FLOORS),,$(if $(CAN_CONVERT),$(CONVERT_TESTS:%=%.log)))
	@sh tests/sum.sh $^

# What a test said, which is new each time; the sum tells whether any failed.
$(BUILD)/tests/%.log: $(BUILD)/tests/% FORCE
	@RUNNER='$(RUNNER)' sh tests/run.sh $< $@

# Replays the corpus, what campaigns found to be worth keeping (found/), and every hostile file;
# pictures, recipes and other texts also mutated.
CORPUS = tests/fuzz/corpus
PICTURES_IN = $(foreach kind,png jpg webp tif,$(1)/*.$(kind))

fuzz-test: export LSAN_OPTIONS = suppressions=tests/lsan.supp:print_suppressions=0
fuzz-test: $(FUZZERS)
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_weights $(CORPUS)/*.safetensors $(CORPUS)/found/*.safetensors \
	    $(CORPUS)/found/*.pth tests/hostile/*.safetensors tests/hostile/*.pth tests/networks/*
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_checkpoint $(CORPUS)/*.edits $(CORPUS)/found/*.edits
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_recipe -e $(CORPUS)/*.json $(CORPUS)/*.field
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_recipe $(CORPUS)/found/*.json $(CORPUS)/found/*.field
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_log -e $(CORPUS)/*.jsonl
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_log $(CORPUS)/found/*.jsonl
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_record -e $(CORPUS)/*.record
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_record $(CORPUS)/found/*.record
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_options -n 150 $(CORPUS)/*.words
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_options $(CORPUS)/found/*.words
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_list -n 150 $(CORPUS)/*.list
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_list $(CORPUS)/found/*.list
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_image -n 25 $(wildcard $(call PICTURES_IN,tests/images) $(call PICTURES_IN,$(CORPUS)))
	@$(RUNNER) $(BUILD)/tests/fuzz/fuzz_image $(wildcard $(call PICTURES_IN,$(CORPUS)/found))
	@$(if $(CAN_CONVERT),$(RUNNER) $(BUILD)/tests/fuzz/fuzz_hdf5 tests/hostile/*.h5 tests/networks/*.h5 $(CORPUS)/*.h5 $(CORPUS)/found/*.h5)

# Whether the unit tests of cost, optimize and transfer notice mutants of the code, in a build of its
# own; it goes on where it stopped.
MUTATION_BUILD = $(BUILD)/mutants
MUTATION_SEED = 1
MUTANTS = 160

mutation:
	@$(MAKE) --no-print-directory BUILD=$(MUTATION_BUILD) CFLAGS=-O2 mutate

mutate: export MUTANT_COMPILE = $(CC) $(ALL_CFLAGS) $(LIBRARY_CFLAGS) $(LIBRARY_ONLY_CFLAGS)
mutate: export MUTANT_LINK = $(CC) $(ALL_LDFLAGS)
mutate: export MUTANT_OBJECTS = $(TEST_HELPERS) $(TESTED_OBJECTS) $(filter-out %/main.o,$(JUDGE_OBJECTS)) $(PARTS)
mutate: export MUTANT_LIBRARIES = $(PROGRAM_LDLIBS) $(TEST_LDLIBS)
mutate: export MUTANT_MAKE = $(MAKE)
mutate: $(TEST_HELPERS) $(TESTED_OBJECTS) $(JUDGE_OBJECTS) $(PARTS)
	@sh tests/mutation/run.sh $(BUILD) $(MUTATION_SEED) $(MUTANTS)

# The program, the library, the judge and the converter, as far as they are built here.
analyse: convert-deps
	@ANALYSED_CFLAGS='$(CPPFLAGS) $(MATH) $(LIBRARY_CFLAGS) $(CHART_CFLAGS) $(CONVERT_CFLAGS)' \
	    sh tests/analysers/run.sh $(BUILD) $(SOURCES) $(wildcard weights/convert/*.c)

# ---- longer tests: threads, memory, one process of many jobs ----

RACE_BUILD = $(BUILD)/race
MEMCHECK_BUILD = $(BUILD)/memcheck
# Cases of the command line, by name.
CASES =
# Of both kinds all, or those that are named.
WATCHED_PARTS = $(if $(FLOORS),watched-unit-test) $(if $(CASES),watched-cli-test) \
                $(if $(FLOORS)$(CASES),,watched-unit-test watched-cli-test)

# By clang's ThreadSanitizer, to which libarcher tells what OpenMP's own threads wait for.
race-test:
	@command -v clang >/dev/null || { echo "make race-test: clang is missing: apt-get install clang libomp-dev" >&2; exit 1; }
	@archer=$$(clang -print-resource-dir)/../../libarcher.so; [ -e "$$archer" ] || { \
	    echo "make race-test: libarcher.so is missing beside clang's OpenMP: apt-get install libomp-dev" >&2; exit 1; }; \
	OMP_TOOL_LIBRARIES=$$archer TSAN_OPTIONS='ignore_noninstrumented_modules=1' \
	    $(MAKE) --no-print-directory CC=clang SAN=thread CFLAGS='-O1 -g' BUILD=$(RACE_BUILD) $(WATCHED_PARTS)

# By valgrind, which does not know OpenMP's threads: one thread.
# By the kernels in plain C, but where a test takes each set itself: valgrind goes through fused
# multiplications and additions of vectors one number at a time.
memcheck-test:
	@command -v valgrind >/dev/null || { echo "make memcheck-test: valgrind is missing: apt-get install valgrind" >&2; exit 1; }
	@STYLIZE_ISA=generic $(MAKE) --no-print-directory OPENMP=no CFLAGS='-O2 -g' BUILD=$(MEMCHECK_BUILD) RUNNER='sh tests/memcheck.sh' $(WATCHED_PARTS)

watched-unit-test:
	@start=$$(date +%s) && $(MAKE) --no-print-directory unit-test && echo "  in $$(($$(date +%s) - start)) s"

watched-cli-test: $(PROGRAM) $(JUDGE) $(if $(CAN_CONVERT),$(CONVERTER))
	@start=$$(date +%s) && sh tests/cli/watched.sh $(BUILD) '$(if $(RUNNER),sh $(CURDIR)/tests/memcheck.sh)' $(CASES) && \
	    echo "  in $$(($$(date +%s) - start)) s"

SOAK = $(BUILD)/tests/soak/soak
SOAK_JOBS = 1000

soak-test: $(SOAK)
	@$(SOAK) $(SOAK_JOBS)

$(SOAK): $(SOAK).o $(PARTS)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LIBRARY_LDLIBS) -lm -o $@

# Sanitizers watch, too: with them a network of few channels stands in, or it takes long.
ifneq ($(SAN),)
cli-test: export CASE_SECONDS = 300
cli-test: watched-cli-test
else
cli-test: $(PROGRAM) $(JUDGE) $(if $(CAN_CONVERT),$(CONVERTER))
	@STYLIZE=$(abspath $(PROGRAM)) CONVERT=$(abspath $(CONVERTER)) JUDGE=$(abspath $(JUDGE)) \
	    sh tests/cli/run.sh $(CASES)
endif

# Allocations that fail, by a shim before those of glibc; sanitizers have their own in that place.
STEP =
ALLOC_SHIM = $(BUILD)/tests/faults/alloc.so
IO_SHIM = $(BUILD)/tests/faults/io.so

$(ALLOC_SHIM) $(IO_SHIM): $(BUILD)/%.so: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -O2 -g $(WARNINGS) -fPIC -shared $< $(LDFLAGS) -ldl -o $@

ifneq ($(SAN)$(CROSS_COMPILE),)
alloc-test:
	@echo 'alloc tests: 0 passed, 0 failed, 1 skipped: a sanitizer or an emulator allocates otherwise'
else
alloc-test: $(PROGRAM) $(ALLOC_SHIM)
	@STYLIZE=$(abspath $(PROGRAM)) sh tests/faults/alloc.sh $(abspath $(ALLOC_SHIM)) $(STEP)
endif

ifneq ($(SAN)$(CROSS_COMPILE)$(filter-out x86_64 aarch64,$(MACHINE)),)
io-test:
	@echo 'io tests: 0 passed, 0 failed, 1 skipped: a sanitizer, an emulator, or a processor that the shim does not know'
else
io-test: $(PROGRAM) $(IO_SHIM)
	@STYLIZE=$(abspath $(PROGRAM)) sh tests/faults/io.sh $(abspath $(IO_SHIM)) $(STEP)
endif

KILLS = 12
SIGNALS = 12

kill-test: $(PROGRAM)
	@STYLIZE=$(abspath $(PROGRAM)) KILLS=$(KILLS) SIGNALS=$(SIGNALS) sh tests/faults/kill.sh

LIMITS = 24 160 1000

ifneq ($(SAN)$(CROSS_COMPILE),)
limits-test:
	@echo 'limits tests: 0 passed, 0 failed, 1 skipped: a sanitizer or an emulator takes more than there is'
else
limits-test: $(PROGRAM)
	@STYLIZE=$(abspath $(PROGRAM)) LIMITS='$(LIMITS)' sh tests/faults/limits.sh
endif

ifeq ($(CAN_CONVERT),yes)
fetch-test: $(PROGRAM) $(CONVERTER) $(FETCH_SERVER)
	@STYLIZE=$(abspath $(PROGRAM)) CONVERT=$(abspath $(CONVERTER)) sh tests/fetch/run.sh $(FETCH_SERVER)
else
fetch-test:
	@echo 'fetch tests: 0 passed, 0 failed, 1 skipped: without $(CONVERT_LIBRARIES) there is no converter'
endif

abi-test abi: $(SHARED)
	@CC='$(CC)' RUNNER='$(RUNNER)' sh tests/abi.sh $@ $(SHARED) $(BUILD)/tests/abi \
	    tests/abi/$(SONAME).abi

install-test: $(PROGRAM) $(LIBRARY) $(SHARED_LINKS)
	@MAKE='$(MAKE)' BUILD=$(BUILD) CC='$(CC)' sh tests/install.sh

# Not how fast, but whether the measurements still run.
bench-test: $(BENCH)
	@sh tests/bench/run.sh $(BENCH) $(BUILD)/bench-test.log

lint:
	@sh tests/lint.sh

# By the objects of what is there, not by what an earlier build has left in the folder.
circle-test: $(sort $(OBJECTS) $(if $(CAN_CONVERT),$(CONVERT_OBJECTS)))
	@NM='$(NM)' sh tests/circles.sh $(BUILD) $^

# ---- measurements ----

# The command line of stylize-judge by names; each may be left out.
# What the environment calls so is not meant.
CONTENT =
STYLE =
PICTURES =
PAIRS =
NETWORK =
AT =
AGAINST =
judge: $(JUDGE)
	@$(JUDGE) $(if $(NETWORK),-w '$(NETWORK)') $(if $(AT),--at '$(AT)') \
	    $(if $(AGAINST),--against '$(AGAINST)') $(if $(PAIRS),--pairs '$(PAIRS)') \
	    $(if $(CONTENT),'$(CONTENT)') $(if $(STYLE),'$(STYLE)') $(PICTURES)

BENCH_ARGS =

bench: $(BENCH)
	@$(BENCH) --json $(BUILD)/bench.jsonl $(BENCH_ARGS)
	@echo 'as JSON lines: $(BUILD)/bench.jsonl'

bench-peer: $(BENCH)
	@sh tests/bench/peer.sh --if-there --bench $(BENCH) --json $(BUILD)/bench-peer.jsonl $(BENCH_ARGS)

# ---- installation ----

COMPLETIONS = $(patsubst %,$(BUILD)/completions/%,bash zsh fish)
DOCUMENTS = README.md LICENSE $(wildcard docs/*.md docs/*.jpg) weights/README.md examples/README.md \
            examples/library.c examples/library.py $(wildcard examples/*.jpg examples/regions/*.png)

# Mode (or that it is a link), file (or what it leads to) and place of everything that is installed;
# `make uninstall` removes the places.
define INSTALLED
755 $(PROGRAM) $(bindir)/stylize
755 examples/cluster/slurm.sh $(docdir)/examples/cluster/slurm.sh
755 examples/cluster/parallel.sh $(docdir)/examples/cluster/parallel.sh
644 weights/vgg16.safetensors $(datadir)/stylize/vgg16.safetensors
644 weights/vgg19-slim.safetensors $(datadir)/stylize/vgg19-slim.safetensors
644 $(LIBRARY) $(libdir)/libstylize.a
644 $(SHARED) $(libdir)/$(notdir $(SHARED))
link $(notdir $(SHARED)) $(libdir)/$(SONAME)
link $(SONAME) $(libdir)/libstylize.so
644 $(BUILD)/stylize.pc $(pkgconfigdir)/stylize.pc
644 src/transfer/stylize.h $(includedir)/stylize.h
$(foreach file,$(notdir $(wildcard src/transfer/stylize_*.h)),644 src/transfer/$(file) $(includedir)/$(file)$(newline))644 docs/stylize.1 $(mandir)/man1/stylize.1
644 $(BUILD)/completions/bash $(bashdir)/stylize
644 $(BUILD)/completions/zsh $(zshdir)/_stylize
644 $(BUILD)/completions/fish $(fishdir)/stylize.fish
$(foreach file,$(DOCUMENTS),644 $(file) $(docdir)/$(file)$(newline))
endef

define newline


endef

# Likewise, where the converter was built before (make convert).
define INSTALLED_TO_CONVERT
755 $(CONVERTER) $(bindir)/stylize-convert
755 $(BUILD)/stylize-fetch $(bindir)/stylize-fetch
644 weights/sources $(datadir)/stylize/sources
644 weights/vgg16.means $(datadir)/stylize/vgg16.means
644 docs/stylize-convert.1 $(mandir)/man1/stylize-convert.1
644 docs/stylize-fetch.1 $(mandir)/man1/stylize-fetch.1
endef
IF_CONVERTS = $(if $(CAN_CONVERT),$(if $(wildcard $(CONVERTER)),$(1)))

install uninstall: export DESTDIR := $(DESTDIR)
install: export INSTALLED := $(INSTALLED)$(call IF_CONVERTS,$(INSTALLED_TO_CONVERT))
uninstall: export INSTALLED := $(INSTALLED)$(INSTALLED_TO_CONVERT)

install: $(PROGRAM) $(LIBRARY) $(SHARED_LINKS) $(BUILD)/stylize.pc $(COMPLETIONS) $(call IF_CONVERTS,$(CONVERTER) $(BUILD)/stylize-fetch)
	@echo "$$INSTALLED" | while read -r mode file place && [ "$$mode" ]; do \
	    echo "  INSTALL $$DESTDIR$$place"; \
	    folder=$$(dirname "$$DESTDIR$$place"); \
	    [ -d "$$folder" ] || install -d "$$folder" || exit; \
	    case $$mode in \
	    link) ln -sf "$$file" "$$DESTDIR$$place" || exit ;; \
	    *) install -m "$$mode" "$$file" "$$DESTDIR$$place" || exit ;; \
	    esac; \
	done
	@[ "$$DESTDIR" ] || [ "$$(id -u)" != 0 ] || PATH=$$PATH:/sbin ldconfig || true

# Standard folders stay, and so do our own where somebody else put something.
uninstall:
	@echo "$$INSTALLED" | while read -r mode file place && [ "$$mode" ]; do \
	    echo "  RM $$DESTDIR$$place"; \
	    rm -f "$$DESTDIR$$place" || exit; \
	done
	@for folder in $(datadir)/stylize $(patsubst %,$(docdir)/%,docs weights examples/cluster examples/regions examples) $(docdir); do \
	    rmdir "$$DESTDIR$$folder" 2>/dev/null; \
	done; true

$(BUILD)/stylize-fetch: weights/fetch $(BUILD)/.folders
	@sed "s,^DATA='',DATA='$(datadir)/stylize'," $< > $@

# The folders are relative to the file's own, so that the tree can be moved.
$(BUILD)/stylize.pc: src/transfer/stylize.pc.in $(BUILD)/.flags $(BUILD)/.folders
	@up=$$(echo '$(pkgconfigdir:$(prefix)/%=%)' | sed 's,[^/][^/]*,..,g') && \
	    sed -e "s,@PREFIX@,$(if $(filter $(prefix)/%,$(pkgconfigdir)),\$${pcfiledir}/$$up,$(prefix))," \
	    -e 's,@LIBDIR@,$(libdir:$(prefix)/%=$${prefix}/%),' \
	    -e 's,@INCLUDEDIR@,$(includedir:$(prefix)/%=$${prefix}/%),' \
	    -e 's,@VERSION@,$(VERSION),;s,@LIBRARIES@,$(LIBRARIES),;s/@OPENMP@/$(OPENMP_FLAGS)/' \
    -e 's/ *@SANITIZERS@/$(SANITIZER_FLAGS:%= %)/' $< > $@

$(BUILD)/completions/%: $(PROGRAM)
	@mkdir -p $(@D)
	@$(RUNNER) $(PROGRAM) --print $* > $@

# What is to be written again after a change of the options table.
man: $(PROGRAM)
	$(RUNNER) $(PROGRAM) --print man > docs/stylize.1

# ---- packages ----

# Everything that git tracks, under one folder; of the same tree always the same bytes.
DIST = stylize-$(VERSION)

dist:
	@mkdir -p $(BUILD)
	@git ls-files --error-unmatch Makefile >/dev/null 2>&1 || { \
	    echo "make dist: this is no git checkout, which says what belongs to the project" >&2; exit 1; }
	@time=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} && \
	    git ls-files -z > $(BUILD)/.files && \
	    tar --create --null --files-from=$(BUILD)/.files --format=ustar --mtime="@$$time" \
	        --owner=root:0 --group=root:0 --numeric-owner --mode=u=rwX,go=rX \
	        --transform='flags=r;s,^,$(DIST)/,' --file=$(BUILD)/$(DIST).tar && \
	    gzip -9nf $(BUILD)/$(DIST).tar
	@echo '$(BUILD)/$(DIST).tar.gz'

# Debian packages of the files as they are here, in a tree of their own.
deb:
	@sh .debian/build $(BUILD)/deb $(VERSION)

deb-test: deb
	@sh tests/deb.sh $(BUILD)/deb

-include $(OBJECTS:.o=.d) $(CONVERT_OBJECTS:.o=.d) $(TESTS:%=%.d) $(CONVERT_TESTS:%=%.d) \
         $(TEST_HELPERS:.o=.d) $(FUZZERS:%=%.d) $(BUILD)/tests/fuzz/replay.d $(SOAK).d $(BENCH_OBJECTS:.o=.d)

help:
	@sed -n '/^#  *make /,/^$$/s/^# \{0,1\}//p' Makefile

clean:
	rm -rf $(BUILD)

distclean: clean
	rm -rf build
	find . -name __pycache__ -prune -exec rm -rf {} +
