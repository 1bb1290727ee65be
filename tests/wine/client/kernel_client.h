/* SPDX-License-Identifier: MIT */
/*
 * What every kernel client under Wine begins with: the bus, other drivers' devices, and a
 * file for what it finds out.
 */
#ifndef OPENPARPORT_TESTS_WINE_KERNEL_CLIENT_H
#define OPENPARPORT_TESTS_WINE_KERNEL_CLIENT_H

#include <wdm.h>

#include "bus.h"

/*
 * kernel_bus - finds the functions of the bus. Context of this and the next: a thread of the
 * client's own, for the host opens files in that of DriverEntry.
 */
extern const struct bus_functions *bus;
bool kernel_bus(void);

/* The device object of that name, opened like any file and closed again; NULL: none. */
DEVICE_OBJECT *kernel_device(const WCHAR *name);

/*
 * report_open - results go to a file: a pipe stays open when the host process has died, and
 * what was printed last then says where.
 * report_print - is in the file when it returns.
 * Context of all: PASSIVE_LEVEL, one thread.
 */
bool report_open(const WCHAR *path);
void report_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_close(void);

#endif
