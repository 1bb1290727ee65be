/* SPDX-License-Identifier: MIT */
/*
 * What a program sees of parport.sys: testuser.exe RESULTS, once testclient.sys serves it
 * (../client/serve.c says what hangs on the port). Results go to a file, as TAP.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <windows.h>

#include <openparport/codes.h>

#include "../client/served.h"

#define PORT  "\\\\.\\GLOBALROOT\\Device\\ParallelPort0"
#define RAW   "\\\\.\\LPT1"
#define CHAIN "\\\\.\\LPT1.0"
#define END   "\\\\.\\LPT1.4"

#define NIBBLE     0x0004
#define CENTRONICS 0x0001
#define ECP_HW     0x0100

#define PATIENCE_MS 10000

static FILE *results;

static bool check(int line, const char *what, unsigned long long got, unsigned long long wanted)
{
	if (got != wanted)
		fprintf(results, "# line %d: %s: got %llu (%#llx), wanted %llu (%#llx)\n", line,
			what, got, got, wanted, wanted);
	return got == wanted;
}

#define CHECK_EQUAL(got, wanted)                                                                   \
	do {                                                                                       \
		if (!check(__LINE__, #got, (unsigned long long)(got),                              \
			   (unsigned long long)(wanted)))                                          \
			return false;                                                              \
	} while (0)

#define CHECK(condition) CHECK_EQUAL(!!(condition), 1)

/* ---- short forms ---------------------------------------------------------------------- */

/* What a case has open, closed after it. */
static HANDLE handles[8];
static uint32_t opened;

static HANDLE open_with(const char *name, DWORD flags)
{
	HANDLE handle = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
				    flags, NULL);

	if (handle != INVALID_HANDLE_VALUE)
		handles[opened++] = handle;
	return handle;
}

static HANDLE open_named(const char *name)
{
	return open_with(name, FILE_ATTRIBUTE_NORMAL);
}

/* Closes the one opened last. */
static void close_last(void)
{
	CloseHandle(handles[--opened]);
}

static void close_all(void)
{
	while (opened)
		close_last();
}

/* How a control request ends: an error code; @answered: bytes. */
static DWORD control(HANDLE handle, DWORD code, void *buffer, DWORD input, DWORD output,
		     DWORD *answered)
{
	*answered = 0xdddddddd;
	if (DeviceIoControl(handle, code, buffer, input, buffer, output, answered, NULL))
		return ERROR_SUCCESS;
	return GetLastError();
}

/* ---- names -------------------------------------------------------------------------------- */

static bool raw_link(void)
{
	char target[MAX_PATH] = "";

	CHECK(QueryDosDeviceA("LPT1", target, sizeof(target)));
	CHECK(strcmp(target, "\\Device\\Parallel0") == 0);
	CHECK(open_named(RAW) != INVALID_HANDLE_VALUE);
	return true;
}

/* Nothing that a program can name leads to the port itself, but its object. */
static bool port_has_no_link(void)
{
	static char names[65536];
	char target[1024];

	CHECK(QueryDosDeviceA(NULL, names, sizeof(names)));
	for (const char *name = names; *name; name += strlen(name) + 1) {
		if (QueryDosDeviceA(name, target, sizeof(target)))
			CHECK(strcmp(target, "\\Device\\ParallelPort0") != 0);
	}
	return true;
}

/* ---- open ------------------------------------------------------------------------------------- */

/* Whether a second open is refused is not for Wine to show: a handle is there before the driver
 * was asked. */
static bool side_by_side(void)
{
	CHECK(open_named(RAW) != INVALID_HANDLE_VALUE);
	CHECK(open_named(CHAIN) != INVALID_HANDLE_VALUE);
	CHECK(open_named(END) != INVALID_HANDLE_VALUE);
	return true;
}

static bool opens_again(void)
{
	for (int i = 0; i < 3; i++) {
		CHECK(open_named(RAW) != INVALID_HANDLE_VALUE);
		close_last();
	}
	return true;
}

