# SPDX-License-Identifier: GPL-2.0-only
#
# make help says what there is. All output goes below $(O), sanitizer builds into
# folders of their own there, so that builds with different flags never mix.

O         ?= build
PREFIX    ?= /usr/local
VERSION   := 0.1.0
CLANG     ?= clang
STRIP     ?= llvm-strip
# Ubuntu's bpftool is a wrapper that refuses to work on any kernel but its own: prefer the real one.
BPFTOOL   ?= $(firstword $(wildcard /usr/lib/linux-tools/*/bpftool) bpftool)
FUZZ_SECONDS ?= 20

# Debian keeps bpftool where users without root do not look.
export PATH := $(PATH):/usr/sbin:/sbin

comma := ,
ifneq ($(words $(O)),1)
  $(error O='$(O)': the folder of the outputs cannot have spaces in its name)
endif
B := $(O)$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))

ifeq ($(V),1)
  say = @:
else
  say = @printf '  %-8s%s\n' $(1) $@
  Q := @
endif

# ---- set-up, before anything below asks a compiler or pkg-config -------------------------------

# The targets of daily work install what is missing; the others only name it.
GOALS := $(or $(MAKECMDGOALS),all)
ifneq ($(filter-out clean help,$(GOALS)),)
  NEEDS := build $(if $(filter check,$(GOALS)),test) $(filter lint fuzz,$(GOALS:format=lint)) $(if $(SAN),san)
  SETUP := tools/setup.sh $(if $(filter check lint format fuzz,$(GOALS)),,--check) $(NEEDS)
  ifneq ($(shell $(SETUP) >&2 || echo failed),)
    $(error set-up is not complete, see above)
  endif
  # A -j of the caller's wins over this one; below another make it would break its job server.
  ifeq ($(MAKELEVEL),0)
    MAKEFLAGS += -j$(shell nproc)
  endif
  LIBS := libxdp libbpf libelf libpcap libnl-route-3.0 libnl-genl-3.0 json-c
  LIB_CFLAGS := $(shell pkg-config --cflags $(LIBS))
  LIB_LDLIBS := $(shell pkg-config --libs $(LIBS))
endif

# ---- what is built from what --------------------------------------------------------------------

CMD_SRC    := $(wildcard xsk/*.c)
# No system call, no libbpf: what unit tests and fuzzers link. tools/layers.sh checks it.
PURE_SRC   := $(wildcard xsk/base/*.c xsk/lang/*.c xsk/plan/*.c xsk/out/*.c \
                xsk/ring/audit*.c xsk/run/verdict*.c xsk/run/result*.c)
KERNEL_SRC := $(filter-out $(PURE_SRC),$(wildcard xsk/link/*.c xsk/ring/*.c xsk/run/*.c))
BPF_SRC    := $(wildcard bpf/*.bpf.c)
# Programs as users have them, which specifications load by name.
USER_SRC   := $(wildcard specs/*/src/*.bpf.c)
ifneq ($(words $(USER_SRC)),$(words $(sort $(notdir $(USER_SRC)))))
  $(error two programs of specs/*/src have one name: objects of all lie in one folder)
endif
TEST_SRC   := $(wildcard xsk/tests/test_*.c)
FUZZ_SRC   := $(wildcard xsk/tests/fuzz_*.c)
HELPER_SRC := $(filter-out $(TEST_SRC) $(FUZZ_SRC) xsk/tests/faults.c,$(wildcard xsk/tests/*.c))

objs = $(patsubst %.c,$(B)/%.o,$(1))
CMD_OBJS    := $(call objs,$(CMD_SRC))
PURE_OBJS   := $(call objs,$(PURE_SRC))
KERNEL_OBJS := $(call objs,$(KERNEL_SRC))
TEST_OBJS   := $(call objs,$(TEST_SRC))
HELPER_OBJS := $(call objs,$(HELPER_SRC))
USER_OBJS   := $(patsubst %.c,$(B)/programs/%.o,$(notdir $(USER_SRC)))
SKELS       := $(patsubst %.bpf.c,$(O)/%.skel.h,$(BPF_SRC))
TESTS       := $(patsubst xsk/tests/%.c,$(B)/tests/%,$(TEST_SRC))
# Tests of what talks to the kernel; all others link the pure objects only. Commands have scripts.
KERNEL_TESTS := $(filter $(addprefix $(B)/tests/test_,link% prog% probe% ring% sock% umem% run%),$(TESTS))
PURE_TESTS   := $(filter-out $(KERNEL_TESTS),$(TESTS))
FAULTS       := $(patsubst xsk/tests/%.c,$(B)/tests/%.so,$(wildcard xsk/tests/faults.c))
FUZZERS     := $(patsubst xsk/tests/%.c,$(O)/fuzz/%,$(FUZZ_SRC))
FUZZ_OBJS   := $(patsubst %.c,$(O)/fuzz/%.o,$(PURE_SRC))
FUZZ_OTHERS := $(patsubst %.c,$(O)/fuzz/%.o,xsk/cmd_probe_json.c $(KERNEL_SRC))

# ---- flags --------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition \
            -Wpointer-arith -Wundef -Wformat=2 -Wno-format-nonliteral -Wvla -Walloca \
            -Wimplicit-fallthrough -Wwrite-strings -Wredundant-decls
ifeq ($(DEVELOPER),1)
  WARNINGS += -Werror -Wcast-qual -Wcast-align -Wdouble-promotion -Wnested-externs
  ifeq ($(findstring clang,$(CC)),)
    WARNINGS += -Wduplicated-cond -Wduplicated-branches -Wlogical-op
  endif
endif
ifneq ($(SAN),)
  SAN_FLAGS := -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

CFLAGS ?= -O2 -g
CPPFLAGS_ALL = -D_GNU_SOURCE -DXSKSPEC_VERSION='"$(VERSION)"' -Ixsk -I. -I$(O) $(LIB_CFLAGS) \
               -include xsk/base/poison.h $(CPPFLAGS)
CFLAGS_ALL   = -std=gnu11 $(WARNINGS) $(CPPFLAGS_ALL) $(CFLAGS) $(SAN_FLAGS)
LDFLAGS_ALL  = -pthread -Wl,--as-needed $(SAN_FLAGS) $(LDFLAGS)
FUZZ_CFLAGS  = -std=gnu11 $(CPPFLAGS_ALL) -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all
# clang -target bpf does not look into the host's multiarch folder: ask where asm/types.h is.
ASM_TYPES   := $(filter %/asm/types.h,$(shell $(CC) -M -x c -include asm/types.h /dev/null))
BPF_CFLAGS   = -O2 -g -target bpf -Wall -Werror -I. -I$(ASM_TYPES:/asm/types.h=)

# ---- rules --------------------------------------------------------------------------------------

.PHONY: all check lint format fuzz install docs clean help FORCE
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:

all: $(B)/xskspec $(USER_OBJS) ## the program, $(O)/xskspec (the default)

$(B)/xskspec: $(CMD_OBJS) $(KERNEL_OBJS) $(PURE_OBJS)
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LDLIBS)

$(B)/%.o: %.c $(B)/flags
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# Its time changes only when the flags do: objects of other flags are made again.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CFLAGS_ALL)' | cmp -s - $@ || echo '$(CC) $(CFLAGS_ALL)' > $@

$(CMD_OBJS) $(KERNEL_OBJS) $(TEST_OBJS): | $(SKELS)

$(O)/bpf/%.bpf.o: bpf/%.bpf.c
	$(call say,BPF)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<
	$(Q)$(STRIP) -g $@

# xskspec looks into the folder programs beside itself.
vpath %.bpf.c $(sort $(dir $(USER_SRC)))
$(B)/programs/%.bpf.o: %.bpf.c
	$(call say,BPF)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/bpf/%.skel.h: $(O)/bpf/%.bpf.o
	$(call say,SKEL)
	$(Q)echo '#pragma GCC system_header' > $@ # its code is not ours to warn about
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf >> $@

$(PURE_TESTS): $(B)/tests/%: $(B)/xsk/tests/%.o $(HELPER_OBJS) $(PURE_OBJS)
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^

$(KERNEL_TESTS): $(B)/tests/%: $(B)/xsk/tests/%.o $(HELPER_OBJS) $(KERNEL_OBJS) $(PURE_OBJS)
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LDLIBS)

# For LD_PRELOAD, by test_faults.sh: of the C library only, without sanitizers.
$(B)/tests/%.so: xsk/tests/%.c
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(CFLAGS) -U_FORTIFY_SOURCE -fPIC -shared -o $@ $<

check: all $(TESTS) $(FAULTS) ## builds and runs all tests; SAN=address,undefined or SAN=thread with sanitizers
	$(Q)tools/check.sh $(B) $(PURE_TESTS) $(KERNEL_TESTS) $(wildcard xsk/tests/*.sh)

lint: all ## format, shell scripts, layers, sizes, generated documentation
	$(Q)tools/lint.sh $(B)

format: ## writes C sources the way lint wants them
	$(Q)clang-format -i $(wildcard xsk/*.[ch] xsk/*/*.[ch] bpf/*.[ch])

$(O)/fuzz/%.o: %.c
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c -o $@ $<

$(FUZZERS): $(O)/fuzz/%: $(O)/fuzz/xsk/tests/%.o $(FUZZ_OBJS)
	$(call say,LD)
	$(Q)$(CLANG) -fsanitize=fuzzer,address,undefined -o $@ $^ $(if $(filter $(FUZZ_OTHERS),$^),$(LIB_LDLIBS))

# Its text is read by what knows the kernel's answers, which refers to all of it.
$(O)/fuzz/fuzz_probe: $(FUZZ_OTHERS)
$(FUZZ_OTHERS): | $(SKELS)

fuzz: $(FUZZERS) ## runs each fuzz target for FUZZ_SECONDS (20)
	$(Q)tools/fuzz.sh $(FUZZ_SECONDS) $(FUZZERS)

docs: all ## writes the keyword reference into specs/README.md
	$(Q)tools/docs.sh $(B)/xskspec

install: all ## program, man page, specs and their programs below $(DESTDIR)$(PREFIX)
	install -D -m 755 $(B)/xskspec '$(DESTDIR)$(PREFIX)/bin/xskspec'
	install -D -m 644 xsk/xskspec.1 '$(DESTDIR)$(PREFIX)/share/man/man1/xskspec.1'
	cd specs && find . -type f -exec install -D -m 644 '{}' '$(DESTDIR)$(PREFIX)/share/xskspec/specs/{}' ';'
	$(foreach src,$(USER_SRC),install -D -m 644 $(B)/programs/$(notdir $(src:.c=.o)) \
	  '$(DESTDIR)$(PREFIX)/share/xskspec/$(dir $(src:%/src/$(notdir $(src))=%/.))' &&) :

clean: ## removes $(O)
	rm -rf $(O)

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12
	@echo 'Variables: O=DIR V=1 DEVELOPER=1 (-Werror) SAN=address,undefined|thread PREFIX= DESTDIR= CC= CFLAGS='

-include $(wildcard $(patsubst %.o,%.d,$(CMD_OBJS) $(KERNEL_OBJS) $(PURE_OBJS) $(TEST_OBJS) $(HELPER_OBJS)) \
          $(SKELS:.skel.h=.bpf.d) $(USER_OBJS:.o=.d) $(FUZZ_OBJS:.o=.d) $(FUZZ_OTHERS:.o=.d) \
          $(FUZZ_SRC:%.c=$(O)/fuzz/%.d))
