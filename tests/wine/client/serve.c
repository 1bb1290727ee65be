/* SPDX-License-Identifier: MIT */
/*
 * A port for programs: two daisy devices and one at the end of the chain, on a clock that
 * goes as fast as the host's. It stays until the host ends.
 */
#include "rig.h"
#include "served.h"

bool serve_programs(void)
{
	static const char words[] = SERVED_WORDS;
	const struct bus_port_options options = { .needs =
							  NEEDS_DEVICES | NEEDS_CHAIN | NEEDS_ECP };
	struct bus_port *port;

	if (bus->make(&options, &port) != STATUS_SUCCESS)
		return false;
	bus->say(port, 0, words, sizeof(words) - 1);
	bus->run_freely(TRUE);
	return true;
}
