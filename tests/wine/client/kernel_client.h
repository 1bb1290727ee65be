/* SPDX-License-Identifier: MIT */
/*
 * What every kernel client under Wine begins with: a thread of its own, the bus, other
 * drivers' devices, and a file for what it finds out.
 */
#ifndef OPENPARPORT_TESTS_WINE_KERNEL_CLIENT_H
#define OPENPARPORT_TESTS_WINE_KERNEL_CLIENT_H

#include <wdm.h>

#include "bus.h"

/*
 * What the client is for: called once, with its results going to a new file client_results.
 * Context of this and of all below: one thread of the client's own at PASSIVE_LEVEL, for the
 * host opens files in that of DriverEntry.
 */
extern const WCHAR *const client_results;
void client_run(void);

/* kernel_bus - finds the functions of the bus. */
extern const struct bus_functions *bus;
bool kernel_bus(void);

/* The device object of that name, opened like any file and closed again; NULL: none. */
DEVICE_OBJECT *kernel_device(const WCHAR *name);

/*
 * report_print - is in the file when it returns: a pipe stays open when the host process has
 * died, and what was printed last then says where.
 */
void report_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
