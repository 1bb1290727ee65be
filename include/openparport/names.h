/* SPDX-License-Identifier: MIT */
/*
 * What ports and devices are called: numbers, object names, links, interfaces,
 * hardware ids.
 *
 *	                object name               link, location, instance
 *	port            \Device\ParallelPort<m>   none
 *	raw device      \Device\Parallel<m>       LPT<m+1>
 *	of the chain    \Device\Parallel<m>.<x>   LPT<m+1>.<x>
 *	at its end      \Device\Parallel<m>.4     LPT<m+1>.4
 *
 * Pure functions; names are of 8-bit characters. Which devices there are is not
 * known here. Context of all: any. @number and @place of a name come from here and
 * from <openparport/device.h>.
 *
 * Source: [Names], [Create/Start], [DevCon Examples] of docs/sources.md;
 * statements C-001..C-008, C-167, C-168.
 */
#ifndef OPENPARPORT_NAMES_H
#define OPENPARPORT_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openparport/device_id.h>

/* Enough for each name of this header but hardware ids, with its NUL. */
#define OPP_NAME_BYTES 32

/* The highest n of a "LPTn". */
#define OPP_PORT_NAME_MOST 255u

/*
 * opp_port_number - the number that a port's name stands for: 0 for "LPT1".
 * @port_name: UTF-16, NUL-terminated, or NULL.
 * Returns: false when that is not "LPT" (of any case) and a decimal number 1 .. 255
 *	without leading zeros, and nothing more: there is no port then (S-80).
 */
bool opp_port_number(const uint16_t *port_name, uint32_t *number);

/*
 * opp_port_object_name, opp_device_object_name, opp_device_location - the names above.
 * Return: the length without the NUL.
 */
size_t opp_port_object_name(uint32_t number, char name[OPP_NAME_BYTES]);
size_t opp_device_object_name(uint32_t number, uint8_t place, char name[OPP_NAME_BYTES]);
size_t opp_device_location(uint32_t number, uint8_t place, char name[OPP_NAME_BYTES]);

/* A GUID as Windows lays it out. */
struct opp_guid {
	uint32_t data1;
	uint16_t data2;
	uint16_t data3;
	uint8_t data4[8];
};

/* The device interface of every port. */
extern const struct opp_guid opp_port_interface;

/* opp_device_interface - that of the raw device; NULL: the others have none (S-60). */
const struct opp_guid *opp_device_interface(uint8_t place);

/*
 * opp_device_hardware_id - the first hardware id, LPTENUM\<id>; the second one is what
 * stands behind the backslash.
 * @id: what the device says of itself; the raw one is not asked.
 * Returns: the length without the NUL; 0 (and an empty name): it has none.
 */
size_t opp_device_hardware_id(uint8_t place, const char *id, char name[OPP_PNP_ID_BYTES]);

#endif
