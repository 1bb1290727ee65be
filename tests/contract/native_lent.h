/* SPDX-License-Identifier: MIT */
/* What the cases of a port that its system lends have in common. */
#ifndef OPENPARPORT_TESTS_NATIVE_LENT_H
#define OPENPARPORT_TESTS_NATIVE_LENT_H

#include "native.h"

#define INIT_BUS     IOCTL_INTERNAL_INIT_1284_3_BUS
#define LENT         NEEDS_LENDING
#define LENT_CHAIN   (NEEDS_LENDING | NEEDS_CHAIN | NEEDS_ECP)
#define MOST_TOUCHES 2000
#define LONG_MS      500

/* The port becomes @file's; it frees it. Both until the worker has nothing more to do. */
void lent_take(struct rig *rig, int file);
void lent_give(struct rig *rig, int file);

/* As a first client does: an adapter without an ID cannot be selected. */
void lent_count_chain(struct rig *rig);

#endif
