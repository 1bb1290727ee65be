/* SPDX-License-Identifier: MIT */
/*
 * The port addresses of a program whose accesses are trapped: what is behind each.
 *
 *	            cli_ports_take         it is granted
 *	FREE -----> HELD, or ---> ASKED ------------------> HELD
 *	  ^                         |  cli_ports_give        |
 *	  `-------------------------'------------------------'
 *	each of them ---> LOST when the service has ended or the port was taken away
 *
 * The ports are at cli_addresses, in their order. Data, status
 * and control register are those of the port; the rest of a chip, its EPP and ECP
 * registers, and every other address are as where nothing is: they read 0xff.
 */
#ifndef OPENPARPORT_CLI_TRAP_PORTS_H
#define OPENPARPORT_CLI_TRAP_PORTS_H

#include "cli.h"
#include "names.h"

/* Bit n: port n. */
typedef uint8_t cli_port_set;

struct cli_trapped {
	struct cli_port port;
	struct cli_line line;
	struct opp_async wish; /* the library's while ASKED */
	enum { CLI_TRAPPED_FREE, CLI_TRAPPED_ASKED, CLI_TRAPPED_HELD, CLI_TRAPPED_LOST } state;
	uint8_t control; /* bits 4 and 5, last written */
};

struct cli_ports {
	struct cli_trapped trapped[CLI_ADDRESSES];
	size_t count;
	bool told; /* that an address is nobody's */
};

/*
 * cli_ports_open - @ports, zeroed, become the first of @named; further ones have no address.
 * Says what went wrong. Returns 0, or an exit code.
 */
int cli_ports_open(struct cli_ports *ports, const struct cli_named *named, size_t count);

/* Which of them have registers among so many addresses. */
cli_port_set cli_ports_at(const struct cli_ports *ports, uint32_t first, uint32_t count);

/* True: @set is held, as far as it is not lost. False: it was asked for; never waits. */
bool cli_ports_take(struct cli_ports *ports, cli_port_set set);

/* Frees all but @set, or leaves the line. */
void cli_ports_give(struct cli_ports *ports, cli_port_set set);

/*
 * cli_ports_wait - until a port that was asked for may have been granted, a child has
 * changed or it is time to look for signals. SIGCHLD is blocked, and has a handler.
 */
void cli_ports_wait(struct cli_ports *ports);

/* An access; a register's port must have been taken. */
uint8_t cli_ports_in(struct cli_ports *ports, uint16_t address);
void cli_ports_out(struct cli_ports *ports, uint16_t address, uint8_t value);

#endif
