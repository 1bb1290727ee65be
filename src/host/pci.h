/* SPDX-License-Identifier: MIT */
/*
 * A port by the PCI card it is on: "pci:0000:03:00.0", and "pci:0000:03:00.0/1" for the
 * second port of one function. The kernel's sysfs says where its registers are, and
 * whether it is still there; nothing is written to it.
 */
#ifndef OPP_PCI_H
#define OPP_PCI_H

#include "backend_x86io.h"
#include "host_port.h"

#define OPP_PCI_NAME_BYTES 32

struct opp_pci_name {
	uint32_t domain, bus, slot, function;
	uint32_t port; /* of the function: 0, 1 */
};

/* The domain may be left out where it is 0. */
bool opp_pci_parse(const char *text, struct opp_pci_name *name);

/* One text for each port, which opp_pci_parse reads. */
void opp_pci_name(const struct opp_pci_name *name, char text[OPP_PCI_NAME_BYTES]);

bool opp_pci_same(const struct opp_pci_name *one, const struct opp_pci_name *other);

/*
 * opp_pci_find - where a port's registers are.
 * @root: of the tree that has sys/; "" for this machine.
 * @force: although a driver of the kernel has the card.
 * @folder: receives a descriptor of the card's folder, the caller's to close; -1 on errors.
 * Errors: NO_SUCH_DEVICE (no such card, no port of ours, one at memory addresses, at
 *	those of no port, or switched off), DEVICE_BUSY (a driver has it): @error says what to do.
 */
enum opp_status opp_pci_find(const char *root, const struct opp_pci_name *name, bool force,
			     struct opp_x86io_range *range, int *folder, struct opp_error *error);

/*
 * Has the card of that folder left the system? Another one in its place does not count: the
 * folder is the card's that was there.
 */
bool opp_pci_is_gone(int folder);

#endif
