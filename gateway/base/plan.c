#include "gateway/base/plan.h"

#include <string.h>

bool id_valid(const char *id)
{
	size_t len = strlen(id);

	return len > 0 && len < ID_SIZE && id[0] != '.' && id[0] != '-' &&
	       strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			  "0123456789._-") == len;
}

void plan_put(struct msg *m, const struct plan *plan)
{
	msg_put_str(m, plan->session);
	msg_put_str(m, plan->permit);
	msg_put_str(m, plan->person);
	msg_put_str(m, plan->actor);
	msg_put_str(m, plan->lang);
	msg_put_str(m, plan->toolset);
	msg_put_u64(m, plan->workspace_bytes);
	msg_put_u64(m, plan->workspace_inodes);
	msg_put_u8(m, (uint8_t)plan->encryption);
	msg_put_u64(m, plan->memory_bytes);
	msg_put_u32(m, plan->processes);
	msg_put_u32(m, plan->cpu_percent);
	msg_put_u32(m, plan->ndatasets);
	for (uint32_t i = 0; i < plan->ndatasets; i++) {
		msg_put_str(m, plan->datasets[i].name);
		msg_put_str(m, plan->datasets[i].manifest);
	}
}

bool plan_same(const struct plan *a, const struct plan *b)
{
	static struct msg left, right;

	msg_start(&left, MSG_NONE, 0);
	msg_start(&right, MSG_NONE, 0);
	plan_put(&left, a);
	plan_put(&right, b);
	return !left.bad && !right.bad && left.len == right.len &&
	       memcmp(left.data, right.data, left.len) == 0;
}

static void get_id(struct msg *m, char *out)
{
	msg_get_str(m, out, ID_SIZE);
	if (!id_valid(out))
		m->bad = true;
}

void plan_get(struct msg *m, struct plan *plan)
{
	memset(plan, 0, sizeof *plan);
	get_id(m, plan->session);
	get_id(m, plan->permit);
	get_id(m, plan->person);
	get_id(m, plan->actor);
	msg_get_str(m, plan->lang, sizeof plan->lang);
	get_id(m, plan->toolset);
	plan->workspace_bytes = msg_get_u64(m);
	plan->workspace_inodes = msg_get_u64(m);
	uint8_t encryption = msg_get_u8(m);
	plan->memory_bytes = msg_get_u64(m);
	plan->processes = msg_get_u32(m);
	plan->cpu_percent = msg_get_u32(m);
	uint32_t n = msg_get_u32(m);
	plan->encryption = (enum encryption)encryption;
	if (n > PLAN_DATASETS || encryption >= ENCRYPTIONS ||
	    !plan->workspace_bytes || !plan->workspace_inodes ||
	    !plan->memory_bytes || !plan->processes || !plan->cpu_percent)
		m->bad = true;
	for (uint32_t i = 0; i < n && !m->bad; i++) {
		get_id(m, plan->datasets[i].name);
		msg_get_str(m, plan->datasets[i].manifest,
			    sizeof plan->datasets[i].manifest);
		plan->ndatasets = i + 1;
	}
}
