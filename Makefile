# Sycee: one Makefile. `make run` starts the bank, `make test` tests it, `make` builds it.
# MODE=release (default) | debug (ASan, UBSan, faults) | tsan | fuzz (clang, libFuzzer: `make fuzz MODE=fuzz`)
MODE    ?= release
BUILD   := build/$(MODE)
GEN     := $(BUILD)/gen
VERSION := 0.1.0

ROOMS   := $(shell awk '!/^\#/ && NF {print $$1}' LAYERS)
ROOMS   := $(foreach r,$(ROOMS),$(if $(wildcard src/$(r)/*.c),$(r)))
PKGS    := libmicrohttpd jansson libsodium liboath sqlite3 libpq libcurl inih libical \
           cairo pangocairo pangoft2 fontconfig freetype2 libjpeg icu-uc icu-i18n libsystemd lept libseccomp \
           libfido2 libcbor
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null | sed 's/-I/-isystem /g')
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm

CC       := gcc
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wvla -Wcast-qual -Wswitch-enum -Wformat=2 -Werror
CPPFLAGS := -D_GNU_SOURCE -DSYCEE_VERSION='"$(VERSION)"' -iquote src -iquote $(GEN) $(PKG_CFLAGS)
CFLAGS   := -std=c17 -g $(WARNINGS)
LDFLAGS  := -pthread
ifeq ($(MODE),release)
CFLAGS   += -O2 -fno-plt -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDFLAGS  += -pie -Wl,-z,relro,-z,now
else ifeq ($(MODE),debug)
CFLAGS   += -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -DSYCEE_FAULTS
LDFLAGS  += -fsanitize=address,undefined
else ifeq ($(MODE),tsan)
CFLAGS   += -O1 -fno-omit-frame-pointer -fsanitize=thread -DSYCEE_FAULTS
LDFLAGS  += -fsanitize=thread
else ifeq ($(MODE),fuzz)
# clang's warnings differ from gcc's: this text has already been accepted by gcc.
CC       := clang
CFLAGS   := -std=c17 -g -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
LDFLAGS  += -fsanitize=fuzzer,address,undefined
endif

# Loops over pixels are optimised in every mode: the tests look at real pictures.
$(BUILD)/obj/vision/%.o $(BUILD)/obj/sandbox/cards%.o: CFLAGS += -O2

# Quiet unless V=1.
Q := $(if $(V),,@)
say = $(if $(V),,@echo "  $(1)	$(2)")

.PHONY: all run test unit fuzz apps models clean tidy lint print-flags format deps
.SECONDARY:
all: $(BUILD)/sycee $(BUILD)/sandbox $(BUILD)/auditor

# --- rooms -------------------------------------------------------------------------------------
room_sources  = $(sort $(wildcard src/$(1)/*.c))
room_objects  = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(call room_sources,$(1)))
ROOM_LIBS    := $(foreach r,$(ROOMS),$(BUILD)/lib$(r).a)
# Libraries of a room and of all below it, top first (what a test of that room may link).
below         = $(shell awk -v top=$(1) '!/^\#/ && NF {print $$1; if ($$1==top) exit}' LAYERS | tac)
libs_of       = $(foreach r,$(call below,$(1)),$(if $(filter $(r),$(ROOMS)),$(BUILD)/lib$(r).a))

# The rows rebuild err.o alone; the list of names, which every object includes, keeps its time while
# no error comes or goes.
ERRORS := $(wildcard $(ROOMS:%=src/%/errors.tsv))
$(GEN)/err_rows.h: $(ERRORS) tools/errors LAYERS
	@mkdir -p $(@D)
	tools/errors $(ERRORS) > $@.tmp && mv $@.tmp $@
$(GEN)/err_list.h: $(GEN)/err_rows.h
	@sed -n 's/^ERR_ROW(\([A-Z0-9_]*\),.*/ERR_NAME(\1)/p' $< > $@.tmp
	@cmp -s $@.tmp $@ || cp $@.tmp $@
$(GEN)/migrations.c: $(wildcard src/*/schema/*.sql) tools/embed LAYERS
	@mkdir -p $(@D)
	tools/embed > $@.tmp && mv $@.tmp $@
$(GEN)/ccy_list.h: src/base/currencies.tsv tools/currencies
	@mkdir -p $(@D)
	tools/currencies $< > $@.tmp && mv $@.tmp $@
$(GEN)/characters.h: src/base/characters.tsv tools/characters
	@mkdir -p $(@D)
	tools/characters $< > $@.tmp && mv $@.tmp $@
# Generated headers come before every object, whatever order make takes them in.
HEADERS := $(GEN)/err_list.h $(GEN)/ccy_list.h $(GEN)/characters.h
$(BUILD)/obj/%.o: src/%.c | $(HEADERS)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@
$(BUILD)/obj/migrations.o: $(GEN)/migrations.c | $(HEADERS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-overlength-strings -MMD -MP -c $< -o $@
define room_rule
$(BUILD)/lib$(1).a: $(call room_objects,$(1))
	@rm -f $$@
	$(Q)$(AR) rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room_rule,$(r))))

$(BUILD)/sycee: $(BUILD)/obj/migrations.o $(ROOM_LIBS)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(BUILD)/obj/cli/main.o $(BUILD)/obj/migrations.o \
	  -Wl,--start-group $(ROOM_LIBS) -Wl,--end-group $(PKG_LIBS)

# --- the outside world and the auditor share base only -------------------------------------------
define program_rule
$(BUILD)/obj/$(1)/%.o: $(1)/%.c | $(HEADERS)
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)
	$(Q)$(CC) $(CPPFLAGS) -I$(1) $(CFLAGS) -MMD -MP -c $$< -o $$@
$(BUILD)/$(1): $(patsubst $(1)/%.c,$(BUILD)/obj/$(1)/%.o,$(wildcard $(1)/*.c)) $(BUILD)/libbase.a
	$$(call say,LD,$$@)
	$(Q)$(CC) $(LDFLAGS) -o $$@ $$^ $(PKG_LIBS)
endef
$(foreach p,sandbox auditor,$(eval $(call program_rule,$(p))))
$(BUILD)/obj/sandbox/faces.o: $(wildcard sandbox/faces/*/*.jpg)

# --- tests: tests/unit/test_<room>_<thing>.c links the libraries up to its room ------------------
UNIT_SOURCES := $(wildcard tests/unit/test_*.c)
UNIT_TESTS   := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(UNIT_SOURCES))
test_room     = $(word 2,$(subst _, ,$(1)))
define unit_rule
$(BUILD)/tests/$(1): tests/unit/$(1).c $(BUILD)/obj/migrations.o $(call libs_of,$(call test_room,$(1)))
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)
	$(Q)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) -Wno-missing-prototypes -MMD -MP -o $$@ $$< \
	  $(if $(filter base sys,$(call test_room,$(1))),,$(BUILD)/obj/migrations.o) $(LDFLAGS) \
	  -Wl,--start-group $(call libs_of,$(call test_room,$(1))) -Wl,--end-group $(PKG_LIBS) -lcmocka
