/* SPDX-License-Identifier: MIT */
/* From an alarm or a connector to the struct that it is embedded in. */
#ifndef OPP_SIM_CONTAINER_H
#define OPP_SIM_CONTAINER_H

#include <stddef.h>

#define SIM_CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#endif
