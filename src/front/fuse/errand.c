/* SPDX-License-Identifier: MIT */
#include "errand.h"

#include "file.h"

/* Context: the port's worker. */
static void tell(struct opp_host_errand *host)
{
	struct opp_errand *errand = OPP_NODE(host, struct opp_errand, host);

	opp_post(errand->loop, &errand->over);
}

bool opp_errand_send(struct opp_errand *errand, struct opp_file *file,
		     void (*run)(struct opp_host_errand *errand),
		     void (*over)(struct opp_post *post))
{
	errand->host.run = run;
	errand->host.told = tell;
	errand->host.client = &file->client;
	errand->loop = &file->service->loop;
	errand->over.run = over;
	return opp_host_errand(file->port->host, &errand->host);
}

bool opp_errand_recall(struct opp_errand *errand, struct opp_file *file)
{
	return opp_host_recall(file->port->host, &errand->host);
}
