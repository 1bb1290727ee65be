/* SPDX-License-Identifier: MIT */
/* What Linux tells of a port to those who do not have it. */
#ifndef OPP_LENT_SYSTEM_H
#define OPP_LENT_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend_ppdev.h"

enum opp_lent_use {
	OPP_LENT_FREE,
	OPP_LENT_BY_PROGRAM, /* who has it by ppdev, too */
	OPP_LENT_BY_DRIVER,  /* by another driver: lp, ... */
	OPP_LENT_HIDDEN,     /* nobody tells */
};

/* What the open file @file, of @path, is. */
struct opp_lent_place opp_lent_locate(const char *path, int file);

/* Who has a port of Linux now. @user: gets the driver's name, OPP_LENT_USER_BYTES. */
enum opp_lent_use opp_lent_use(const struct opp_lent_place *place, char *user);

/* What its driver can do: PARPORT_MODE_*. */
int opp_lent_modes(const struct opp_lent_place *place);

/* Its interrupt; -1: none; 0: not known. */
int32_t opp_lent_irq(const struct opp_lent_place *place);

/*
 * opp_lent_is_unused - nobody is registered for a port of Linux: nobody has it, or waits for
 * it. @user: else gets the name of one who is, OPP_LENT_USER_BYTES.
 */
bool opp_lent_is_unused(const struct opp_lent_place *place, char *user);

/*
 * opp_lent_is_alone - nobody but us is registered for the port: nobody can be waiting for it.
 * What was looked at stays open until opp_lent_forget.
 * Context: who drives the wire.
 */
bool opp_lent_is_alone(struct opp_lent_place *place);
void opp_lent_forget(struct opp_lent_place *place);

/* The open file @file is of the same port. */
bool opp_lent_is_same(const struct opp_lent_place *place, int file);

/* The port has not left the system, nor has its file, as far as is to be seen now. */
bool opp_lent_is_there(const struct opp_lent_place *place);

#endif
