#include "audit/room.h"

#include "audit/space.h"
#include "gateway/base/msg.h"

bool room_there(const struct ledger *ledger)
{
	bool scarce;

	return space_has_room(ledger->dir, ledger->journal.used, &scarce) &&
	       (!scarce || journal_reserve(&ledger->journal));
}

int room_tell(struct room *room, int link, struct err *err)
{
	struct msg m;

	if (!room->asked)
		return 0;
	msg_start(&m, MSG_LOG_IS, 0);
	msg_put_u8(&m, !room->full);
	int sent = msg_try(link, &m, err);
	room->asked = sent == 0;
	return sent < 0 ? -1 : 0;
}

int room_change(struct room *room, int link, bool full, struct err *err)
{
	room->full = full;
	room->asked = true;
	note("%s", full ? "no room for the log: nothing is taken until there is"
			: "there is room for the log again");
	return room_tell(room, link, err);
}
