/* SPDX-License-Identifier: MIT */
/* Places in a ring whose length need not be a power of two. */
#ifndef OPP_SIM_RING_H
#define OPP_SIM_RING_H

#include <stdint.h>

/* @index: 0 is the @oldest; at most @slots, all there are. */
static inline uint32_t sim_ring_slot(uint32_t oldest, uint32_t index, uint32_t slots)
{
	const uint32_t to_end = slots - oldest;

	return index < to_end ? oldest + index : index - to_end;
}

#endif
