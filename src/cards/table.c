/* SPDX-License-Identifier: MIT */
/*
 * The table of PCI cards with parallel ports, by their ids; see pci_card.h. What is not
 * listed is known by its class alone. Source: PCICARDS.
 */
#include "pci_card.h"

#include <string.h>

#define CLASS_PARALLEL 0x0701u
#define NETMOS         0x9710u
#define NETMOS_SHIFT   4u /* of the subsystem's digit that counts parallel ports */
#define NETMOS_DIGIT   0xfu
#define NONE           (-1)

/* Fewer are no three registers. */
#define LEAST_REGISTERS 3u

struct row {
	struct opp_pci_ids ids; /* a subsystem of 0: any */
	uint8_t ports;
	bool by_serial;
	struct opp_pci_place place[OPP_PCI_PORTS_MOST];
};

/* Of rows that fit the first one counts. */
static const struct row known[] = {
	/* Ports with a function of their own: those of data/windows/parport.inf. */
	{ { 0x125b, 0x9100, 0xa000, 0x2000 }, 1, false, { { 0, 1 } } },
	{ { 0x14db, 0x2120, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1407, 0x8000, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1407, 0x8002, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1407, 0x8003, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1407, 0x8800, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x14f2, 0x0121, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x9710, 0x9805, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x9710, 0x9865, 0xa000, 0x2000 }, 1, false, { { 0, 1 } } },
	{ { 0x9710, 0x9900, 0xa000, 0x2000 }, 1, false, { { 0, 1 } } },
	{ { 0x9710, 0x9901, 0xa000, 0x2000 }, 1, false, { { 0, 1 } } },
	{ { 0x9710, 0x9912, 0xa000, 0x2000 }, 1, true, { { 0, 1 } } },
	{ { 0x9710, 0x9922, 0xa000, 0x2000 }, 1, false, { { 0, 1 } } },
	{ { 0x9710, 0x9705, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1415, 0x9523, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1415, 0x9513, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1415, 0xc000, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1415, 0xc004, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1415, 0xc100, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1415, 0xc104, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1415, 0xc110, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1415, 0xc114, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1415, 0xc118, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1415, 0xc11c, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x135c, 0x0278, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x131f, 0x2020, 0, 0 }, 1, false, { { 0, 1 } } },
	{ { 0x1409, 0x7268, 0x1409, 0x0101 }, 1, false, { { 0, 1 } } },
	{ { 0x1409, 0x7268, 0x1409, 0x0103 }, 1, false, { { 0, 1 } } },
	/* It stops when the service bit of its ECR is set, which our chip driver does. */
	{ { 0x1415, 0x8403, 0, 0 }, 1, false, { { 0, NONE } } },
	/* One port, at other ranges. */
	{ { 0x131f, 0x1020, 0, 0 }, 1, false, { { 2, 3 } } },
	{ { 0x14d2, 0x8001, 0, 0 }, 1, false, { { 3, NONE } } },
	/* Two ports in one function. */
	{ { 0x131f, 0x1021, 0, 0 }, 2, false, { { 2, 3 }, { 4, 5 } } },
	{ { 0x131f, 0x2021, 0, 0 }, 2, false, { { 0, 1 }, { 2, 3 } } },
	{ { 0x14db, 0x2121, 0, 0 }, 2, false, { { 0, 1 }, { 2, 3 } } },
	{ { 0x1409, 0x7268, 0x1409, 0x0102 }, 2, false, { { 0, NONE }, { 2, NONE } } },
	{ { 0x1409, 0x7268, 0x1409, 0x0104 }, 2, false, { { 0, 1 }, { 2, 3 } } },
	{ { 0x1409, 0x7268, 0x1409, 0x9018 }, 2, false, { { 0, 1 }, { 2, 3 } } },
	{ { 0x9710, 0x9715, 0, 0 }, 2, false, { { 0, 1 }, { 2, 3 } } },
	{ { 0x9710, 0x9755, 0, 0 }, 2, false, { { 0, 1 }, { 2, 3 } } },
	{ { 0x9710, 0x9815, 0, 0 }, 2, false, { { 0, 1 }, { 2, 3 } } },
	/* Serial ports beside. */
	{ { 0x9710, 0x9835, 0x1014, 0x0299 }, 0, true, { { NONE, NONE } } },
	{ { 0x9710, 0x9735, 0, 0 }, 1, true, { { 2, NONE } } },
	{ { 0x9710, 0x9745, 0, 0 }, 1, true, { { 2, NONE } } },
	{ { 0x9710, 0x9835, 0, 0 }, 1, true, { { 2, NONE } } },
	{ { 0x9710, 0x9845, 0x1000, 0x0014 }, 1, true, { { 4, NONE } } },
	{ { 0x9710, 0x9845, 0, 0 }, 1, true, { { 2, NONE } } },
	{ { 0x9710, 0x9855, 0, 0 }, 2, true, { { 0, NONE }, { 2, NONE } } },
	{ { 0x9710, 0x9900, 0xa000, 0x3011 }, 1, true, { { 3, 4 } } },
	{ { 0x9710, 0x9900, 0xa000, 0x3012 }, 1, true, { { 3, 4 } } },
	{ { 0x9710, 0x9900, 0xa000, 0x3020 }, 2, true, { { 0, 1 }, { 3, 4 } } },
	{ { 0x4348, 0x5053, 0, 0 }, 1, true, { { 1, NONE } } },
	{ { 0x4348, 0x7053, 0x4348, 0x3253 }, 1, true, { { 2, NONE } } },
	{ { 0x1c00, 0x3050, 0x1c00, 0x3050 }, 1, true, { { 2, NONE } } },
	{ { 0x1c00, 0x3250, 0x1c00, 0x3250 }, 1, true, { { 2, NONE } } },
	{ { 0x1fd4, 0x1999, 0x1fd4, 0x0100 }, 1, true, { { 1, 2 } } },
	{ { 0x1fd4, 0x1999, 0x1fd4, 0x0101 }, 1, true, { { 1, 2 } } },
	{ { 0x1fd4, 0x1999, 0x1fd4, 0x0102 }, 1, true, { { 1, 2 } } },
	{ { 0x1fd4, 0x1999, 0x1fd4, 0x0104 }, 1, true, { { 1, 2 } } },
	{ { 0x14d2, 0x8011, 0, 0 }, 1, true, { { 3, NONE } } },
	{ { 0x14d2, 0x8021, 0, 0 }, 1, true, { { 3, NONE } } },
	{ { 0x14db, 0x2110, 0, 0 }, 1, true, { { 1, 2 } } },
	{ { 0x14db, 0x2111, 0, 0 }, 1, true, { { 1, 2 } } },
	{ { 0x14db, 0x2112, 0, 0 }, 1, true, { { 1, 2 } } },
	{ { 0x14db, 0x2140, 0, 0 }, 2, true, { { 1, 2 }, { 3, 4 } } },
	{ { 0x14db, 0x2141, 0, 0 }, 2, true, { { 1, 2 }, { 3, 4 } } },
	{ { 0x14db, 0x2142, 0, 0 }, 2, true, { { 1, 2 }, { 3, 4 } } },
	{ { 0x14db, 0x2160, 0, 0 }, 1, true, { { 2, 3 } } },
	{ { 0x14db, 0x2161, 0, 0 }, 1, true, { { 2, 3 } } },
	{ { 0x14db, 0x2162, 0, 0 }, 1, true, { { 2, 3 } } },
	{ { 0x131f, 0x1010, 0, 0 }, 1, true, { { 3, 4 } } },
	{ { 0x131f, 0x1011, 0, 0 }, 1, true, { { 3, 4 } } },
	{ { 0x131f, 0x1012, 0, 0 }, 1, true, { { 3, 4 } } },
	{ { 0x131f, 0x1034, 0, 0 }, 1, true, { { 4, 5 } } },
	{ { 0x131f, 0x1035, 0, 0 }, 1, true, { { 4, 5 } } },
	{ { 0x131f, 0x1036, 0, 0 }, 1, true, { { 4, 5 } } },
	{ { 0x131f, 0x2011, 0, 0 }, 1, true, { { 1, 2 } } },
	{ { 0x131f, 0x2012, 0, 0 }, 1, true, { { 1, 2 } } },
	{ { 0x131f, 0x2040, 0, 0 }, 2, true, { { 1, 2 }, { 3, 4 } } },
	{ { 0x131f, 0x2041, 0, 0 }, 2, true, { { 1, 2 }, { 3, 4 } } },
	{ { 0x131f, 0x2042, 0, 0 }, 2, true, { { 1, 2 }, { 3, 4 } } },
	{ { 0x131f, 0x2060, 0, 0 }, 1, true, { { 2, 3 } } },
	{ { 0x131f, 0x2061, 0, 0 }, 1, true, { { 2, 3 } } },
	{ { 0x131f, 0x2062, 0, 0 }, 1, true, { { 2, 3 } } },
	{ { 0x1409, 0x7168, 0x1409, 0x4078 }, 1, true, { { 2, NONE } } },
	{ { 0x1409, 0x7168, 0x1409, 0x4079 }, 1, true, { { 2, 3 } } },
	{ { 0x1409, 0x7168, 0x1409, 0x4085 }, 2, true, { { 2, NONE }, { 4, NONE } } },
	{ { 0x1409, 0x7168, 0x1409, 0x4088 }, 2, true, { { 2, 3 }, { 4, 5 } } },
	{ { 0x1409, 0x7168, 0x1409, 0x4089 }, 2, true, { { 2, 3 }, { 4, 5 } } },
	{ { 0x1409, 0x7168, 0x1409, 0x5078 }, 1, true, { { 2, NONE } } },
	{ { 0x1409, 0x7168, 0x1409, 0x5079 }, 1, true, { { 2, 3 } } },
	{ { 0x1409, 0x7168, 0x1409, 0x5085 }, 2, true, { { 2, NONE }, { 4, NONE } } },
};

