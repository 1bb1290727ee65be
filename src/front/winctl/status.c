/* SPDX-License-Identifier: MIT */
/*
 * parportctl status: who holds a port, how it was used, what it is made of, who has its
 * devices open; of a device that is named, what its lines say.
 */
#include <inttypes.h>
#include <stdio.h>

#include "winctl.h"

static void print_counters(const struct OPENPARPORT_STATUS *status)
{
	char wait[WIN_TEXT_BYTES], hold[WIN_TEXT_BYTES];

	printf("  granted %" PRIu32 ", released %" PRIu32 ", longest wait %s, longest hold %s\n",
	       status->Allocates, status->Frees,
	       win_duration_text(status->LongestWaitMicroseconds, wait),
	       win_duration_text(status->LongestHoldMicroseconds, hold));
}

static void print_range(const char *what, uint64_t base, uint32_t span)
{
	if (base && span)
		printf(", %s 0x%" PRIx64 " to 0x%" PRIx64, what, base, base + span - 1);
}

static void print_hardware(const struct win_facts *facts)
{
	const struct OPENPARPORT_STATUS *status = &facts->status;
	char capabilities[WIN_TEXT_BYTES];

	printf("  capabilities: %s", win_capabilities_text(facts, capabilities));
	if (status->FifoDepth)
		printf(", a FIFO of %" PRIu32 " words of %" PRIu32 " bits", status->FifoDepth,
		       status->FifoWidth);
	print_range("registers", status->OriginalController, status->SpanOfController);
	print_range("ECP", status->OriginalEcpController, status->SpanOfEcpController);
	if (status->ChipMode)
		printf(", chip mode 0x%02" PRIx32, status->ChipMode);
	puts("");
}

static void print_devices(const struct win_facts *facts)
{
	char who[WIN_TEXT_BYTES];

	for (uint32_t place = 0; place < OPENPARPORT_DEVICES; place++) {
		const struct OPENPARPORT_DEVICE *device = &facts->status.Devices[place];
		struct win_name name;

		if (!(device->Flags & OPENPARPORT_DEVICE_OPEN))
			continue;
		win_name_make(&name, facts->port, place);
		printf("  %s is open in %s%s\n", name.text, win_process_text(device->Process, who),
		       device->Flags & OPENPARPORT_DEVICE_LOCKED ? ", which has locked the port"
								 : "");
	}
}

static void print_facts(const struct win_facts *facts)
{
	char state[WIN_TEXT_BYTES];
	struct win_name name;

	win_name_make(&name, facts->port, OPENPARPORT_RAW);
	printf("%s: %s", name.text, win_state_text(facts, state));
	if (!facts->is_ours) {
		puts(facts->opened == OPP_SUCCESS ? "; its driver does not tell more" : "");
		return;
	}
	printf(", %" PRIu32 " waiting\n", facts->status.Waiters);
	print_counters(&facts->status);
	print_hardware(facts);
	print_devices(facts);
}

/* ---- lines -------------------------------------------------------------------------- */

static const struct {
	uint8_t bit;
	const char *name;
} lines[] = {
	{ PARALLEL_SELECTED, "selected" },        { PARALLEL_BUSY, "busy" },
	{ PARALLEL_PAPER_EMPTY, "out of paper" }, { PARALLEL_OFF_LINE, "off-line" },
	{ PARALLEL_POWER_OFF, "no power" },       { PARALLEL_NOT_CONNECTED, "not connected" },
};

#define LINES (sizeof(lines) / sizeof(lines[0]))

static void tell_lines(const struct win_words *words, const struct win_name *name, uint8_t bits)
{
	const char *separator = ": ";

	if (words->json)
		win_json_open("lines", '[');
	else
		printf("  %s", name->text);
	for (size_t i = 0; i < LINES; i++) {
		if (!(bits & lines[i].bit))
			continue;
		if (words->json)
			win_json_text(NULL, lines[i].name);
		else
			printf("%s%s", separator, lines[i].name);
		separator = ", ";
	}
	if (words->json)
		win_json_close(']');
	else
		puts("");
}

/* Who asks stands in line for the port: not when somebody has it. */
static void ask_lines(const struct win_words *words, const struct win_facts *facts,
		      const struct win_name *name)
{
	struct PAR_QUERY_INFORMATION answer;
	struct win_device device;

	if (!facts->is_ours || facts->status.State != OPENPARPORT_FREE ||
	    win_open(&device, name) != OPP_SUCCESS)
		return;
	if (win_ask(&device, IOCTL_PAR_QUERY_INFORMATION, &answer, sizeof(answer)) == OPP_SUCCESS)
		tell_lines(words, name, answer.Status);
	win_close(&device);
}

/* @name: also of that one's lines; NULL: of the port alone. */
static void tell(const struct win_words *words, const struct win_facts *facts,
		 const struct win_name *name)
{
	if (words->json) {
		win_json_open(NULL, '{');
		win_facts_json(facts);
	} else {
		print_facts(facts);
	}
	if (name)
		ask_lines(words, facts, name);
	if (words->json)
		win_json_close('}');
}

/* Of every port. */
static int tell_all(const struct win_words *words)
{
	static struct win_found found;
	struct win_facts facts = { .port = 0 };
	const int code = win_find(&found);

	for (uint32_t i = 0; i < found.count; i++) {
		if (found.names[i].port == facts.port)
			continue;
		win_facts_collect(&facts, found.names[i].port);
		tell(words, &facts, NULL);
	}
	return code;
}

static int tell_one(const struct win_words *words, const char *text)
{
	struct win_facts facts;
	struct win_name name;

	if (!win_name_parse(&name, text))
		return win_fail_name(text);
	win_facts_collect(&facts, name.port);
	if (facts.opened != OPP_SUCCESS)
		return win_fail_open(&name, facts.opened, facts.nt);
	tell(words, &facts, &name);
	return 0;
}

int win_status(const struct win_words *words)
{
	int code;

	if (words->json)
		win_json_open(NULL, '[');
	code = words->count ? tell_one(words, words->text[0]) : tell_all(words);
	if (words->json)
		win_json_close(']');
	return code;
}
