/*
 * areas - see areas.h. Runs in the supervisor. What it opens belongs to the
 * store or to audit; names are those of the order, checked before they are
 * looked up.
 */
#include "gateway/supervisor/areas.h"

#include <string.h>
#include <sys/mount.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/services.h"
#include "sandbox/clone.h"

enum {
	HARMLESS = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
		   MOUNT_ATTR_NOSYMFOLLOW,
};

static const struct area {
	const char *role, *name;
	enum tree_folder folder;
	bool writable;
	mode_t mode;
} table[] = {
#define AREA(role, name, folder, writable, mode)                               \
	{ role, name, folder, writable, mode },
#include "gateway/supervisor/areas.def"
#undef AREA
};

static bool has_role(const struct desk_setup *setup, const char *role)
{
	return strcmp(setup->role, role) == 0;
}

/* Takes a copy of folder, not folder itself. */
static int add(struct areas *areas, const char *name, bool writable, int folder,
	       struct err *err)
{
	int copy = clone_folder(
		folder, HARMLESS | (writable ? 0 : MOUNT_ATTR_RDONLY), -1, err);

	if (copy < 0)
		return err_within(err, "/%s", name);
	if (areas->n == AREAS)
		die("more folders than a view can have");
	areas->list[areas->n].name = name;
	areas->list[areas->n].writable = writable;
	areas->list[areas->n++].folder = copy;
	return 0;
}

static int add_own(struct gateway *gateway, const struct desk_setup *setup,
		   const struct area *area, struct areas *areas,
		   struct err *err)
{
	const struct tree_person person = {
		.permit = setup->permit,
		.actor = setup->actor,
		.owner = service_uid(gateway, SERVICE_STORE),
	};
	AUTO_FD int folder = tree_person(&gateway->tree, area->folder, &person,
					 area->mode, err);

	return folder < 0 ? -1
			  : add(areas, area->name, area->writable, folder, err);
}

int areas_open(struct gateway *gateway, const struct desk_setup *setup,
	       struct areas *areas, struct err *err)
{
	areas->n = 0;
	if (has_role(setup, "auditor") &&
	    add(areas, "audit", false, gateway->tree.folders[TREE_AUDIT], err) <
		    0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (has_role(setup, table[i].role) &&
		    add_own(gateway, setup, &table[i], areas, err) < 0)
			return -1;
	return 0;
}

void areas_close(struct areas *areas)
{
	for (uint32_t i = 0; i < areas->n; i++)
		own_close(&areas->list[i].folder);
	areas->n = 0;
}

void areas_put(const struct areas *areas, struct msg *m)
{
	msg_put_u32(m, areas->n);
	for (uint32_t i = 0; i < areas->n; i++) {
		msg_put_str(m, areas->list[i].name);
		msg_put_u8(m, areas->list[i].writable);
		msg_put_fd(m, areas->list[i].folder);
	}
}

uint32_t areas_group(const struct gateway *gateway,
		     const struct desk_setup *setup, bool files, uint32_t uid)
{
	if (has_role(setup, "auditor"))
		return service_uid(gateway, SERVICE_AUDIT);
	return files && has_role(setup, "researcher")
		       ? service_uid(gateway, SERVICE_STORE)
		       : uid;
}
