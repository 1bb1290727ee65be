/* SPDX-License-Identifier: MIT */
#include "host_rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S 20
#define LOOK_NS    1000000

static void observe(void *context, const struct opp_host_event *event)
{
	struct rig *rig = context;

	if (rig->event_count < RIG_EVENTS)
		rig->events[rig->event_count] = *event;
	rig->event_count++;
}

static void set_key(struct opp_host_config *config, char *text)
{
	struct opp_error error = { .text = "" };
	char *equals = strchr(text, '=');

	assert_non_null(equals);
	*equals = '\0';
	if (opp_host_config_set(config, text, equals + 1, &error) != OPP_SUCCESS)
		fail_msg("%s", error.text);
}

static void make_file(char name[64], const char *content)
{
	FILE *file;

	strcpy(name, "host-test-XXXXXX");
	file = fdopen(mkstemp(name), "w");
	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

void rig_start(struct rig *rig, const char *keys)
{
	struct opp_error error = { .text = "" };
	char text[256];
	char *rest = NULL;
	char *key;

	memset(rig, 0, sizeof(*rig));
	make_file(rig->output, "");
	make_file(rig->input, RIG_INPUT);
	opp_host_config_defaults(&rig->config, 0);
	assert_int_equal(opp_host_config_set(&rig->config, "output", rig->output, &error),
			 OPP_SUCCESS);
	assert_int_equal(opp_host_config_set(&rig->config, "input", rig->input, &error),
			 OPP_SUCCESS);
	(void)snprintf(text, sizeof(text), "%s", keys);
	for (key = strtok_r(text, ",", &rest); key; key = strtok_r(NULL, ",", &rest))
		set_key(&rig->config, key);
	if (opp_host_port_create(&rig->config, observe, rig, &rig->port, &error) != OPP_SUCCESS)
		fail_msg("%s", error.text);
}

void rig_stop(struct rig *rig)
{
	if (rig->port)
		opp_host_port_destroy(rig->port);
	opp_host_config_release(&rig->config);
	unlink(rig->output);
	unlink(rig->input);
}

/* ---- askers --------------------------------------------------------------------- */

static struct timespec soon(void)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE_S;
	return until;
}

static void look_again(void)
{
	const struct timespec pause = { .tv_nsec = LOOK_NS };

	nanosleep(&pause, NULL);
}

static void complete(struct opp_host_req *req, enum opp_status status)
{
	struct asker *asker = OPP_NODE(req, struct asker, req);

	if (asker->then)
		asker->then(asker, status);
	pthread_mutex_lock(&asker->lock);
	asker->status = status;
	asker->completions++;
	pthread_cond_broadcast(&asker->changed);
	pthread_mutex_unlock(&asker->lock);
}

static void gone(struct opp_host_client *client)
{
	struct asker *asker = OPP_NODE(client, struct asker, client);

	pthread_mutex_lock(&asker->lock);
	asker->gone = true;
	pthread_cond_broadcast(&asker->changed);
	pthread_mutex_unlock(&asker->lock);
}

void asker_open(struct rig *rig, struct asker *asker, const char *name)
{
	memset(asker, 0, sizeof(*asker));
	pthread_mutex_init(&asker->lock, NULL);
	pthread_cond_init(&asker->changed, NULL);
	asker->client.pid = getpid();
	asker->client.kind = OPP_IOC_WHO_LIBRARY;
	(void)snprintf(asker->client.name, sizeof(asker->client.name), "%s", name);
	assert_int_equal(opp_host_open(rig->port, &asker->client), OPP_SUCCESS);
}

void asker_close(struct rig *rig, struct asker *asker, bool dead)
{
	const struct timespec until = soon();
	int failed = 0;

	opp_host_close(rig->port, &asker->client, dead, gone);
	pthread_mutex_lock(&asker->lock);
	while (!asker->gone && !failed)
		failed = pthread_cond_clockwait(&asker->changed, &asker->lock, CLOCK_MONOTONIC,
						&until);
	pthread_mutex_unlock(&asker->lock);
	assert_int_equal(failed, 0);
}

