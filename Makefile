# Sekisho: build, try, test. The two commands that matter:
#
#	sudo make demo      a running gateway with a sample permit
#	sudo make check     every test
#
# Everything built goes to build/. CFLAGS and LDFLAGS are the packager's.

CC      ?= gcc
CFLAGS  ?= -O2 -g
PREFIX  ?= /usr
DESTDIR ?=
B       := build

WARN := -Wall -Wextra -Wformat=2 -Wconversion -Wshadow -Wundef -Wvla \
	-Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wcast-qual \
	-Wswitch-enum -Wimplicit-fallthrough -Werror
HARD := -fstack-protector-strong -fstack-clash-protection -fcf-protection \
	-fPIE -ftrivial-auto-var-init=zero
ifneq ($(findstring -O,$(CFLAGS)),)
HARD += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
endif
OURS := -std=gnu17 -D_GNU_SOURCE -I. -I$(B)/gen -isystem /usr/include/p11-kit-1 $(WARN) $(HARD)
LINK := -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

# --- Modules: one archive each, all of its files but the main functions -----

MODULES := gateway/base gateway/supervisor gateway/listen gateway/conn \
	gateway/keys gateway/files gateway/desk gateway/ctl gateway/client \
	gateway/host \
	sandbox audit audit/search audit/cosign audit/vault audit/witness \
	audit/view policy policy/airlock \
	policy/airlock/findings policy/airlock/parse policy/airlock/compare \
	policy/airlock/store \
	policy/prepare policy/token

