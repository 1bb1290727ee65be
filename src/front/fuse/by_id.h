/* SPDX-License-Identifier: MIT */
/* Names of devices that say who they are, for links in the mount's by-id. */
#ifndef OPENPARPORT_FUSE_BY_ID_H
#define OPENPARPORT_FUSE_BY_ID_H

#include "device.h"

/*
 * opp_by_id_choose - sets device->link from device->id: <manufacturer>_<model>, and a
 *	number where that is taken; "" when the id lacks either.
 * The id is a peripheral's: of each only letters, digits, '+', '-' and '.' are kept as
 * they are, so that a name is one of this directory and harmless in a shell.
 */
void opp_by_id_choose(struct opp_served_device *device);

#endif
