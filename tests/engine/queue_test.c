/* SPDX-License-Identifier: MIT */
/*
 * The queue against a plain array of names: order, removal from anywhere,
 * links left at zero.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/queue.h>

#define NODES 8

struct node {
	uint32_t number;
	struct opp_link link;
};

static struct opp_queue queue;
static struct node nodes[NODES];

static int setup(void **state)
{
	(void)state;
	memset(&queue, 0xa5, sizeof(queue));
	opp_queue_init(&queue);
	for (uint32_t i = 0; i < NODES; i++)
		nodes[i] = (struct node){ .number = i };
	return 0;
}

static void append(uint32_t number)
{
	opp_queue_append(&queue, &nodes[number].link);
}

static void take_out(uint32_t number)
{
	opp_queue_remove(&queue, &nodes[number].link);
	assert_null(nodes[number].link.next);
	assert_null(nodes[number].link.previous);
}

static void assert_order(const uint32_t *order, uint32_t count)
{
	struct opp_link *link = opp_queue_first(&queue);

	assert_int_equal(queue.count, count);
	for (uint32_t i = 0; i < count; i++) {
		assert_non_null(link);
		assert_int_equal(OPP_NODE(link, struct node, link)->number, order[i]);
		link = opp_queue_next(&queue, link);
	}
	assert_null(link);
}

static void test_empty(void **state)
{
	(void)state;
	assert_order(NULL, 0);
}

static void test_order(void **state)
{
	(void)state;
	append(2);
	append(0);
	append(1);
	assert_order((const uint32_t[]){ 2, 0, 1 }, 3);
}

static void test_remove_anywhere(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		append(i);
	take_out(2);
	assert_order((const uint32_t[]){ 0, 1, 3, 4 }, 4);
	take_out(0);
	assert_order((const uint32_t[]){ 1, 3, 4 }, 3);
	take_out(4);
	assert_order((const uint32_t[]){ 1, 3 }, 2);
	append(0);
	assert_order((const uint32_t[]){ 1, 3, 0 }, 3);
	take_out(1);
	take_out(3);
	take_out(0);
	assert_order(NULL, 0);
}

/* Walks every subset and every order of leaving of a five-node queue. */
static void leave_in_every_order(const uint32_t *order, uint32_t count)
{
	for (uint32_t gone = 0; gone < count; gone++) {
		uint32_t rest[NODES];
		uint32_t left = 0;

		for (uint32_t i = 0; i < count; i++) {
			if (i != gone)
				rest[left++] = order[i];
		}
		for (uint32_t i = 0; i < count; i++)
			append(order[i]);
		take_out(order[gone]);
		assert_order(rest, left);
		for (uint32_t i = 0; i < left; i++)
			take_out(rest[i]);
		if (left > 0)
			leave_in_every_order(rest, left);
	}
}

static void test_every_subset(void **state)
{
	(void)state;
	leave_in_every_order((const uint32_t[]){ 4, 1, 3, 0, 2 }, 5);
	assert_order(NULL, 0);
}

static void test_two_queues(void **state)
{
	struct opp_queue other;

	(void)state;
	opp_queue_init(&other);
	append(0);
	opp_queue_append(&other, &nodes[1].link);
	take_out(0);
	append(0);
	assert_order((const uint32_t[]){ 0 }, 1);
	assert_ptr_equal(opp_queue_first(&other), &nodes[1].link);
	assert_null(opp_queue_next(&other, &nodes[1].link));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a new queue is empty", test_empty, setup, NULL, NULL },
		{ "nodes leave in the order they came", test_order, setup, NULL, NULL },
		{ "first, middle and last node can leave, the rest keep their order",
		  test_remove_anywhere, setup, NULL, NULL },
		{ "any node of any queue of five can leave", test_every_subset, setup, NULL, NULL },
		{ "two queues do not know each other", test_two_queues, setup, NULL, NULL },
	};

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
