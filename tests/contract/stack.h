/* SPDX-License-Identifier: MIT */
/* A call as a kernel passes it on, for the runners that have one. */
#ifndef OPENPARPORT_TESTS_CONTRACT_STACK_H
#define OPENPARPORT_TESTS_CONTRACT_STACK_H

#include <wdm.h>

#include "case.h"

/* The parameters of @call, but for IRP_MJ_CREATE, which differ from kernel to kernel. */
void stack_fill(IO_STACK_LOCATION *stack, const struct call *call);

#endif
