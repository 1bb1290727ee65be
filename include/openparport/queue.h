/* SPDX-License-Identifier: MIT */
/*
 * A first-in first-out queue whose links live in the caller's nodes.
 *
 * Nothing is allocated, every operation touches at most three nodes however
 * long the queue is, and a node can leave from anywhere in the middle.
 *
 * Context of every function here: the lock that guards the queue is held.
 */
#ifndef OPENPARPORT_QUEUE_H
#define OPENPARPORT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A node's place in one queue. Zero (NULL, NULL) means: in no queue. */
struct opp_link {
	struct opp_link *previous;
	struct opp_link *next;
};

struct opp_queue {
	struct opp_link ends; /* next = first node, previous = last node */
	uint32_t count;       /* nodes */
};

/* The structure of type @type whose member @member is the link @link. */
#define OPP_NODE(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

void opp_queue_init(struct opp_queue *queue);

/* Puts @link, which is in no queue, behind the last node. */
void opp_queue_append(struct opp_queue *queue, struct opp_link *link);

/* Takes @link out of @queue, wherever it stands, and zeroes it. */
void opp_queue_remove(struct opp_queue *queue, struct opp_link *link);

/* Returns the first node, left where it is, or NULL. */
struct opp_link *opp_queue_first(const struct opp_queue *queue);

/* Returns the node behind @link, or NULL behind the last. */
struct opp_link *opp_queue_next(const struct opp_queue *queue, const struct opp_link *link);

#endif
