/* SPDX-License-Identifier: MIT */
/*
 * What is known of a port. Any of its devices tells all of it; the raw one is asked first,
 * and the others where that is open elsewhere.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "winctl.h"

/* That we have it open ourselves, to ask, is not of interest. */
static void leave_us_out(struct OPENPARPORT_STATUS *status)
{
	struct OPENPARPORT_DEVICE *asked = &status->Devices[status->Place % OPENPARPORT_DEVICES];

	asked->Flags &= ~(uint32_t)OPENPARPORT_DEVICE_OPEN;
	asked->Process = 0;
}

static void ask_facts(struct win_facts *facts, struct win_device *device)
{
	uint8_t is_free = 0;

	facts->is_ours = win_ask(device, IOCTL_OPENPARPORT_QUERY_STATUS, &facts->status,
				 sizeof(facts->status)) == OPP_SUCCESS;
	leave_us_out(&facts->status);
	facts->is_free =
		!facts->is_ours &&
		win_ask(device, IOCTL_PAR_IS_PORT_FREE, &is_free, sizeof(is_free)) == OPP_SUCCESS &&
		is_free;
}

void win_facts_collect(struct win_facts *facts, uint32_t port)
{
	struct win_device device;
	struct win_name name;

	*facts = (struct win_facts){ .port = port, .opened = OPP_PENDING };
	for (uint32_t i = 0; i < OPENPARPORT_DEVICES; i++) {
		enum opp_status status;

		win_name_make(&name, port, OPENPARPORT_RAW - i);
		status = win_open(&device, &name);
		if (status == OPP_SUCCESS) {
			facts->opened = OPP_SUCCESS;
			ask_facts(facts, &device);
			win_close(&device);
			return;
		}
		/* The first refusal is that of the raw device, and says most. */
		if (i == 0) {
			facts->opened = status;
			facts->nt = device.nt;
		}
	}
}

int win_fail_denied(const struct win_name *name)
{
	struct OPENPARPORT_STATUS status = { .State = OPENPARPORT_FREE };
	char who[WIN_TEXT_BYTES];

	for (uint32_t place = 0; place < OPENPARPORT_DEVICES; place++) {
		struct win_device other;
		struct win_name its_name;
		enum opp_status answer;

		win_name_make(&its_name, name->port, place);
		if (place == name->place || win_open(&other, &its_name) != OPP_SUCCESS)
			continue;
		answer = win_ask(&other, IOCTL_OPENPARPORT_QUERY_STATUS, &status, sizeof(status));
		win_close(&other);
		if (answer == OPP_SUCCESS &&
		    status.Devices[name->place].Flags & OPENPARPORT_DEVICE_OPEN)
			return win_fail(
				OPP_ACCESS_DENIED,
				"%s is open in %s, and is for one at a time: close it there",
				name->text,
				win_process_text(status.Devices[name->place].Process, who));
	}
	return win_fail(
		OPP_ACCESS_DENIED,
		"access to %s is denied: another program has it open, which only one may at "
		"a time, or you have no right to use it",
		name->text);
}

/* ---- in words ------------------------------------------------------------------------ */

static const char *state_word(const struct win_facts *facts)
{
	static const char *const words[] = {
		[OPENPARPORT_FREE] = "free",
		[OPENPARPORT_GRANTING] = "granting",
		[OPENPARPORT_HELD] = "held",
		[OPENPARPORT_RELEASING] = "releasing",
	};

	if (!facts->is_ours)
		return facts->is_free ? "free" : "held";
	if (facts->status.State >= sizeof(words) / sizeof(words[0]))
		return "unknown";
	return words[facts->status.State];
}

static const char *holder_text(const struct win_facts *facts, char text[WIN_TEXT_BYTES])
{
	const struct OPENPARPORT_STATUS *status = &facts->status;
	char process[WIN_TEXT_BYTES];
	struct win_name name;

	switch (status->HolderKind) {
	case OPENPARPORT_HOLDER_DEVICE:
		win_name_make(&name, facts->port, status->HolderPlace % OPENPARPORT_DEVICES);
		snprintf(text, WIN_TEXT_BYTES, "%s, %s", name.text,
			 win_process_text(status->HolderProcess, process));
		return text;
	case OPENPARPORT_HOLDER_FILE: return win_process_text(status->HolderProcess, text);
	case OPENPARPORT_HOLDER_DRIVER: return "its own driver, which looks who is there";
	default: return "a driver that does not say who it is";
	}
}

/* Why there is no way to a port whose name there is. */
static void way_text(uint32_t port, char text[WIN_TEXT_BYTES])
{
	wchar_t target[WIN_PATH_CHARS];
	struct win_name name;

	win_name_make(&name, port, OPENPARPORT_RAW);
	switch (win_find_way(&name, target)) {
	case WIN_WAY_SPOOLER: snprintf(text, WIN_TEXT_BYTES, "taken by the print spooler"); break;
	case WIN_WAY_ELSEWHERE:
		snprintf(text, WIN_TEXT_BYTES, "leads to %.*ls", WIN_TEXT_BYTES / 2, target);
		break;
	default: snprintf(text, WIN_TEXT_BYTES, "%s", opp_status_text(OPP_NO_SUCH_DEVICE)); break;
	}
}

