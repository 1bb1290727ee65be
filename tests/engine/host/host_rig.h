/* SPDX-License-Identifier: MIT */
/*
 * A host port under test: its events written down, requests that can be waited
 * for with a limit, clients that know when they are gone.
 */
#ifndef OPP_TEST_HOST_RIG_H
#define OPP_TEST_HOST_RIG_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host_port.h"

#define RIG_EVENTS     4096
#define RIG_FOREVER_US UINT64_MAX
#define RIG_INPUT      "what the printer says" /* in a mode that can read it, once */

struct rig {
	struct opp_host_port *port;
	struct opp_host_config config;
	char output[64]; /* the printer's paper; a temporary file */
	char input[64];  /* holds RIG_INPUT */

	struct opp_host_event events[RIG_EVENTS]; /* the first ones; the observer's */
	uint32_t event_count;
};

/* A client that wants one thing at a time. */
struct asker {
	struct opp_host_client client;
	struct opp_host_req req;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum opp_status status; /* of the last request */
	uint32_t completions;
	bool gone;
	/* called in complete(), before it is counted; may be NULL */
	void (*then)(struct asker *asker, enum opp_status status);
	void *context;
};

/* @keys: "KEY=VALUE,..." beside the output; the printer's bytes go to rig->output. */
void rig_start(struct rig *rig, const char *keys);
/* The port is destroyed, everything else checked and removed. */
void rig_stop(struct rig *rig);

void asker_open(struct rig *rig, struct asker *asker, const char *name);
/* Waits until the client is gone. */
void asker_close(struct rig *rig, struct asker *asker, bool dead);

enum opp_status asker_allocate(struct rig *rig, struct asker *asker);
/* @job: allocates before, frees afterwards. */
enum opp_status asker_write(struct rig *rig, struct asker *asker, bool job, const void *bytes,
			    size_t count, uint64_t limit_us);
/* Any other request, as @wanted describes it; of another client than the asker's own if it says so. */
enum opp_status asker_ask(struct rig *rig, struct asker *asker, const struct opp_host_req *wanted);
/* Fails the test when @asker->completions does not reach @completions soon. */
enum opp_status asker_wait(struct asker *asker, uint32_t completions);
uint32_t asker_completions(struct asker *asker);

/* The number of the client that holds the port; 0: nobody. */
uint64_t rig_holder(struct rig *rig);
/* Fails the test when the port does not get into @state (OPP_IOC_STATE_*) soon. */
void rig_wait_state(struct rig *rig, uint32_t state);
/* Fails the test when the printer has not taken @bytes soon. */
void rig_wait_written(struct rig *rig, uint64_t bytes);
/* Fails the test when the printer has not taken a byte soon. */
void rig_wait_some_written(struct rig *rig);

/* What is on the paper; @bytes at the most. */
size_t rig_read_output(const struct rig *rig, void *buffer, size_t bytes);
/* Fails the test when the paper does not soon show just these bytes. */
void rig_wait_output(const struct rig *rig, const void *expected, size_t bytes);

/* The kinds of the first events are @count @kinds, numbered without a gap. */
void rig_assert_events(const struct rig *rig, const enum opp_host_event_kind *kinds,
		       uint32_t count);

#endif
