#include "policy/airlock/store/status.h"

#include <stdio.h>

#include "gateway/base/own.h"
#include "policy/airlock/store/shelf.h"

int status_write(struct place *place, const struct status *status,
		 struct err *err)
{
	AUTO_FD int shelf =
		shelf_open(place->status, status->permit, status->actor, err);
	char number[12], name[PLACE_TEMPORARY];

	if (shelf < 0)
		return -1;
	snprintf(number, sizeof number, "%u", status->request);
	AUTO_FD int folder = place_folder(shelf, number, 0750);
	if (folder < 0)
		return err_sys(err, "the folder of a request");
	place_name(place, name);
	if (place_write(place->fresh, name, status->text, status->len) == 0 &&
	    renameat(place->fresh, name, folder, "status.json") == 0)
		return 0;
	err_sys(err, "write status.json");
	place_discard(place, name);
	return -1;
}
