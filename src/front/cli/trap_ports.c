/* SPDX-License-Identifier: MIT */
/*
 * See trap_ports.h.
 */
#include "trap_ports.h"

#include <poll.h>
#include <time.h>

#include <openparport/wire.h>

#define REGISTERS         8u /* of a chip's first range */
#define ECP_AT            0x400u
#define ECP_REGISTERS     3u
#define ADDRESSES         0x10000u
#define NOBODY            0xffu
#define DELAY             0x80u /* written to because it takes a microsecond */
#define CONTROL_INTERRUPT 0x10u
#define CONTROL_REVERSE   0x20u
#define CONTROL_UNUSED    0xc0u /* read as 1 */

#define LOOK_MS 100 /* how late a signal may reach a program that waits for its port */

int cli_ports_open(struct cli_ports *ports, const struct cli_named *named, size_t count)
{
	int code = 0;

	if (count > CLI_ADDRESSES) {
		cli_say("only the first %d ports have addresses: name others with --port",
			CLI_ADDRESSES);
		count = CLI_ADDRESSES;
	}
	for (; !code && ports->count < count; ports->count++) {
		struct cli_trapped *trapped = &ports->trapped[ports->count];

		code = cli_port_open(&trapped->port, named[ports->count].parport);
		trapped->line.port = &trapped->port;
	}
	return code;
}

/* ---- taking and giving --------------------------------------------------------------- */

cli_port_set cli_ports_at(const struct cli_ports *ports, uint32_t first, uint32_t count)
{
	cli_port_set set = 0;

	for (size_t i = 0; i < ports->count; i++)
		if (first < cli_addresses[i] + REGISTERS && cli_addresses[i] < first + count)
			set |= (cli_port_set)(1u << i);
	return set;
}

static void lose(struct cli_trapped *trapped, enum opp_status status)
{
	cli_say("%s is lost to this program, and reads 0xff from now on: %s", trapped->port.device,
		opp_status_text(status));
	trapped->state = CLI_TRAPPED_LOST;
}

static void take(struct cli_trapped *trapped)
{
	enum opp_status status = opp_allocate(trapped->port.handle, 0);

	if (status == OPP_DEVICE_BUSY) {
		trapped->wish = (struct opp_async){ .kind = OPP_ASYNC_ALLOCATE,
						    .timeout_us = OPP_FOREVER_US };
		status = opp_submit(trapped->port.handle, &trapped->wish);
		trapped->state = CLI_TRAPPED_ASKED;
	} else {
		trapped->state = CLI_TRAPPED_HELD;
	}
	if (status != OPP_SUCCESS)
		lose(trapped, status);
}

static void look_for_grant(struct cli_trapped *trapped)
{
	if (!opp_reap(trapped->port.handle))
		return;
	trapped->state = CLI_TRAPPED_HELD;
	if (trapped->wish.status != OPP_SUCCESS)
		lose(trapped, trapped->wish.status);
}

bool cli_ports_take(struct cli_ports *ports, cli_port_set set)
{
	bool all = true;

	for (size_t i = 0; i < ports->count; i++) {
		struct cli_trapped *trapped = &ports->trapped[i];

		if (!(set & 1u << i))
			continue;
		if (trapped->state == CLI_TRAPPED_FREE)
			take(trapped);
		else if (trapped->state == CLI_TRAPPED_ASKED)
			look_for_grant(trapped);
		all &= trapped->state != CLI_TRAPPED_ASKED;
	}
	return all;
}

static void await_end_of_wish(struct cli_trapped *trapped)
{
	struct pollfd ready = { .fd = opp_fd(trapped->port.handle), .events = POLLIN };

	opp_cancel_async(trapped->port.handle, &trapped->wish);
	while (!opp_reap(trapped->port.handle))
		poll(&ready, 1, LOOK_MS);
}

/* Granted in the very last moment, it is given back; else nothing is held, and it may fail. */
static void give(struct cli_trapped *trapped)
{
	if (trapped->state == CLI_TRAPPED_ASKED)
		await_end_of_wish(trapped);
	opp_free(trapped->port.handle);
	trapped->state = CLI_TRAPPED_FREE;
	trapped->control = 0;
}

