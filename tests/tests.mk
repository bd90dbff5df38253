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
unit: unit-programs
	tests/run.sh $(UNIT:%=$(B)/unit/%)
