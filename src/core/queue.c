/* SPDX-License-Identifier: MIT */
/*
 * The FIFO: a ring of links closed by the queue's own two ends.
 */
#include <openparport/queue.h>

void opp_queue_init(struct opp_queue *queue)
{
	queue->ends.previous = &queue->ends;
	queue->ends.next = &queue->ends;
	queue->count = 0;
}

void opp_queue_append(struct opp_queue *queue, struct opp_link *link)
{
	struct opp_link *last = queue->ends.previous;

	link->previous = last;
	link->next = &queue->ends;
	last->next = link;
	queue->ends.previous = link;
	queue->count++;
}

void opp_queue_remove(struct opp_queue *queue, struct opp_link *link)
{
	link->previous->next = link->next;
	link->next->previous = link->previous;
	link->previous = NULL;
	link->next = NULL;
	queue->count--;
}

struct opp_link *opp_queue_first(const struct opp_queue *queue)
{
	return opp_queue_next(queue, &queue->ends);
}

struct opp_link *opp_queue_next(const struct opp_queue *queue, const struct opp_link *link)
{
	return link->next == &queue->ends ? NULL : link->next;
}
