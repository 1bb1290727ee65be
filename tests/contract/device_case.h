/* SPDX-License-Identifier: MIT */
/*
 * What a case about a port's devices is written against, beside case.h. Statuses stand
 * in these cases as their documented numbers.
 */
#ifndef OPENPARPORT_TESTS_DEVICE_CASE_H
#define OPENPARPORT_TESTS_DEVICE_CASE_H

#include "case.h"

/* NTSTATUS values of the documents (contract 5.6). */
#define NT(value) ((int32_t)UINT32_C(value))

/* Opens @place for @file, which must succeed. */
void open_device(struct rig *rig, uint8_t place, int file);
void close_device(struct rig *rig, uint8_t place, int file);

/* Sends @call to @place; its other fields are set by the caller. */
void send_to(struct rig *rig, struct call *call, uint8_t place);

/* The same, and waits for its end; returns its status. */
int32_t finish_at(struct rig *rig, struct call *call, uint8_t place);

/* Requests without a buffer, by the end of which Information must be 0. */
int32_t ask_device_major(struct rig *rig, uint8_t place, int file, uint8_t major);
int32_t ask_internal(struct rig *rig, uint8_t place, uint32_t code);

#endif
