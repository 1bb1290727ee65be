/* SPDX-License-Identifier: MIT */
/*
 * PCI cards with parallel ports, by their ids; see doctor.h. What is not listed is known by
 * its class alone. Source: PCICARDS.
 */
#include "doctor.h"

#define CLASS_PARALLEL 0x0701u
#define NETMOS         0x9710u
#define NETMOS_PORTS   0x00f0u /* of the subsystem: how many are parallel */

static const struct {
	struct doctor_ids ids; /* a subsystem of 0: any */
	bool is_multi, by_serial;
} known[] = {
	/* Ports with a function of their own: those of data/windows/parport.inf. */
	{ { 0x125b, 0x9100, 0xa000, 0x2000 }, false, false },
	{ { 0x14db, 0x2120, 0, 0 }, false, false },
	{ { 0x1407, 0x8000, 0, 0 }, false, false },
	{ { 0x1407, 0x8002, 0, 0 }, false, false },
	{ { 0x1407, 0x8003, 0, 0 }, false, false },
	{ { 0x1407, 0x8800, 0, 0 }, false, false },
	{ { 0x14f2, 0x0121, 0, 0 }, false, false },
	{ { 0x9710, 0x9805, 0, 0 }, false, false },
	{ { 0x9710, 0x9865, 0xa000, 0x2000 }, false, false },
	{ { 0x9710, 0x9900, 0xa000, 0x2000 }, false, false },
	{ { 0x9710, 0x9901, 0xa000, 0x2000 }, false, false },
	{ { 0x9710, 0x9912, 0xa000, 0x2000 }, false, true },
	{ { 0x9710, 0x9922, 0xa000, 0x2000 }, false, false },
	{ { 0x9710, 0x9705, 0, 0 }, false, false },
	{ { 0x1415, 0x9523, 0, 0 }, false, false },
	{ { 0x1415, 0x9513, 0, 0 }, false, false },
	{ { 0x1415, 0xc000, 0, 0 }, false, false },
	{ { 0x1415, 0xc004, 0, 0 }, false, false },
	{ { 0x1415, 0xc100, 0, 0 }, false, false },
	{ { 0x1415, 0xc104, 0, 0 }, false, false },
	{ { 0x1415, 0xc110, 0, 0 }, false, false },
	{ { 0x1415, 0xc114, 0, 0 }, false, false },
	{ { 0x1415, 0xc118, 0, 0 }, false, false },
	{ { 0x1415, 0xc11c, 0, 0 }, false, false },
	{ { 0x135c, 0x0278, 0, 0 }, false, false },
	{ { 0x131f, 0x2020, 0, 0 }, false, false },
	{ { 0x1409, 0x7268, 0x1409, 0x0101 }, false, false },
	{ { 0x1409, 0x7268, 0x1409, 0x0103 }, false, false },
	/* Ports at other ranges than the first, mostly with serial ones beside. */
	{ { 0x9710, 0x9735, 0, 0 }, true, true },
	{ { 0x9710, 0x9745, 0, 0 }, true, true },
	{ { 0x9710, 0x9835, 0, 0 }, true, true },
	{ { 0x9710, 0x9845, 0, 0 }, true, true },
	{ { 0x9710, 0x9855, 0, 0 }, true, true },
	{ { 0x9710, 0x9900, 0xa000, 0x3011 }, true, true },
	{ { 0x9710, 0x9900, 0xa000, 0x3012 }, true, true },
	{ { 0x9710, 0x9900, 0xa000, 0x3020 }, true, true },
	{ { 0x4348, 0x5053, 0, 0 }, true, true },
	{ { 0x4348, 0x7053, 0x4348, 0x3253 }, true, true },
	{ { 0x1c00, 0x3050, 0x1c00, 0x3050 }, true, true },
	{ { 0x1c00, 0x3250, 0x1c00, 0x3250 }, true, true },
	{ { 0x1fd4, 0x1999, 0x1fd4, 0x0100 }, true, true },
	{ { 0x1fd4, 0x1999, 0x1fd4, 0x0101 }, true, true },
	{ { 0x1fd4, 0x1999, 0x1fd4, 0x0102 }, true, true },
	{ { 0x1fd4, 0x1999, 0x1fd4, 0x0104 }, true, true },
};

static bool fits(const struct doctor_ids *card, const struct doctor_ids *ids)
{
	return card->vendor == ids->vendor && card->device == ids->device &&
	       (!ids->subvendor ||
		(card->subvendor == ids->subvendor && card->subdevice == ids->subdevice));
}

static bool has_none(const struct doctor_ids *card)
{
	return card->vendor == NETMOS && !(card->subdevice & NETMOS_PORTS);
}

struct doctor_model doctor_model_of(const struct doctor_ids *card, uint32_t class)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (fits(card, &known[i].ids))
			return (struct doctor_model){
				.is_port = !known[i].is_multi || !has_none(card),
				.is_multi = known[i].is_multi,
				.by_serial = known[i].by_serial,
			};
	}
	return (struct doctor_model){ .is_port = class >> 8 == CLASS_PARALLEL };
}