static bool port_is_shared(void)
{
	CHECK(open_named(PORT) != INVALID_HANDLE_VALUE);
	CHECK(open_named(PORT) != INVALID_HANDLE_VALUE);
	return true;
}

/* ---- reading and writing -------------------------------------------------------------------------- */

static bool writes(void)
{
	HANDLE handle = open_named(RAW);
	DWORD moved = 0;

	CHECK(WriteFile(handle, "hello", 5, &moved, NULL));
	CHECK_EQUAL(moved, 5);
	CHECK(WriteFile(handle, "", 0, &moved, NULL));
	CHECK_EQUAL(moved, 0);
	return true;
}

static bool reads(void)
{
	HANDLE handle = open_named(CHAIN);
	char bytes[sizeof(SERVED_WORDS)] = "";
	DWORD moved = 0;

	CHECK(ReadFile(handle, bytes, sizeof(SERVED_WORDS) - 1, &moved, NULL));
	CHECK_EQUAL(moved, sizeof(SERVED_WORDS) - 1);
	CHECK(strcmp(bytes, SERVED_WORDS) == 0);
	return true;
}

static DWORD move_at(HANDLE handle, bool write, DWORD offset)
{
	OVERLAPPED at = { .Offset = offset };
	char byte = 'x';
	DWORD moved;

	if (write ? WriteFile(handle, &byte, 1, &moved, &at)
		  : ReadFile(handle, &byte, 1, &moved, &at))
		return ERROR_SUCCESS;
	return GetLastError();
}

static bool offset_is_refused(void)
{
	HANDLE handle = open_named(RAW);

	CHECK_EQUAL(move_at(handle, true, 1), ERROR_INVALID_PARAMETER);
	CHECK_EQUAL(move_at(handle, false, 1), ERROR_INVALID_PARAMETER);
	CHECK_EQUAL(move_at(handle, true, 0), ERROR_SUCCESS);
	return true;
}

/* A read that nothing answers, under way. */
static bool begin_read(HANDLE handle, OVERLAPPED *read, char *bytes)
{
	DWORD moved;

	read->hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
	CHECK(!ReadFile(handle, bytes, 4, &moved, read));
	CHECK_EQUAL(GetLastError(), ERROR_IO_PENDING);
	Sleep(50);
	CHECK(!GetOverlappedResult(handle, read, &moved, FALSE));
	CHECK_EQUAL(GetLastError(), ERROR_IO_INCOMPLETE);
	return true;
}