archive = $(B)/lib/$(subst /,_,$(1)).a
objects = $(patsubst %.c,$(B)/obj/%.o,$(filter-out %_main.c %/mkfilter.c,$(wildcard $(1)/*.c)))

define module
$(call archive,$(1)): $(call objects,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(AR) rcs $$@ $$^
endef
$(foreach m,$(MODULES),$(eval $(call module,$(m))))

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(OURS) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

# --- Programs: main file, archives in link order, libraries, filter ---------
#
# A program links nothing that does not stand in its row; tests/lint compares
# the libraries with the built file. Filter: the program's list of system calls,
# or the name of the program whose filter it inherits; "-" is a command that
# people start for one task.

PROGRAMS :=
LISTS :=
OBEYS :=
define program
PROGRAMS += $(1)
OBEYS += $(1):$(5)
LISTS += $(filter %.filter,$(5))
$(B)/bin/$(1): $(B)/obj/$(2:.c=.o) $(if $(filter %.filter,$(5)),$(B)/obj/filter/$(1).o) \
		$(foreach a,$(3),$(call archive,$(a)))
	@mkdir -p $$(@D)
	$$(CC) $(if $(filter static,$(6)),-static-pie,$(LINK)) $$(LDFLAGS) -o $$@ $$^ $(4)
$(if $(filter %.filter,$(5)),$(B)/gen/filter/$(1).c: $(5))
endef

# libssh is linked statically so that some of its functions can be replaced:
# signing moves to sekisho-keys (gateway/conn/hostkey.h), refusals are counted
# (gateway/conn/peek.h). A security update of libssh means a rebuild.
comma := ,
SSH := -Wl$(comma)-Bstatic -lssh -Wl$(comma)-Bdynamic \
	-Wl$(comma)--wrap=pki_sign_data \
	-Wl$(comma)--wrap=ssh_pki_signature_verify \
	-Wl$(comma)--wrap=ssh_packet_channel_open \
	-Wl$(comma)--wrap=channel_rcv_request \
	-Wl$(comma)--wrap=ssh_packet_global_request \
	-Wl$(comma)--wrap=ssh_packet_newkeys \
	-Wl$(comma)-u$(comma)gss_get_mic -lz -lcrypto

#                       program           main file                            archives                                   libraries  filter
$(eval $(call program,sekishod,           gateway/supervisor/supervisor_main.c,gateway/supervisor gateway/host sandbox audit gateway/base, ,gateway/supervisor/guard.filter))
$(eval $(call program,sekisho-spawn,      sandbox/spawn_main.c,                sandbox gateway/base,                      ,sandbox/spawn.filter,static))
$(eval $(call program,sekisho-listen,     gateway/listen/listen_main.c,        gateway/listen gateway/base,               ,gateway/listen/listen.filter))
$(eval $(call program,sekisho-conn,       gateway/conn/conn_main.c,            gateway/conn gateway/base,                 $(SSH),gateway/conn/conn.filter))
$(eval $(call program,sekisho-policy,     policy/policy_main.c,                policy policy/airlock policy/airlock/findings audit gateway/base, -lsqlite3 -lyaml -lcrypto,policy/policy.filter))
$(eval $(call program,sekisho-store,      policy/airlock/store/store_main.c,   policy/airlock/store audit gateway/base,   -lcrypto,policy/airlock/store/store.filter))
$(eval $(call program,sekisho-keys,       gateway/keys/keys_main.c,            gateway/keys gateway/base,                 -lcrypto,gateway/keys/keys.filter))
$(eval $(call program,sekisho-audit,      audit/audit_main.c,                  audit gateway/base,                        -lcrypto,audit/audit.filter))
$(eval $(call program,sekisho-anchor,     audit/cosign/anchor_main.c,          audit/cosign audit gateway/base,           -lcurl -lcrypto,audit/cosign/anchor.filter))
$(eval $(call program,sekisho-index,      audit/search/index_main.c,           audit/search audit gateway/base,           -lsqlite3 -lcrypto,audit/search/index.filter))
$(eval $(call program,sekisho-vault,      audit/vault/vault_main.c,              audit/vault audit gateway/base,            -lsqlite3 -lcrypto,audit/vault/vault.filter))
$(eval $(call program,sekisho-box,        sandbox/box_main.c,                  sandbox gateway/base,                      ,sekisho-spawn,static))
$(eval $(call program,sekisho-init,       sandbox/init_main.c,                 sandbox gateway/base,                      ,sandbox/init.filter,static))
$(eval $(call program,sekisho-record,     sandbox/record_main.c,               sandbox audit gateway/base,                -lcrypto,sandbox/record.filter))
$(eval $(call program,sekisho-erase,      sandbox/erase_main.c,                sandbox gateway/base,                      ,sandbox/erase.filter))
$(eval $(call program,sekisho-watch,      sandbox/watch_main.c,                sandbox audit gateway/base,                -lcrypto,sandbox/watch.filter))
$(eval $(call program,sekisho-desk,       gateway/desk/desk_main.c,            gateway/desk policy/airlock/findings audit gateway/base, -ledit -lcrypto,gateway/desk/desk.filter))
$(eval $(call program,sekisho-files,      gateway/files/files_main.c,          gateway/files audit gateway/base,          -lcrypto,gateway/files/files.filter))
$(eval $(call program,sekisho-parse,      policy/airlock/parse/parse_main.c,   policy/airlock/parse gateway/base,         ,policy/airlock/parse/parse.filter))
$(eval $(call program,sekisho-compare,    policy/airlock/compare/compare_main.c,policy/airlock/compare policy/airlock/findings gateway/base, -lz -lcrypto,policy/airlock/compare/compare.filter))
$(eval $(call program,sekishoctl,         gateway/ctl/ctl_main.c,              gateway/ctl gateway/host gateway/desk policy policy/airlock/findings audit/search audit gateway/base, -lsqlite3 -lyaml -lcrypto,-))
$(eval $(call program,sekisho,            gateway/client/client_main.c,        gateway/client gateway/base,               ,-,static))
$(eval $(call program,sekisho-prepare,    policy/prepare/prepare_main.c,      policy/prepare policy audit gateway/base,  -lsqlite3 -lyaml -lutf8proc -lcrypto,policy/prepare/prepare.filter))
$(eval $(call program,sekisho-token,      policy/token/token_main.c,          policy/token gateway/base,                  -lp11-kit,-))
$(eval $(call program,sekisho-witness,    audit/witness/witness_main.c,        audit/witness audit gateway/base,          -lmicrohttpd -lcrypto,audit/witness/witness.filter))
$(eval $(call program,sekisho-tiles,      audit/view/tiles_main.c,             audit/view audit/witness audit gateway/base, -lmicrohttpd -lcrypto,audit/view/tiles.filter))
$(eval $(call program,sekisho-verify,     audit/verify_main.c,                 audit gateway/base,                        -lcrypto,-))

# Scripts of sekishoctl, where it looks for them: beside its own folder.
$(B)/share/sekisho/toolset:
	@mkdir -p $(@D)
	ln -sfn $(abspath sandbox/toolset) $@

.PHONY: all
all: $(addprefix $(B)/bin/,$(PROGRAMS)) $(B)/share/sekisho/toolset

# --- Filters: a list of system calls becomes a C file of BPF ----------------

$(B)/tool/mkfilter: sandbox/mkfilter.c
	@mkdir -p $(@D)
	$(CC) $(OURS) $(CFLAGS) $(LINK) -o $@ $< -lseccomp

INCLUDED := gateway/base/common.filter gateway/base/start.filter sandbox/user.filter

# The program's list, then those of its heirs (see mkfilter.c).
$(B)/gen/filter/%.c: $(B)/tool/mkfilter $(INCLUDED)
	@mkdir -p $(@D)
	$(B)/tool/mkfilter program_filter $(filter %.filter,$(filter-out $(INCLUDED),$^)) > $@

# What user code runs under is part of the sandbox, not of one program.
$(B)/gen/filter/user.c: sandbox/user.filter $(B)/tool/mkfilter
	@mkdir -p $(@D)
	$(B)/tool/mkfilter user_filter sandbox/user.filter > $@

# The same for people to read (sandbox/layers.h).
$(B)/gen/user_rules.c: sandbox/user.filter $(B)/tool/mkfilter
	@mkdir -p $(@D)
	{ echo 'extern const char user_rules[];' && echo 'const char user_rules[] =' && \
		$(B)/tool/mkfilter --print sandbox/user.filter | sed 's/.*/"&\\n"/' && echo ';'; } > $@

$(B)/obj/user_rules.o: $(B)/gen/user_rules.c
	@mkdir -p $(@D)
	$(CC) $(OURS) $(CFLAGS) -c -o $@ $<

$(call archive,sandbox): $(B)/obj/filter/user.o $(B)/obj/user_rules.o

# A filter is inherited by all that its program starts, so it must let pass
# what theirs do: the spawner starts sandboxes, the supervisor all the others,
# and the guard both. Whatever joins the table is an heir, but for what people
# start themselves; a witness is another institution's, tiles are for strangers.
IN_SANDBOX := sandbox/spawn.filter sandbox/init.filter
BY_PEOPLE := policy/prepare/prepare.filter audit/witness/witness.filter audit/view/tiles.filter
SUPERVISED := $(filter-out gateway/supervisor/guard.filter $(IN_SANDBOX) $(BY_PEOPLE),$(LISTS))

$(B)/gen/filter/sekisho-spawn.c: sandbox/init.filter
$(B)/gen/filter/sekishod.c: gateway/supervisor/supervisor.filter $(SUPERVISED) $(IN_SANDBOX)
$(B)/gen/filter/supervisor.c: gateway/supervisor/supervisor.filter $(SUPERVISED) $(B)/tool/mkfilter $(INCLUDED)
	@mkdir -p $(@D)
	$(B)/tool/mkfilter supervisor_filter $(filter %.filter,$(filter-out $(INCLUDED),$^)) > $@

$(call archive,gateway/supervisor): $(B)/obj/filter/supervisor.o

$(B)/obj/filter/%.o: $(B)/gen/filter/%.c
	@mkdir -p $(@D)
	$(CC) $(OURS) $(CFLAGS) -c -o $@ $<

.PHONY: sekisho-verify
sekisho-verify: $(B)/bin/sekisho-verify

# --- Packages, tests, demo: the recipes are scripts of their own ------------

.PHONY: deps demo demo-stop check san lint fuzz bench soak install clean format
deps:
	@tests/deps.sh
demo:
	@tests/demo/demo.sh start
demo-stop:
	@tests/demo/demo.sh stop
clean:
	rm -rf $(B)
format:
	clang-format -i $(shell git ls-files -co --exclude-standard '*.c' '*.h')

-include tests/tests.mk
