/* SPDX-License-Identifier: MIT */
#include "opening.h"

#include <stdio.h>
#include <stdlib.h>

#include "aside.h"
#include "own_files.h"
#include "service.h"

struct opp_opening {
	struct opp_aside aside;
	struct opp_served_port *port; /* NULL: forgotten */
	void (*ended)(struct opp_served_port *port, const struct opp_opened *opened);
	/* the thread's, until it has ended */
	struct opp_host_config config;
	const char *mount;
	opp_host_observer observe;
	void *observe_context;
	struct opp_opened opened;
};

/* A file that we would have to open and to answer for. Looked for each time: links change. */
static bool leads_back(const struct opp_host_config *config, const char *mount,
		       struct opp_opened *opened)
{
	const char *path = opp_host_config_file(config);

	opened->leads_back = opp_leads_to_own_file(path, mount);
	if (!opened->leads_back)
		return false;
	snprintf(opened->error.text, sizeof(opened->error.text),
		 "back_end = \"ppdev:%.64s\" is a file of this service itself, or of another one "
		 "that has its port from here; name a port that Linux or another service has",
		 path);
	opened->error.status = opened->status = OPP_INVALID_PARAMETER;
	return true;
}

static void open_aside(struct opp_aside *aside)
{
	struct opp_opening *opening = OPP_NODE(aside, struct opp_opening, aside);
	struct opp_opened *opened = &opening->opened;

	if (!leads_back(&opening->config, opening->mount, opened))
		opened->status = opp_host_port_create(&opening->config, opening->observe,
						      opening->observe_context, &opened->host,
						      &opened->error);
}

static void close_aside(struct opp_aside *aside)
{
	opp_host_port_destroy(OPP_NODE(aside, struct opp_opening, aside)->opened.host);
}

static void release(struct opp_opening *opening)
{
	opp_host_config_release(&opening->config);
	free(opening);
}

static void on_closed(struct opp_aside *aside)
{
	release(OPP_NODE(aside, struct opp_opening, aside));
}

static void on_opened(struct opp_aside *aside)
{
	struct opp_opening *opening = OPP_NODE(aside, struct opp_opening, aside);

	if (!opening->port && opening->opened.status == OPP_SUCCESS) {
		opp_aside_begin(aside, aside->loop, close_aside, on_closed);
		return;
	}
	if (opening->port)
		opening->ended(opening->port, &opening->opened);
	release(opening);
}

struct opp_opening *opp_opening_begin(struct opp_served_port *port, opp_host_observer observe,
				      void (*ended)(struct opp_served_port *port,
						    const struct opp_opened *opened))
{
	struct opp_opening *opening = calloc(1, sizeof(*opening));

	if (!opening || opp_host_config_copy(&opening->config, &port->config.host) != OPP_SUCCESS) {
		free(opening);
		return NULL;
	}
	opening->port = port;
	opening->ended = ended;
	opening->mount = port->service->config->mount;
	opening->observe = observe;
	opening->observe_context = port;
	opp_aside_begin(&opening->aside, &port->service->loop, open_aside, on_opened);
	return opening;
}

void opp_opening_forget(struct opp_opening *opening)
{
	opening->port = NULL;
}