static bool read_is_cancelled(void)
{
	HANDLE handle = open_with(END, FILE_FLAG_OVERLAPPED);
	OVERLAPPED read = { 0 };
	char bytes[4];
	DWORD moved;

	CHECK(begin_read(handle, &read, bytes));
	CHECK(CancelIo(handle));
	CHECK_EQUAL(WaitForSingleObject(read.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
	CHECK(!GetOverlappedResult(handle, &read, &moved, FALSE));
	CHECK_EQUAL(GetLastError(), ERROR_OPERATION_ABORTED);
	CHECK_EQUAL(moved, 0);
	return true;
}

static bool close_ends_read(void)
{
	HANDLE handle = open_with(END, FILE_FLAG_OVERLAPPED);
	OVERLAPPED read = { 0 };
	char bytes[4];

	CHECK(begin_read(handle, &read, bytes));
	close_last();
	CHECK_EQUAL(WaitForSingleObject(read.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
	CHECK(open_named(END) != INVALID_HANDLE_VALUE);
	return true;
}

/* ---- control requests ---------------------------------------------------------------------------------- */

static bool device_id(void)
{
	HANDLE handle = open_named(CHAIN);
	char id[200] = "";
	DWORD size = 0;
	DWORD answered;

	CHECK_EQUAL(control(handle, IOCTL_PAR_QUERY_DEVICE_ID_SIZE, &size, 0, 4, &answered),
		    ERROR_SUCCESS);
	CHECK_EQUAL(answered, 4);
	CHECK_EQUAL(size, sizeof(SERVED_ID));
	CHECK_EQUAL(control(handle, IOCTL_PAR_QUERY_DEVICE_ID, id, 0, size, &answered),
		    ERROR_SUCCESS);
	CHECK_EQUAL(answered, size);
	CHECK(strcmp(id, SERVED_ID) == 0);
	return true;
}

static bool id_too_short(void)
{
	HANDLE handle = open_named(CHAIN);
	char id[200];
	DWORD answered;

	memset(id, 'u', sizeof(id));
	CHECK_EQUAL(
		control(handle, IOCTL_PAR_QUERY_DEVICE_ID, id, 0, sizeof(SERVED_ID) - 1, &answered),
		ERROR_INSUFFICIENT_BUFFER);
	for (size_t i = 0; i < sizeof(id); i++)
		CHECK_EQUAL(id[i], 'u');
	return true;
}

static bool modes(void)
{
	struct PARCLASS_NEGOTIATION_MASK mask = { 0 };
	HANDLE handle = open_named(CHAIN);
	DWORD answered;

	CHECK_EQUAL(control(handle, IOCTL_IEEE1284_GET_MODE, &mask, 0, 4, &answered),
		    ERROR_SUCCESS);
	CHECK_EQUAL(answered, 4);
	CHECK_EQUAL(mask.usReadMask, NIBBLE);
	CHECK_EQUAL(mask.usWriteMask, CENTRONICS);
	mask.usReadMask = ECP_HW | NIBBLE;
	mask.usWriteMask = ECP_HW | CENTRONICS;
	CHECK_EQUAL(control(handle, IOCTL_IEEE1284_NEGOTIATE, &mask, 4, 4, &answered),
		    ERROR_SUCCESS);
	CHECK_EQUAL(answered, 4);
	CHECK_EQUAL(mask.usReadMask, ECP_HW);
	CHECK_EQUAL(mask.usWriteMask, ECP_HW);
	CHECK_EQUAL(control(handle, IOCTL_PAR_GET_DEFAULT_MODES, &mask, 0, 4, &answered),
		    ERROR_SUCCESS);
	CHECK_EQUAL(mask.usReadMask, NIBBLE);
	CHECK_EQUAL(mask.usWriteMask, CENTRONICS);
	return true;
}

static bool capabilities(void)
{
	HANDLE handle = open_named(CHAIN);
	uint16_t mask = 0;
	DWORD answered;

	CHECK_EQUAL(control(handle, IOCTL_PAR_GET_DEVICE_CAPS, &mask, 2, 2, &answered),
		    ERROR_SUCCESS);
	CHECK_EQUAL(answered, 2);
	CHECK_EQUAL(mask & (NIBBLE | CENTRONICS | ECP_HW), NIBBLE | CENTRONICS | ECP_HW);
	return true;
}

static bool is_at(const char *link, const char *location)
{
	HANDLE handle = open_named(link);
	char name[16] = "";
	DWORD answered;

	CHECK_EQUAL(control(handle, IOCTL_PAR_QUERY_LOCATION, name, 0, sizeof(name), &answered),
		    ERROR_SUCCESS);
	CHECK_EQUAL(answered, strlen(location) + 1);
	CHECK(strcmp(name, location) == 0);
	return true;
}

static bool locations(void)
{
	return is_at(RAW, "LPT1") && is_at(CHAIN, "LPT1.0") && is_at(END, "LPT1.4");
}

static bool port_is_free(HANDLE handle)
{
	uint8_t is_free = 0xee;
	DWORD answered;

	CHECK_EQUAL(control(handle, IOCTL_PAR_IS_PORT_FREE, &is_free, 0, 1, &answered),
		    ERROR_SUCCESS);
	return is_free == 1;
}

/* ---- what is not for programs ----------------------------------------------------------------------------- */

/* Internal codes sent by a program are control codes that no device knows. */
static bool internal_codes(void)
{
	static const DWORD codes[] = { IOCTL_INTERNAL_LOCK_PORT, IOCTL_INTERNAL_UNLOCK_PORT,
				       IOCTL_INTERNAL_PARCLASS_CONNECT,
				       IOCTL_INTERNAL_DISCONNECT_IDLE };
	HANDLE handle = open_named(RAW);
	char buffer[128] = { 0 };
	DWORD answered;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		CHECK_EQUAL(control(handle, codes[i], buffer, sizeof(buffer), sizeof(buffer),
				    &answered),
			    ERROR_INVALID_PARAMETER);
	CHECK(port_is_free(handle));
	return true;
}

static bool collisions(void)
{
	HANDLE handle = open_named(RAW);
	DWORD answered;

	CHECK_EQUAL(control(handle, IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE, NULL, 0, 0, &answered),
		    ERROR_INVALID_PARAMETER);
	CHECK(port_is_free(handle));
	return true;
}

static bool port_refuses_programs(void)
{
	HANDLE handle = open_named(PORT);
	char buffer[128] = { 0 };
	DWORD answered;
	DWORD moved;

	CHECK(handle != INVALID_HANDLE_VALUE);
	for (DWORD function = 0; function < 64; function++)
		CHECK_EQUAL(control(handle, OPP_PARALLEL_CODE(function), buffer, sizeof(buffer),
				    sizeof(buffer), &answered),
			    ERROR_INVALID_PARAMETER);
	CHECK(!WriteFile(handle, "x", 1, &moved, NULL));
	CHECK_EQUAL(GetLastError(), ERROR_INVALID_FUNCTION);
	CHECK(!ReadFile(handle, buffer, 1, &moved, NULL));
	CHECK_EQUAL(GetLastError(), ERROR_INVALID_FUNCTION);
	CHECK(port_is_free(open_named(RAW)));
	return true;
}

/* ---- the run ---------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	bool (*run)(void);
} cases[] = {
	{ "C-005 LPT1 leads to \\Device\\Parallel0", raw_link },
	{ "C-004 no symbolic link leads to the port", port_has_no_link },
	{ "C-116 LPT1, LPT1.0 and LPT1.4 are open side by side", side_by_side },
	{ "C-112 after close a device opens again", opens_again },
	{ "C-011 the port itself may be open twice", port_is_shared },
	{ "a program writes", writes },
	{ "a program reads", reads },
	{ "C-152 an offset other than 0 is refused", offset_is_refused },
	{ "CancelIo ends a read that runs", read_is_cancelled },
	{ "C-117 closing the handle ends a read that runs", close_ends_read },
	{ "C-162 C-163 a program reads the device id", device_id },
	{ "C-164 a program with one byte less: nothing is written", id_too_short },
	{ "C-134 C-137 C-136 modes: at first, negotiated, default", modes },
	{ "C-148 capabilities of a device", capabilities },
	{ "C-006 C-007 C-167 each link leads to its device", locations },
	{ "C-180 internal codes are out of a program's reach", internal_codes },
	{ "C-181 ALLOCATE's number sent by a program allocates nothing", collisions },
	{ "C-182 the port refuses what programs can send", port_refuses_programs },
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

int main(int argc, char **argv)
{
	if (argc != 2 || !(results = fopen(argv[1], "w")))
		return 1;
	fprintf(results, "1..%u\n", (unsigned int)CASES);
	for (size_t i = 0; i < CASES; i++) {
		fprintf(results, "# %s\n", cases[i].name);
		fflush(results);
		fprintf(results, "%s %u - %s\n", cases[i].run() ? "ok" : "not ok",
			(unsigned int)i + 1, cases[i].name);
		fflush(results);
		close_all();
	}
	fclose(results);
	return 0;
}
