/* SPDX-License-Identifier: MIT */
/*
 * PCI cards with parallel ports: which they are, and where each port's registers lie
 * among a card's ranges. Nothing here touches a card, or knows who uses it.
 */
#ifndef OPP_PCI_CARD_H
#define OPP_PCI_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPP_PCI_RANGES      6 /* base address registers of a function */
#define OPP_PCI_PORTS_MOST  2 /* of one function */
#define OPP_PCI_DRIVER_MOST 64

struct opp_pci_ids {
	uint16_t vendor, device, subvendor, subdevice;
};

/* A range of I/O addresses; count 0: there is none, or it is one of memory. */
struct opp_pci_range {
	uint16_t first, count;
};

/* A function of a card, as sysfs shows it. */
struct opp_pci_function {
	struct opp_pci_ids ids;
	uint32_t class;
	bool is_enabled; /* answers at its addresses */
	struct opp_pci_range ranges[OPP_PCI_RANGES];
	char driver[OPP_PCI_DRIVER_MOST]; /* that has it; "": none. Bytes as they came */
};

/* Where a port's registers are: ranges, by number; ecp -1: no ECP. */
struct opp_pci_place {
	int16_t base, ecp;
};

/* What a function is. */
struct opp_pci_model {
	uint8_t ports;  /* parallel ones; 0: it is no card of ours */
	bool by_serial; /* Linux has it in parport_serial, not in parport_pc */
	bool is_listed; /* else known by its class alone, and taken for the usual layout */
	struct opp_pci_place place[OPP_PCI_PORTS_MOST];
};

/* By the ids, and by the class where these are not known. Source: PCICARDS. */
struct opp_pci_model opp_pci_model_of(const struct opp_pci_ids *ids, uint32_t class);

/* One port's registers; base.count 0: it has none of I/O, ecp.count 0: none of ECP. */
struct opp_pci_registers {
	struct opp_pci_range base, ecp;
};

struct opp_pci_registers opp_pci_registers_of(const struct opp_pci_function *function,
					      const struct opp_pci_model *model, uint32_t port);

/*
 * opp_pci_read - what sysfs has of a function. Links are not followed, and nothing but
 * regular files is read.
 * @folder: descriptor of its folder, e.g. /sys/bus/pci/devices/0000:03:00.0.
 * Returns: false: there is no such function there (any more).
 */
bool opp_pci_read(int folder, struct opp_pci_function *function);

#endif
