/* SPDX-License-Identifier: MIT */
#include "aside.h"

#include <openparport/queue.h>

static void on_post(struct opp_post *post)
{
	struct opp_aside *aside = OPP_NODE(post, struct opp_aside, post);

	if (aside->has_thread)
		pthread_join(aside->thread, NULL);
	aside->has_thread = false;
	aside->loop->asides--;
	aside->ended(aside);
}

static void *run(void *context)
{
	struct opp_aside *aside = context;

	aside->work(aside);
	opp_post(aside->loop, &aside->post);
	return NULL;
}

void opp_aside_begin(struct opp_aside *aside, struct opp_loop *loop,
		     void (*work)(struct opp_aside *aside), void (*ended)(struct opp_aside *aside))
{
	aside->loop = loop;
	aside->work = work;
	aside->ended = ended;
	aside->post.run = on_post;
	loop->asides++;
	aside->has_thread = pthread_create(&aside->thread, NULL, run, aside) == 0;
	if (!aside->has_thread)
		(void)run(aside);
}

void opp_aside_end_later(struct opp_aside *aside)
{
	aside->loop->asides++;
	opp_post(aside->loop, &aside->post);
}

static bool is_quiet(const void *context)
{
	const struct opp_loop *loop = context;

	return loop->asides == 0;
}

bool opp_asides_await(struct opp_loop *loop, uint64_t us)
{
	return opp_loop_await(loop, is_quiet, loop, us);
}
