/* SPDX-License-Identifier: MIT */
#include "glance.h"

#include <errno.h>
#include <stdlib.h>

#include "file.h"

/* What a call keeps: it may end before the glance that it wanted does. */
struct ticket {
	struct opp_glance *glance;
};

/* Context: any thread. */
static void run(struct opp_host_errand *errand)
{
	struct opp_glance *glance = OPP_NODE(errand, struct opp_glance, errand.host);

	glance->see(glance);
}

static void end(struct opp_glance *glance)
{
	struct opp_call *call = glance->call;

	if (call && glance->status == OPP_SUCCESS)
		glance->reply(call, glance);
	else if (call)
		opp_call_end_error(call, opp_status_errno(glance->status));
	free(glance);
}

static void on_over(struct opp_post *post)
{
	end(OPP_NODE(post, struct opp_glance, errand.over));
}

static void give_up(struct opp_call *call)
{
	struct opp_glance *glance = ((struct ticket *)(void *)call->bytes)->glance;

	glance->call = NULL;
	if (opp_errand_recall(&glance->errand, call->file))
		free(glance);
	opp_call_end_error(call, call->error);
}

void opp_glance(struct opp_file *file, fuse_req_t request, void (*see)(struct opp_glance *glance),
		void (*reply)(struct opp_call *call, const struct opp_glance *glance))
{
	struct opp_glance *glance = calloc(1, sizeof(*glance));
	const struct ticket ticket = { glance };

	if (!glance) {
		fuse_reply_err(request, ENOMEM);
		return;
	}
	glance->host = file->port->host;
	glance->see = see;
	glance->reply = reply;
	glance->call =
		opp_call_park(file, opp_kernel_asks(request), &ticket, sizeof(ticket), give_up);
	if (!glance->call) {
		free(glance);
		return;
	}
	glance->call->patient = true;
	if (opp_errand_send(&glance->errand, file, run, on_over))
		end(glance);
}

void opp_glance_at_pins(struct opp_glance *glance)
{
	glance->status = opp_host_pins(glance->host, &glance->pins);
}
