/* SPDX-License-Identifier: MIT */
/* Asking ports and devices, for which the user has given his consent; see doctor.h. */
#include <stdio.h>

#include "cli.h"
#include "doctor.h"

/* Whoever has the port for longer keeps it. */
#define ALLOCATE_US 500000

static void ask_id(struct opp_handle *handle, char id[DOCTOR_TEXT])
{
	char text[OPP_IOC_DEVICE_ID_BYTES];

	if (opp_device_id(handle, text, sizeof(text)) == OPP_SUCCESS)
		doctor_set_text(id, DOCTOR_TEXT, text);
}

static void ask_devices(struct opp_handle *handle, struct doctor_found *found)
{
	uint32_t devices = 0;

	(void)opp_chain(handle, &devices);
	for (uint32_t place = 0; place < devices && place < DOCTOR_END; place++) {
		if (opp_select(handle, (uint8_t)place, OPP_MODE_NIBBLE) == OPP_SUCCESS)
			ask_id(handle, found->ids[place]);
	}
	/* Where there are no adapters the device at the end is connected anyhow. */
	(void)opp_select(handle, OPP_IOC_END_OF_CHAIN, OPP_MODE_NIBBLE);
	ask_id(handle, found->ids[DOCTOR_END]);
}

static void ask(struct opp_handle *handle, struct doctor_found *found)
{
	struct opp_ioc_info info;
	const enum opp_status status = opp_allocate(handle, ALLOCATE_US);

	if (status != OPP_SUCCESS) {
		(void)snprintf(found->said, sizeof(found->said), "%s", opp_status_text(status));
		return;
	}
	for (size_t i = 0; i < DOCTOR_PLACES; i++)
		found->ids[i][0] = '\0';
	ask_devices(handle, found);
	if (opp_get_info(handle, &info) == OPP_SUCCESS) {
		(void)snprintf(found->said, sizeof(found->said), "%s chip", info.chip);
		found->capabilities = info.capabilities;
	}
	(void)opp_free(handle);
}

void doctor_probe(const char *name, struct doctor_found *found)
{
	struct opp_handle *handle;
	struct opp_error error;

	if (opp_open(name, &handle, &error) != OPP_SUCCESS) {
		doctor_set_text(found->said, sizeof(found->said), error.text);
		return;
	}
	ask(handle, found);
	opp_close(handle);
}

void doctor_probe_idle(struct doctor_facts *facts)
{
	char name[DOCTOR_NAME];

	for (size_t i = 0; i < facts->card_count; i++) {
		doctor_back_end(&facts->cards[i], name);
		if (doctor_is_idle(facts, &facts->cards[i]))
			doctor_probe(name, &facts->cards[i].found);
	}
	for (size_t i = 0; i < facts->port_count; i++) {
		doctor_port_back_end(&facts->ports[i], name);
		if (doctor_is_port_idle(facts, &facts->ports[i]))
			doctor_probe(name, &facts->ports[i].found);
	}
}