void cli_ports_give(struct cli_ports *ports, cli_port_set set)
{
	for (size_t i = 0; i < ports->count; i++) {
		struct cli_trapped *trapped = &ports->trapped[i];

		if (!(set & 1u << i) &&
		    (trapped->state == CLI_TRAPPED_ASKED || trapped->state == CLI_TRAPPED_HELD))
			give(trapped);
	}
}

void cli_ports_wait(struct cli_ports *ports)
{
	const struct timespec look = { .tv_nsec = LOOK_MS * 1000000 };
	struct pollfd ready[CLI_ADDRESSES];
	nfds_t count = 0;
	sigset_t none;

	for (size_t i = 0; i < ports->count; i++) {
		struct cli_trapped *trapped = &ports->trapped[i];

		if (trapped->state != CLI_TRAPPED_ASKED)
			continue;
		cli_line_tell(&trapped->line);
		ready[count].fd = opp_fd(trapped->port.handle);
		ready[count++].events = POLLIN;
	}
	sigemptyset(&none);
	ppoll(ready, count, &look, &none);
}

/* ---- accesses ---------------------------------------------------------------------------- */

/* Nobody is surprised by a chip that is not there, nor by one that knows neither EPP nor ECP. */
static bool is_expected(const struct cli_ports *ports, uint16_t address)
{
	if (address == DELAY || cli_ports_at(ports, address, 1))
		return true;
	for (size_t i = 0; i < ports->count; i++)
		if (address - cli_addresses[i] - ECP_AT < ECP_REGISTERS)
			return true;
	return false;
}

static void tell_of_nobody(struct cli_ports *ports, uint16_t address)
{
	if (ports->told || is_expected(ports, address))
		return;
	ports->told = true;
	cli_say("no port of parportd has the address 0x%x, the first is at 0x%x: it reads 0xff, "
		"and so do all others; what is written there is lost",
		address, cli_addresses[0]);
}

static struct cli_trapped *find(struct cli_ports *ports, uint16_t address, unsigned int *offset)
{
	for (size_t i = 0; i < ports->count; i++) {
		*offset = (unsigned int)address - cli_addresses[i];
		if (*offset < REGISTERS && ports->trapped[i].state == CLI_TRAPPED_HELD)
			return &ports->trapped[i];
	}
	tell_of_nobody(ports, address);
	return NULL;
}

static enum opp_status read_control(const struct cli_trapped *trapped, uint8_t *value)
{
	enum opp_status status = opp_read_control(trapped->port.handle, value);

	*value = (uint8_t)((*value & OPP_CONTROL_LINES) | trapped->control | CONTROL_UNUSED);
	return status;
}

uint8_t cli_ports_in(struct cli_ports *ports, uint16_t address)
{
	unsigned int offset;
	struct cli_trapped *trapped = find(ports, address, &offset);
	enum opp_status status = OPP_SUCCESS;
	uint8_t value = NOBODY;

	if (!trapped)
		return NOBODY;
	switch (offset) {
	case 0: status = opp_read_data(trapped->port.handle, &value); break;
	case 1: status = opp_read_status(trapped->port.handle, &value); break;
	case 2: status = read_control(trapped, &value); break;
	default: break;
	}
	if (status == OPP_SUCCESS)
		return value;
	lose(trapped, status);
	return NOBODY;
}

/* A chip that cannot turn its data lines round ignores the bit, as such a chip does. */
static enum opp_status write_control(struct cli_trapped *trapped, uint8_t value)
{
	const bool turns = (value ^ trapped->control) & CONTROL_REVERSE;

	trapped->control = value & (CONTROL_INTERRUPT | CONTROL_REVERSE);
	if (turns && opp_set_direction(trapped->port.handle, value & CONTROL_REVERSE) ==
			     OPP_INVALID_DEVICE_REQUEST)
		trapped->control &= (uint8_t)~CONTROL_REVERSE;
	return opp_write_control(trapped->port.handle, value & OPP_CONTROL_LINES);
}

void cli_ports_out(struct cli_ports *ports, uint16_t address, uint8_t value)
{
	unsigned int offset;
	struct cli_trapped *trapped = find(ports, address, &offset);
	enum opp_status status = OPP_SUCCESS;

	if (!trapped)
		return;
	switch (offset) {
	case 0: status = opp_write_data(trapped->port.handle, value); break;
	case 2: status = write_control(trapped, value); break;
	default: break;
	}
	if (status != OPP_SUCCESS)
		lose(trapped, status);
}