enum opp_status asker_ask(struct rig *rig, struct asker *asker, const struct opp_host_req *wanted)
{
	asker->req = *wanted;
	if (!wanted->client)
		asker->req.client = &asker->client;
	asker->req.complete = complete;
	return opp_host_submit(rig->port, &asker->req);
}

enum opp_status asker_allocate(struct rig *rig, struct asker *asker)
{
	return asker_ask(rig, asker, &(struct opp_host_req){ .kind = OPP_HOST_ALLOCATE });
}

enum opp_status asker_write(struct rig *rig, struct asker *asker, bool job, const void *bytes,
			    size_t count, uint64_t limit_us)
{
	return asker_ask(rig, asker,
			 &(struct opp_host_req){
				 .kind = OPP_HOST_WRITE,
				 .job = job,
				 .bytes = bytes,
				 .count = count,
				 .inactivity_us = limit_us,
				 .fault_us = limit_us,
			 });
}

enum opp_status asker_wait(struct asker *asker, uint32_t completions)
{
	const struct timespec until = soon();
	enum opp_status status;
	int failed = 0;

	pthread_mutex_lock(&asker->lock);
	while (asker->completions < completions && !failed)
		failed = pthread_cond_clockwait(&asker->changed, &asker->lock, CLOCK_MONOTONIC,
						&until);
	status = asker->status;
	pthread_mutex_unlock(&asker->lock);
	assert_int_equal(failed, 0);
	assert_int_equal(asker_completions(asker), completions);
	return status;
}

uint32_t asker_completions(struct asker *asker)
{
	uint32_t completions;

	pthread_mutex_lock(&asker->lock);
	completions = asker->completions;
	pthread_mutex_unlock(&asker->lock);
	return completions;
}

/* ---- the port ---------------------------------------------------------------------- */

uint64_t rig_holder(struct rig *rig)
{
	struct opp_ioc_status status;

	opp_host_status(rig->port, &status);
	return status.holder.client;
}

void rig_wait_state(struct rig *rig, uint32_t state)
{
	const time_t until = time(NULL) + PATIENCE_S;
	struct opp_ioc_status status;

	opp_host_status(rig->port, &status);
	while (status.state != state && time(NULL) < until) {
		look_again();
		opp_host_status(rig->port, &status);
	}
	assert_int_equal(status.state, state);
}

static uint64_t wait_written(struct rig *rig, uint64_t bytes)
{
	const time_t until = time(NULL) + PATIENCE_S;
	struct opp_ioc_status status;

	opp_host_status(rig->port, &status);
	while (status.bytes_written < bytes && time(NULL) < until) {
		look_again();
		opp_host_status(rig->port, &status);
	}
	return status.bytes_written;
}

void rig_wait_written(struct rig *rig, uint64_t bytes)
{
	assert_int_equal(wait_written(rig, bytes), bytes);
}

void rig_wait_some_written(struct rig *rig)
{
	assert_true(wait_written(rig, 1) > 0);
}

size_t rig_read_output(const struct rig *rig, void *buffer, size_t bytes)
{
	int file = open(rig->output, O_RDONLY);
	ssize_t got;

	assert_true(file >= 0);
	got = read(file, buffer, bytes);
	close(file);
	assert_true(got >= 0);
	return (size_t)got;
}

void rig_wait_output(const struct rig *rig, const void *expected, size_t bytes)
{
	const time_t until = time(NULL) + PATIENCE_S;
	uint8_t *paper = malloc(bytes + 1);

	assert_non_null(paper);
	while (rig_read_output(rig, paper, bytes + 1) < bytes && time(NULL) < until)
		look_again();
	assert_int_equal(rig_read_output(rig, paper, bytes + 1), bytes);
	assert_memory_equal(paper, expected, bytes);
	free(paper);
}

void rig_assert_events(const struct rig *rig, const enum opp_host_event_kind *kinds, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count && i < rig->event_count; i++) {
		assert_int_equal(rig->events[i].kind, kinds[i]);
		assert_int_equal(rig->events[i].sequence, i + 1);
	}
	assert_int_equal(rig->event_count, count);
}
