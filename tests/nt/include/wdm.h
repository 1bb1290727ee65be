/* SPDX-License-Identifier: MIT */
/*
 * What a driver includes as <wdm.h>, for a driver that runs in a test: the documented names
 * that src/front/nt uses, over the kernel of tests/nt/kernel. Types have the widths of
 * Windows whatever the compiler's own are (LONG 32 bits; WCHAR 16, by -fshort-wchar);
 * layouts are those of the documents where a driver can see them and simpler elsewhere.
 *
 * Source: the public reference of the driver interface, page by page.
 */
#ifndef TESTS_NT_WDM_H
#define TESTS_NT_WDM_H

#include "wdm_types.h"
#include "wdm_objects.h"
#include "wdm_io.h"
#include "wdm_calls.h"

#endif
