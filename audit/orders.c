#include "audit/orders.h"

#include <stdlib.h>
#include <string.h>

bool orders_full(const struct orders *orders)
{
	return orders->n == ORDERS_MAX;
}

void orders_keep(struct orders *orders, const struct intake *intake,
		 uint64_t index)
{
	unsigned int at = (orders->first + orders->n) % ORDERS_MAX;
	uint8_t *bytes;

	if (intake->order_len == 0)
		return;
	bytes = orders_full(orders) ? NULL : malloc(intake->order_len);
	if (!bytes)
		die("no room for an order");
	memcpy(bytes, intake->order, intake->order_len);
	orders->ring[at] =
		(struct orders_one){ index, intake->order_len, bytes };
	orders->n++;
}

void orders_release(struct orders *orders)
{
	orders->durable = orders->n;
}

bool orders_waiting(const struct orders *orders)
{
	return orders->durable > 0;
}

int orders_give(struct orders *orders, int sock, struct err *err)
{
	static struct msg m;

	while (orders->durable > 0) {
		struct orders_one *one = &orders->ring[orders->first];

		msg_start(&m, MSG_ORDER, 0);
		msg_put_u64(&m, one->index);
		msg_put_bytes(&m, one->bytes, one->len);
		int sent = msg_try(sock, &m, err);
		if (sent <= 0)
			return sent;
		free(one->bytes);
		orders->first = (orders->first + 1) % ORDERS_MAX;
		orders->n--;
		orders->durable--;
	}
	return 0;
}
