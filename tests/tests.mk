# Tests: what is built for them and in which order they run.
#
#	make check              everything; `make unit` the unit tests alone
#	prove tests/e2e/X.t     one story
#
# tests/unit/X.c is one program. Its first line names what it is linked with:
#
#	/* links: audit gateway/base; -lcrypto */
#
# modules in link order, then libraries.

# --- Unit tests ---------------------------------------------------------------

UNIT := $(patsubst tests/unit/%.c,%,$(filter-out tests/unit/tap.c,$(wildcard tests/unit/*.c)))

# $(call links,file): the words between "links:" and "*/" of the first line
links = $(shell sed -n '1s|^/\* links: *\(.*\) *\*/.*|\1|p' $(1))

define unit_test
$(B)/unit/$(1): $(B)/obj/tests/unit/$(1).o $(B)/obj/tests/unit/tap.o \
		$(foreach a,$(shell printf '%s' '$(2)' | cut -d';' -f1),$(call archive,$(a)))
	@mkdir -p $$(@D)
	$$(CC) $$(LINK) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ \
		$(shell printf '%s' '$(2);' | cut -d';' -f2)
endef
$(foreach u,$(UNIT),$(eval $(call unit_test,$(u),$(call links,tests/unit/$(u).c))))

.PHONY: unit-programs unit
unit-programs: $(UNIT:%=$(B)/unit/%)
unit: all unit-programs $(B)/tool/mkfilter $(B)/tool/stopper
	tests/run.sh $(UNIT:%=$(B)/unit/%)

# --- What the lints ask ---------------------------------------------------------

SOURCES := $(wildcard $(addsuffix /*.c,$(MODULES)))
TEST_SOURCES := $(wildcard tests/unit/*.c tests/fault/*.c tests/attack/*.c tests/attack/layers/*.c tests/bench/*.c tests/interop/*.c tests/demo/*.c)

.PHONY: print-compile print-programs print-filters print-wrapped print-obeys
print-compile:
	@echo $(CC) $(OURS) $(CFLAGS) $(CPPFLAGS)
print-programs:
	@printf '%s\n' $(PROGRAMS)
print-filters:
	@printf '%s\n' $(sort $(LISTS)) gateway/supervisor/supervisor.filter
print-wrapped:
	@printf '%s\n' $(WRAPPED)
print-obeys:
	@printf '%s\n' $(OBEYS)

# One verdict a file, asked again when the file or what it includes changed.
$(B)/lint/analyzer/%.ok: %.c tests/lint/analyzer.txt
	@mkdir -p $(@D)
	@gcc $(OURS) -O1 $(CPPFLAGS) -fanalyzer \
		$$(awk '$$1 == "$<" { print "-Wno-analyzer-" $$2 }' tests/lint/analyzer.txt) \
		-MMD -MP -MF $(@:.ok=.d) $(foreach t,analyzer cppcheck tidy,-MT $(B)/lint/$t/$*.ok) -c -o /dev/null $<
	@touch $@
$(B)/lint/cppcheck/%.ok: %.c tests/lint/cppcheck.txt tests/lint/cppcheck.cfg
	@mkdir -p $(@D)
	@cppcheck --quiet --error-exitcode=1 --std=c11 -D_GNU_SOURCE -D__linux__ -I. \
		--enable=warning,portability --library=tests/lint/cppcheck.cfg \
		--suppressions-list=tests/lint/cppcheck.txt $<
	@touch $@
$(B)/lint/tidy/%.ok: %.c tests/lint/clang-tidy.yaml
	@mkdir -p $(@D)
	@clang-tidy --quiet --config-file=tests/lint/clang-tidy.yaml $< -- $(filter-out -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero,$(OURS))
	@touch $@
-include $(shell find $(B)/lint -name '*.d' 2>/dev/null)

.PHONY: lint-analyzer lint-cppcheck lint-tidy lint
lint-analyzer: $(SOURCES:%.c=$(B)/lint/analyzer/%.ok)
lint-cppcheck: $(SOURCES:%.c=$(B)/lint/cppcheck/%.ok)
lint-tidy: $(SOURCES:%.c=$(B)/lint/tidy/%.ok)
lint: all
	tests/run.sh $(wildcard tests/lint/*.t)

# --- Other builds of the same tests ---------------------------------------------

# clang without gcc's own flags; every object, nothing linked
.PHONY: objects clang-objects
objects: $(SOURCES:%.c=$(B)/obj/%.o) $(TEST_SOURCES:%.c=$(B)/obj/%.o)
clang-objects:
	$(MAKE) B=$(B)/clang CC=clang HARD='-fstack-protector-strong -fPIE' objects

# ASan and UBSan do not mix with seccomp: unit tests alone, none confined. Warnings that
# follow the flow of values are wrong in instrumented code; the plain build has them.
.PHONY: san san-programs
san-programs:
	$(MAKE) B=$(B)/san CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -Wno-format-truncation -Wno-maybe-uninitialized' \
		HARD=-fPIE unit-programs
san: all $(B)/tool/mkfilter $(B)/tool/stopper san-programs
	ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 \
		tests/run.sh $(UNIT:%=$(B)/san/unit/%)

# --- Fuzzing ---------------------------------------------------------------------

# tests/fuzz/X_fuzz.c, first line as a unit test's; corpus in tests/fuzz/corpus/X
FUZZ := $(patsubst tests/fuzz/%_fuzz.c,%,$(wildcard tests/fuzz/*_fuzz.c))
SECONDS ?= 60

define fuzz_test
$(B)/fuzz/$(1): $(B)/obj/tests/fuzz/$(1)_fuzz.o \
		$(foreach a,$(shell printf '%s' '$(2)' | cut -d';' -f1),$(call archive,$(a)))
	@mkdir -p $$(@D)
	$$(CC) $$(LINK) $$(CFLAGS) -fsanitize=fuzzer -o $$@ $$^ \
		$(shell printf '%s' '$(2);' | cut -d';' -f2)
endef
$(foreach f,$(FUZZ),$(eval $(call fuzz_test,$(f),$(call links,tests/fuzz/$(f)_fuzz.c))))

.PHONY: fuzz fuzz-targets fuzz-programs
fuzz-targets: $(FUZZ:%=$(B)/fuzz/%)
fuzz-programs:
	$(MAKE) B=$(B)/fuzzing CC=clang HARD=-fPIE \
		CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzz-targets
fuzz: fuzz-programs
	SECONDS_EACH=$(SECONDS) tests/fuzz/explore.sh

# --- Tools of the tests -----------------------------------------------------------

$(B)/tool/stopper: $(B)/obj/tests/fault/stopper.o
	@mkdir -p $(@D)
	$(CC) $(LINK) $(LDFLAGS) -o $@ $^ -lseccomp

# Made-up claims for the demo, tests and measurements
$(B)/tool/generate: $(B)/obj/tests/demo/generate.o
	@mkdir -p $(@D)
	$(CC) $(LINK) $(LDFLAGS) -o $@ $^

# Programs of tests/attack, bench, interop and fault name what they link as unit tests do.
TOOLS := $(patsubst %.c,%,$(wildcard tests/attack/*.c tests/bench/*.c tests/interop/*.c) tests/fault/box_killed.c)
define test_tool
$(B)/$(1): $(B)/obj/$(1).o \
		$(foreach a,$(shell printf '%s' '$(2)' | cut -d';' -f1),$(call archive,$(a)))
	@mkdir -p $$(@D)
	$$(CC) $$(LINK) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ \
		$(shell printf '%s' '$(2);' | cut -d';' -f2)
endef
$(foreach t,$(TOOLS),$(eval $(call test_tool,$(t),$(call links,$(t).c))))

# The sandbox's programs without some of their layers (tests/attack/layers.def), each
# variant in a folder that stands in for $(B)/bin. Nothing of it is installed.
VARIANTS := $(shell sed -n 's/^VARIANT.\([a-z_]*\),.*/\1/p' tests/attack/layers.def)
WRAPPED := $(shell sed -n 's/^LAYER..*", *\(.*\).$$/\1/p' tests/attack/layers.def)

define variant
$(B)/without/$(1)/removed.o: tests/attack/layers/removed.c tests/attack/layers/layers.h tests/attack/layers.def
	@mkdir -p $$(@D)
	@ln -sfn ../../bin/sekisho $$(@D)/sekisho
	$$(CC) $$(OURS) $$(CFLAGS) -DVARIANT_IS=$(1) -c -o $$@ $$<
$(B)/without/$(1)/sekisho-spawn: $(B)/obj/filter/sekisho-spawn.o
$(B)/without/$(1)/sekisho-init: $(B)/obj/filter/sekisho-init.o
endef
define variant_program
$(B)/without/$(1)/sekisho-$(2): $(B)/obj/sandbox/$(2)_main.o $(B)/without/$(1)/removed.o \
		$(call archive,sandbox) $(call archive,gateway/base)
	$$(CC) -static-pie $$(LDFLAGS) $(WRAPPED:%=-Wl,--wrap=%) -o $$@ $$^
endef
$(foreach v,$(VARIANTS),$(eval $(call variant,$(v))) \
	$(foreach p,spawn box init,$(eval $(call variant_program,$(v),$(p)))))
VARIANT_PROGRAMS := $(foreach v,$(VARIANTS),$(addprefix $(B)/without/$(v)/sekisho-,spawn box init))

.PHONY: test-tools
test-tools: $(B)/tool/stopper $(B)/tool/generate $(TOOLS:%=$(B)/%) $(VARIANT_PROGRAMS)

# --- Everything -------------------------------------------------------------------

CHECKS := $(wildcard tests/lint/*.t) $(UNIT:%=$(B)/unit/%) $(wildcard tests/fuzz/*.t) \
	$(wildcard tests/attack/*.t) $(wildcard tests/fault/*.t) \
	$(wildcard tests/interop/*.t) \
	$(wildcard tests/demo/*.t) $(wildcard tests/e2e/*.t)

.PHONY: check check-build e2e
check:
	@tests/deps.sh
	@mkdir -p $(B)
	@$(MAKE) --no-print-directory check-build >$(B)/check.log 2>&1 || \
		{ cat $(B)/check.log >&2; echo 'Result: FAIL (the build broke; see above)' >&2; exit 1; }
	tests/run.sh $(CHECKS)
check-build: all $(B)/tool/mkfilter unit-programs test-tools clang-objects fuzz-programs
e2e: all test-tools
	tests/run.sh $(wildcard tests/e2e/*.t)

# In qemu, on Debian's own kernel; TESTS and MINUTES are tests/vm/run.sh's.
.PHONY: check-vm
check-vm: all test-tools
	tests/vm/run.sh

bench: all test-tools
	tests/bench/run.sh
	tests/bench/prepare.sh
soak: all test-tools $(B)/unit/prepare_properties
	tests/soak/run.sh
	tests/soak/prepare.sh
	SECONDS_EACH=$${SECONDS_EACH:-300} tests/attack/stress.t
	STRIDE=1 tests/fault/prepare_killed.t
	LONG=1 tests/run.sh tests/e2e/closing.t

# --- Installing -------------------------------------------------------------------

COMMANDS := sekishoctl sekisho-verify sekisho-prepare sekisho-token sekisho-witness sekisho-tiles
SERVICES := $(filter-out $(COMMANDS),$(PROGRAMS))

install: all
	install -d $(DESTDIR)$(PREFIX)/lib/sekisho $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin \
		$(DESTDIR)$(PREFIX)/share/doc/sekisho/examples
	install -m 755 $(SERVICES:%=$(B)/bin/%) $(DESTDIR)$(PREFIX)/lib/sekisho
	install -m 755 $(B)/bin/sekishoctl $(DESTDIR)$(PREFIX)/sbin
	install -m 755 $(B)/bin/sekisho-verify $(B)/bin/sekisho-prepare $(B)/bin/sekisho-token $(B)/bin/sekisho-witness $(B)/bin/sekisho-tiles $(DESTDIR)$(PREFIX)/bin
	for page in $(wildcard docs/man/*.[1-8]); do \
		install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit 1; done
	for unit in $(wildcard docs/examples/*.service gateway/supervisor/*.service audit/witness/*.service audit/view/*.service); do \
		install -D -m 644 $$unit $(DESTDIR)$(PREFIX)/lib/systemd/system/$${unit##*/} || exit 1; done
	if [ -d docs/examples ]; then cp -R docs/examples/. $(DESTDIR)$(PREFIX)/share/doc/sekisho/examples/; fi
	if [ -d sandbox/toolset ]; then install -d $(DESTDIR)$(PREFIX)/share/sekisho && \
		cp -R sandbox/toolset $(DESTDIR)$(PREFIX)/share/sekisho/; fi
