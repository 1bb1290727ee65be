/* SPDX-License-Identifier: MIT */
/*
 * What the files of the core share with each other.
 */
#ifndef OPENPARPORT_CORE_H
#define OPENPARPORT_CORE_H

#include <openparport/port.h>

/* Nobody holds the port and nobody waits: a round of deferred routines is due. */
void opp_deferred_start_round_locked(struct opp_port *port);

/* A caller found the port taken: routines called before that want another round. */
void opp_deferred_tried_in_vain_locked(struct opp_port *port);

/*
 * The routine told last has returned, if there was one. True when it was taken
 * out meanwhile: @event says so.
 */
bool opp_deferred_returned_locked(struct opp_port *port, struct opp_event *event);

/* The next routine of the round into @event; the round ends unless the port @is_free. */
bool opp_deferred_next_locked(struct opp_port *port, bool is_free, struct opp_event *event);

#endif
