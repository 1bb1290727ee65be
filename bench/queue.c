/* SPDX-License-Identifier: MIT */
/*
 * Does a long line cost more than a short one? One hand-over and one cancel
 * with 100,000 nodes in play, almost all of them waiting, against the same with
 * 10 waiting. Nodes lie in random order in memory, and each turn puts one into
 * the line that was drawn at random from those that do not wait.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openparport/port.h>

#include "measure.h"

#define POOL  100000u
#define LONG  (POOL - 1)
#define SHORT 10u
#define TURNS 50000u

/*
 * deck[0 .. waiting) are the nodes in the line, in no order; the others are
 * free. Whoever enters or leaves changes places across that border.
 */
struct scene {
	struct opp_port port;
	struct opp_req *reqs;
	struct opp_client *clients; /* of the request with the same number */
	uint32_t *deck;             /* numbers of nodes */
	uint32_t *places;           /* in the deck, by number */
	uint32_t waiting;
	uint64_t random;
};

static struct scene long_scene, short_scene;

static uint32_t draw(struct scene *scene, uint32_t count)
{
	scene->random ^= scene->random << 13;
	scene->random ^= scene->random >> 7;
	scene->random ^= scene->random << 17;
	return (uint32_t)(((scene->random >> 32) * count) >> 32);
}

static void swap(struct scene *scene, uint32_t a, uint32_t b)
{
	const uint32_t node = scene->deck[a];

	scene->deck[a] = scene->deck[b];
	scene->deck[b] = node;
	scene->places[scene->deck[a]] = a;
	scene->places[scene->deck[b]] = b;
}

static void enter_line(struct scene *scene)
{
	const uint32_t place = scene->waiting + draw(scene, POOL - scene->waiting);
	const uint32_t node = scene->deck[place];

	scene->reqs[node].client = &scene->clients[node];
	if (opp_port_submit_locked(&scene->port, &scene->reqs[node], 0) != OPP_PENDING)
		abort();
	swap(scene, place, scene->waiting++);
}

/* Who was finished leaves the line, and another one enters it. */
static void replace_finished(struct scene *scene)
{
	struct opp_event event;

	if (!opp_port_begin_events_locked(&scene->port))
		abort();
	while (opp_port_next_event_locked(&scene->port, &event, 0))
		swap(scene, scene->places[event.req - scene->reqs], --scene->waiting);
	enter_line(scene);
}

static void hand_over(struct scene *scene)
{
	if (opp_port_free_locked(&scene->port, scene->port.holder, 0) != OPP_SUCCESS)
		abort();
	replace_finished(scene);
}

static void cancel(struct scene *scene)
{
	const uint32_t node = scene->deck[draw(scene, scene->waiting)];

	if (!opp_port_cancel_locked(&scene->port, &scene->reqs[node]))
		abort();
	replace_finished(scene);
}

static void *array(size_t bytes)
{
	void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);

	if (!memory)
		give_up("memory for the nodes");
	memset(memory, 0, bytes);
	return memory;
}

static void set_up(struct scene *scene, uint32_t waiting, const struct opp_env *env)
{
	static struct opp_client first_holder;
	uint32_t i;

	opp_port_init(&scene->port, NULL, NULL, env);
	scene->random = 88172645463325252u;
	scene->reqs = array(POOL * sizeof(*scene->reqs));
	scene->clients = array(POOL * sizeof(*scene->clients));
	scene->deck = array(POOL * sizeof(*scene->deck));
	scene->places = array(POOL * sizeof(*scene->places));
	for (i = 0; i < POOL; i++) {
		scene->deck[i] = i;
		scene->places[i] = i;
		if (opp_port_open_locked(&scene->port, &scene->clients[i]) != OPP_SUCCESS)
			abort();
	}
	if (opp_port_open_locked(&scene->port, &first_holder) != OPP_SUCCESS ||
	    !opp_port_try_allocate_locked(&scene->port, &first_holder, 0))
		abort();
	for (i = 0; i < waiting; i++)
		enter_line(scene);
}

static uint64_t repeat(struct scene *scene, void (*step)(struct scene *scene))
{
	const uint64_t start_ns = now_ns();
	uint32_t i;

	for (i = 0; i < TURNS; i++)
		step(scene);
	return now_ns() - start_ns;
}

static uint64_t hand_over_long(void *context)
{
	(void)context;
	return repeat(&long_scene, hand_over);
}

static uint64_t hand_over_short(void *context)
{
	(void)context;
	return repeat(&short_scene, hand_over);
}

static uint64_t cancel_long(void *context)
{
	(void)context;
	return repeat(&long_scene, cancel);
}

static uint64_t cancel_short(void *context)
{
	(void)context;
	return repeat(&short_scene, cancel);
}

int main(void)
{
	const struct opp_env env = { .broken = broken };

	set_up(&long_scene, LONG, &env);
	set_up(&short_scene, SHORT, &env);
	report("handover_100k_vs_10", median_ratio(hand_over_long, hand_over_short, NULL));
	report("cancel_100k_vs_10", median_ratio(cancel_long, cancel_short, NULL));
	report("waiter_bytes", (double)sizeof(struct opp_req));
	return 0;
}
