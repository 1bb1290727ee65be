/* SPDX-License-Identifier: MIT */
/*
 * What a case about a port's devices is written against, beside case.h. Statuses stand
 * in these cases as their documented numbers (contract 5.6), and so do protocols (5.2).
 */
#ifndef OPENPARPORT_TESTS_DEVICE_CASE_H
#define OPENPARPORT_TESTS_DEVICE_CASE_H

#include "case.h"

#define NT(value) ((int32_t)UINT32_C(value))

#define SUCCESS                NT(0x00000000)
#define TIMEOUT                NT(0x00000102)
#define PENDING                NT(0x00000103)
#define PAPER_EMPTY            NT(0x8000000e)
#define POWERED_OFF            NT(0x8000000f)
#define OFF_LINE               NT(0x80000010)
#define DEVICE_BUSY            NT(0x80000011)
#define UNSUCCESSFUL           NT(0xc0000001)
#define INVALID_PARAMETER      NT(0xc000000d)
#define INVALID_DEVICE_REQUEST NT(0xc0000010)
#define ACCESS_DENIED          NT(0xc0000022)
#define BUFFER_TOO_SMALL       NT(0xc0000023)
#define DELETE_PENDING         NT(0xc0000056)
#define NOT_CONNECTED          NT(0xc000009d)
#define NOT_A_DIRECTORY        NT(0xc0000103)
#define CANCELLED              NT(0xc0000120)
#define INVALID_DEVICE_STATE   NT(0xc0000184)
#define IO_DEVICE_ERROR        NT(0xc0000185)
#define PROTOCOL_ERROR         NT(0xc0000186)
#define DEVICE_REMOVED         NT(0xc00002b6)

#define CENTRONICS    0x0001
#define COMPATIBILITY 0x0002
#define NIBBLE        0x0004
#define BYTE_MODE     0x0010
#define EPP_HW        0x0020
#define EPP_SW        0x0040
#define ECP_HW        0x0100
#define ECP_SW        0x0400
#define ANY_PROTOCOL  0xffff

/* How long a device waits for its port (S-70). */
#define LOCK_MS 5000

/* Chains of devices on an ECP chip that has EPP, too; on the poorest one. */
#define ON_RICH_CHIP (NEEDS_DEVICES | NEEDS_CHAIN | NEEDS_ECP | NEEDS_EPP)
#define ON_POOR_CHIP (NEEDS_DEVICES | NEEDS_CHAIN)

/* Opens @place for @file, which must succeed. */
void open_device(struct rig *rig, uint8_t place, int file);
void close_device(struct rig *rig, uint8_t place, int file);

/* Sends @call to @place; the rest of it is set by the caller. */
void send_to(struct rig *rig, struct call *call, uint8_t place);

/* The same, and waits for its end; returns its status. */
int32_t finish_at(struct rig *rig, struct call *call, uint8_t place);
int32_t control(struct rig *rig, struct call *call, uint8_t place, uint32_t code);

/* Requests without a buffer; Information must be 0. */
int32_t ask_device_major(struct rig *rig, uint8_t place, int file, uint8_t major);
int32_t ask_internal(struct rig *rig, uint8_t place, uint32_t code);

/* Sends an internal control request without a buffer; it must be answered PENDING. */
void queue_internal(struct rig *rig, struct call *call, uint8_t place, uint32_t code);

/* A WRITE or READ that is answered PENDING. */
void queue_write(struct rig *rig, struct call *call, uint8_t place, const void *bytes,
		 uint32_t count);
void queue_read(struct rig *rig, struct call *call, uint8_t place, void *bytes, uint32_t count);

/* To their end. */
int32_t write_to(struct rig *rig, uint8_t place, const void *bytes, uint32_t count);
int32_t read_from(struct rig *rig, uint8_t place, void *bytes, uint32_t count, uint32_t *moved);

/* What the device has heard since the last time is exactly this. */
void check_heard(struct rig *rig, uint8_t place, const void *bytes, uint32_t count);

int32_t negotiate(struct rig *rig, uint8_t place, uint16_t read, uint16_t write);
void check_mode(struct rig *rig, uint8_t place, uint16_t read, uint16_t write);

struct PARCLASS_INFORMATION connect_to(struct rig *rig, uint8_t place);

/* IS_PORT_FREE, answered at once. */
bool is_port_free(struct rig *rig, uint8_t place);

#define LOCK               IOCTL_INTERNAL_LOCK_PORT
#define UNLOCK             IOCTL_INTERNAL_UNLOCK_PORT
#define LOCK_NO_SELECT     IOCTL_INTERNAL_LOCK_PORT_NO_SELECT
#define UNLOCK_NO_DESELECT IOCTL_INTERNAL_UNLOCK_PORT_NO_DESELECT

/* What a device tells of its port. */
struct OPENPARPORT_STATUS query_status(struct rig *rig, uint8_t place);

#endif
