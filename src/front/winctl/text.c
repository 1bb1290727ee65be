/* SPDX-License-Identifier: MIT */
/*
 * Messages, and things as people read and write them.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>
#include <tlhelp32.h>

#include <openparport/device.h>
#include <openparport/duration.h>

#include "winctl.h"

#define LINE_BYTES 640

static const char *current_verb;

void win_set_verb(const char *verb)
{
	current_verb = verb;
}

static void say(const char *format, va_list arguments)
{
	char text[LINE_BYTES];

	vsnprintf(text, sizeof(text), format, arguments);
	text[sizeof(text) - 1] = '\0';
	fprintf(stderr, "parportctl%s%s: %s\n", current_verb ? " " : "",
		current_verb ? current_verb : "", text);
	(void)fflush(stderr); /* which is not always done by itself */
}

void win_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
}

int win_fail(enum opp_status status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	return opp_status_exit_code(status);
}

const char *win_remedy(enum opp_status status)
{
	switch (status) {
	case OPP_DEVICE_PAPER_EMPTY: return "load paper";
	case OPP_DEVICE_OFF_LINE: return "switch the printer on-line";
	case OPP_DEVICE_POWERED_OFF: return "switch the printer on";
	case OPP_DEVICE_NOT_CONNECTED: return "plug the printer in";
	case OPP_DEVICE_BUSY: return "wait for who holds the port: 'parportctl status' says who";
	case OPP_DEVICE_REMOVED:
	case OPP_DELETE_PENDING: return "look for the port in Device Manager";
	case OPP_ACCESS_DENIED: return "ask an administrator for the right to use the port";
	case OPP_INVALID_DEVICE_REQUEST:
	case OPP_INVALID_PARAMETER: return "the driver of the port cannot do that";
	default: return "look at the device and its cable";
	}
}

const char *win_duration_text(uint64_t us, char text[WIN_TEXT_BYTES])
{
	const uint64_t tenths = us / 100000;

	opp_duration_text(tenths < UINT32_MAX ? (uint32_t)tenths : UINT32_MAX, text);
	return text;
}

/* ---- processes ----------------------------------------------------------------- */

void win_program_of(uint32_t process, char name[WIN_TEXT_BYTES])
{
	PROCESSENTRY32W entry = { .dwSize = sizeof(entry) };
	HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
	BOOL more;

	name[0] = '\0';
	if (all == INVALID_HANDLE_VALUE)
		return;
	for (more = Process32FirstW(all, &entry); more; more = Process32NextW(all, &entry)) {
		if (entry.th32ProcessID == process)
			(void)WideCharToMultiByte(GetConsoleOutputCP(), 0, entry.szExeFile, -1,
						  name, WIN_TEXT_BYTES, NULL, NULL);
	}
	(void)CloseHandle(all);
}

const char *win_process_text(uint32_t process, char text[WIN_TEXT_BYTES])
{
	char program[WIN_TEXT_BYTES];

	if (!process) {
		snprintf(text, WIN_TEXT_BYTES, "a program (pid unknown)");
		return text;
	}
	win_program_of(process, program);
	snprintf(text, WIN_TEXT_BYTES, "%s (pid %" PRIu32 ")", program[0] ? program : "a program",
		 process);
	return text;
}

/* ---- names ----------------------------------------------------------------------- */

void win_name_make(struct win_name *name, uint32_t port, uint32_t place)
{
	const uint8_t at = place == OPENPARPORT_RAW ? OPP_PLACE_RAW : (uint8_t)place;

	name->port = port;
	name->place = place;
	(void)opp_device_location(port - 1, at, name->text);
}

/* ".4", or what stands for the raw device: nothing. A ':' may follow. */
static bool parse_place(const char *text, uint32_t *place)
{
	*place = OPENPARPORT_RAW;
	if (text[0] == '.' && text[1] >= '0' && text[1] <= '4') {
		*place = (uint32_t)(text[1] - '0');
		text += 2;
	}
	return text[0] == '\0' || strcmp(text, ":") == 0;
}

bool win_name_parse(struct win_name *name, const char *text)
{
	const size_t length = strcspn(text, ".:");
	uint16_t port[OPP_NAME_BYTES] = { 0 };
	uint32_t number, place;

	if (length >= OPP_NAME_BYTES || !parse_place(text + length, &place))
		return false;
	for (size_t i = 0; i < length; i++)
		port[i] = (unsigned char)text[i];
	if (!opp_port_number(port, &number))
		return false;
	win_name_make(name, number + 1, place);
	return true;
}
