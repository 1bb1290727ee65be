/* SPDX-License-Identifier: MIT */
/* A port that its system lends as a back end: its name, and why it cannot be had. */
#ifndef OPP_HOST_PPDEV_H
#define OPP_HOST_PPDEV_H

#include "backend_ppdev.h"
#include "host_port.h"

/* "ppdev:/dev/parport0": the path, in @text; NULL: it is no such name. */
const char *opp_lent_path(const char *text);

/* opp_back_end_open of such a port. @woken: see opp_backend_ppdev_open. */
enum opp_status opp_lent_open(struct opp_backend_ppdev *port, const struct opp_host_config *config,
			      void (*woken)(void *context), void *context, struct opp_error *error);

/* As opp_host_advice. */
const char *opp_lent_advice(const struct opp_backend_ppdev *port);

#endif