endef
$(foreach t,$(notdir $(UNIT_TESTS)),$(eval $(call unit_rule,$(t))))
unit: $(UNIT_TESTS)

# --- fuzz targets: tests/fuzz/fuzz_<room>_<thing>.c. MODE=fuzz links libFuzzer, else the corpus is replayed --
FUZZ_TESTS   := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_DRIVER  := $(if $(filter fuzz,$(MODE)),,tests/fuzz/replay.c)
define fuzz_rule
$(BUILD)/fuzz/$(1): tests/fuzz/$(1).c $(FUZZ_DRIVER) tests/fuzz/fuzz.h $(BUILD)/obj/migrations.o $(call libs_of,$(call test_room,$(1)))
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -o $$@ $$< $(FUZZ_DRIVER) \
	  $(if $(filter base sys,$(call test_room,$(1))),,$(BUILD)/obj/migrations.o) $(LDFLAGS) \
	  -Wl,--start-group $(call libs_of,$(call test_room,$(1))) -Wl,--end-group $(PKG_LIBS)
endef
$(foreach t,$(notdir $(FUZZ_TESTS)),$(eval $(call fuzz_rule,$(t))))
fuzz: $(FUZZ_TESTS)

deps:
	@tools/install
apps: deps all
	@tools/apps
models: deps
	@tools/models
run: deps models all apps
	@tools/run
test: deps models
	@tests/run
tidy:
	@tests/tidy/run
lint: $(HEADERS)
	@tests/tidy/lint $(BUILD)
print-flags:
	$(info $(CPPFLAGS))
	@:
format:
	clang-format -i $(wildcard src/*/*.[ch] sandbox/*.[ch] auditor/*.[ch] tests/unit/*.[ch])
clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
