#include "policy/prepare/pass.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/err.h"
#include "policy/prepare/disk.h"

struct passing {
	struct pass *pass;
	struct worker *worker;
	pthread_t thread;
};

/* The next block for a worker. 1; 0: there is none; -1: a fault that belongs
 * to the block's place in the order. */
static int get_block(struct pass *pass, struct worker *worker,
		     struct fault *fault)
{
	int more;

	pthread_mutex_lock(&pass->reading);
	more = input_block(&pass->input, &worker->block, fault);
	if (more < 0)
		worker->block.number = pass->input.number++;
	pthread_mutex_unlock(&pass->reading);
	return more;
}

/* Wait until all earlier blocks are written, then write, or fail, this one.
 * False: stop. */
static bool put_block(struct pass *pass, const struct worker *worker, int done,
		      const struct fault *fault)
{
	struct fault own;

	pthread_mutex_lock(&pass->writing);
	while (!pass->failed && pass->next != worker->block.number)
		pthread_cond_wait(&pass->turn, &pass->writing);
	if (!pass->failed && done == 0 && pass->kind == PASS_WRITE) {
		done = disk_write(pass->out, worker->out, worker->used,
				  "the result", &own);
		fault = &own;
	}
	if (!pass->failed && done < 0) {
		pass->failed = true;
		pass->fault = *fault;
		pass->fault.line += fault->line ? pass->lines : 0;
	}
	pass->next++;
	pass->lines += worker->csv.line - 1;
	bool go_on = !pass->failed;
	pthread_cond_broadcast(&pass->turn);
	pthread_mutex_unlock(&pass->writing);
	return go_on;
}

static void *work(void *argument)
{
	const struct passing *one = argument;
	struct pass *pass = one->pass;
	struct fault fault;
	int more;

	while ((more = get_block(pass, one->worker, &fault)) != 0) {
		int done = more;

		if (more > 0)
			done = disk_go_on(&fault) < 0
				       ? -1
				       : worker_block(one->worker, &pass->input,
						      &fault);
		if (!put_block(pass, one->worker, done, &fault))
			break;
	}
	return NULL;
}

static void run_threads(struct pass *pass)
{
	struct passing all[PASS_THREADS] = { 0 };

	for (uint32_t i = 0; i < pass->nworkers; i++) {
		all[i] = (struct passing){ .pass = pass,
					   .worker = &pass->workers[i] };
		if (i > 0 &&
		    pthread_create(&all[i].thread, NULL, work, &all[i]) != 0)
			die("a thread cannot be started");
	}
	work(&all[0]);
	for (uint32_t i = 1; i < pass->nworkers; i++)
		pthread_join(all[i].thread, NULL);
}

int pass_run(struct pass *pass, struct ground *ground, enum pass_kind kind,
	     int out, struct fault *fault)
{
	const struct preparation *preparation = ground->preparation;

	memset(pass, 0, sizeof *pass);
	quick_hash("", 0); /* takes its seed before there are threads */
	pass->ground = ground;
	pass->kind = kind;
	pass->out = out;
	pthread_mutex_init(&pass->reading, NULL);
	pthread_mutex_init(&pass->writing, NULL);
	pthread_cond_init(&pass->turn, NULL);
	/* the scratch files of PASS_EXACT have one writer */
	pass->nworkers = kind == PASS_EXACT ? 1 : preparation->threads;
	for (uint32_t i = 0; i < pass->nworkers; i++)
		worker_init(&pass->workers[i], ground, kind);
	if (input_open(&pass->input, preparation->sources, ground->source,
		       kind == PASS_WRITE, fault) < 0)
		return -1;
	run_threads(pass);
	for (uint32_t i = 0; i < pass->nworkers; i++)
		pass->sum += pass->workers[i].sum;
	for (uint32_t i = 0; !pass->failed && i < pass->nworkers; i++)
		if (worker_end(&pass->workers[i], fault) < 0)
			return -1;
	if (!pass->failed)
		return input_settled(&pass->input, fault);
	*fault = pass->fault;
	return -1;
}

void pass_clear(struct pass *pass)
{
	for (uint32_t i = 0; i < pass->nworkers; i++)
		worker_clear(&pass->workers[i]);
	pass->nworkers = 0;
	if (pass->ground) {
		input_close(&pass->input);
		pthread_mutex_destroy(&pass->reading);
		pthread_mutex_destroy(&pass->writing);
		pthread_cond_destroy(&pass->turn);
	}
	pass->ground = NULL;
}