const char *win_state_text(const struct win_facts *facts, char text[WIN_TEXT_BYTES])
{
	char holder[WIN_TEXT_BYTES], age[WIN_TEXT_BYTES];

	if (facts->opened == OPP_ACCESS_DENIED) {
		snprintf(text, WIN_TEXT_BYTES, "in use by another program, or forbidden");
	} else if (facts->opened == OPP_NO_SUCH_DEVICE) {
		way_text(facts->port, text);
	} else if (facts->opened != OPP_SUCCESS) {
		snprintf(text, WIN_TEXT_BYTES, "%s", opp_status_text(facts->opened));
	} else if (!facts->is_ours || facts->status.HolderKind == OPENPARPORT_HOLDER_NOBODY) {
		snprintf(text, WIN_TEXT_BYTES, "%s", state_word(facts));
	} else {
		snprintf(text, WIN_TEXT_BYTES, "%s by %.90s for %s", state_word(facts),
			 holder_text(facts, holder),
			 win_duration_text(facts->status.HeldMicroseconds, age));
	}
	return text;
}

static const struct {
	uint32_t bit;
	const char *name;
} capabilities[] = {
	{ PPT_BYTE_PRESENT, "byte" },     { PPT_EPP_PRESENT, "epp" },
	{ PPT_EPP_32_PRESENT, "epp-32" }, { PPT_ECP_PRESENT, "ecp" },
	{ PPT_1284_3_PRESENT, "chain" },
};

#define CAPABILITIES (sizeof(capabilities) / sizeof(capabilities[0]))

const char *win_capabilities_text(const struct win_facts *facts, char text[WIN_TEXT_BYTES])
{
	size_t used = 0;

	snprintf(text, WIN_TEXT_BYTES, "-");
	for (size_t i = 0; facts->is_ours && i < CAPABILITIES; i++) {
		if (facts->status.HardwareCapabilities & capabilities[i].bit)
			used += (size_t)snprintf(text + used, WIN_TEXT_BYTES - used, "%s%s",
						 used ? " " : "", capabilities[i].name);
	}
	return text;
}

/* ---- as JSON ---------------------------------------------------------------------------- */

static void holder_json(const struct win_facts *facts)
{
	static const char *const kinds[] = {
		[OPENPARPORT_HOLDER_FILE] = "file",
		[OPENPARPORT_HOLDER_DEVICE] = "device",
		[OPENPARPORT_HOLDER_UNKNOWN] = "unknown",
		[OPENPARPORT_HOLDER_DRIVER] = "driver",
	};
	const struct OPENPARPORT_STATUS *status = &facts->status;
	char program[WIN_TEXT_BYTES];
	struct win_name name;

	if (status->HolderKind == OPENPARPORT_HOLDER_NOBODY ||
	    status->HolderKind >= sizeof(kinds) / sizeof(kinds[0])) {
		win_json_null("holder");
		return;
	}
	win_program_of(status->HolderProcess, program);
	win_name_make(&name, facts->port, status->HolderPlace % OPENPARPORT_DEVICES);
	win_json_open("holder", '{');
	win_json_text("kind", kinds[status->HolderKind]);
	win_json_text("device", status->HolderKind == OPENPARPORT_HOLDER_DEVICE ? name.text : NULL);
	win_json_number("pid", status->HolderProcess);
	win_json_text("program", program);
	win_json_number("held_us", status->HeldMicroseconds);
	win_json_close('}');
}

static void hardware_json(const struct OPENPARPORT_STATUS *status)
{
	win_json_open("capabilities", '[');
	for (size_t i = 0; i < CAPABILITIES; i++) {
		if (status->HardwareCapabilities & capabilities[i].bit)
			win_json_text(NULL, capabilities[i].name);
	}
	win_json_close(']');
	win_json_number("fifo_depth", status->FifoDepth);
	win_json_number("fifo_width", status->FifoWidth);
	win_json_number("chip_mode", status->ChipMode);
	win_json_number("address", status->OriginalController);
	win_json_number("span", status->SpanOfController);
	win_json_number("ecp_address", status->OriginalEcpController);
	win_json_number("ecp_span", status->SpanOfEcpController);
	win_json_number("chain_devices", status->Ieee1284_3DeviceCount);
}

void win_facts_json(const struct win_facts *facts)
{
	const struct OPENPARPORT_STATUS *status = &facts->status;
	struct win_name name;

	win_name_make(&name, facts->port, OPENPARPORT_RAW);
	win_json_text("port", name.text);
	win_json_text("why", facts->opened == OPP_SUCCESS ? NULL : opp_status_text(facts->opened));
	if (facts->opened != OPP_SUCCESS)
		return;
	win_json_text("driver", facts->is_ours ? "openparport" : "another");
	win_json_text("state", state_word(facts));
	if (!facts->is_ours)
		return;
	holder_json(facts);
	win_json_number("waiters", status->Waiters);
	win_json_number("allocates", status->Allocates);
	win_json_number("frees", status->Frees);
	win_json_number("longest_wait_us", status->LongestWaitMicroseconds);
	win_json_number("longest_hold_us", status->LongestHoldMicroseconds);
	hardware_json(status);
}
