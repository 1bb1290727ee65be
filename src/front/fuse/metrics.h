/* SPDX-License-Identifier: MIT */
/*
 * The counters of all ports for a monitoring system: Prometheus' text format, over HTTP on a
 * unix socket. Who may open the ports may read it.
 */
#ifndef OPENPARPORT_FUSE_METRICS_H
#define OPENPARPORT_FUSE_METRICS_H

struct opp_metrics;
struct opp_service;

/*
 * opp_metrics_open - from now on GET /metrics is answered at @path, on the loop.
 * A socket that a killed service left there is taken away, nothing else.
 * Returns NULL and errno on failure.
 */
struct opp_metrics *opp_metrics_open(struct opp_service *service, const char *path);

/*
 * The socket gets the group and the mode that the configuration has now; where the service may
 * not do that, it tells. NULL is fine.
 */
void opp_metrics_give_to_users(struct opp_metrics *metrics);

/* NULL is fine. */
void opp_metrics_close(struct opp_metrics *metrics);

#endif