static bool fits(const struct opp_pci_ids *card, const struct opp_pci_ids *ids)
{
	return card->vendor == ids->vendor && card->device == ids->device &&
	       (!ids->subvendor ||
		(card->subvendor == ids->subvendor && card->subdevice == ids->subdevice));
}

/* NetMos' cards say by their subsystem how many of the ports that the chip can have they have. */
static uint8_t ports_of(const struct row *row, const struct opp_pci_ids *card)
{
	const bool is_told = row->ids.vendor == NETMOS && !row->ids.subvendor &&
			     (row->by_serial || row->ports > 1);
	const uint8_t told = card->subdevice >> NETMOS_SHIFT & NETMOS_DIGIT;

	return is_told && told < row->ports ? told : row->ports;
}

struct opp_pci_model opp_pci_model_of(const struct opp_pci_ids *ids, uint32_t class)
{
	struct opp_pci_model model = { .ports = class >> 8 == CLASS_PARALLEL };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct row *row = &known[i];

		if (!fits(ids, &row->ids))
			continue;
		model.ports = ports_of(row, ids);
		model.by_serial = row->by_serial;
		model.is_listed = true;
		memcpy(model.place, row->place, sizeof(model.place));
		break;
	}
	return model;
}

/* ---- which ranges ---------------------------------------------------------------------- */

/* The first range of I/O from number @from on; -1: none. */
static int next_range(const struct opp_pci_function *function, int from)
{
	for (int i = from; i < OPP_PCI_RANGES; i++) {
		if (function->ranges[i].count >= LEAST_REGISTERS)
			return i;
	}
	return NONE;
}

static struct opp_pci_range range_of(const struct opp_pci_function *function, int number)
{
	if (number < 0 || function->ranges[number].count < LEAST_REGISTERS)
		return (struct opp_pci_range){ 0 };
	return function->ranges[number];
}

struct opp_pci_registers opp_pci_registers_of(const struct opp_pci_function *function,
					      const struct opp_pci_model *model, uint32_t port)
{
	int base = model->place[port].base;
	int ecp = model->place[port].ecp;

	if (!model->is_listed) {
		base = next_range(function, 0);
		ecp = base < 0 ? NONE : next_range(function, base + 1);
	}
	return (struct opp_pci_registers){ range_of(function, base), range_of(function, ecp) };
}
