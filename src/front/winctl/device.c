/* SPDX-License-Identifier: MIT */
/*
 * An open device, and requests to it.
 *
 * The file is asynchronous, so that Ctrl-C can end a request and its count of bytes is
 * still heard: a printer must not get a page twice.
 */
#include <stdio.h>
#include <string.h>

#include <windows.h>
#include <winternl.h>

#include <openparport/contract.h>

#include "winctl.h"

/* Of <ntstatus.h>, which does not go with <windows.h>. */
#define NAME_NOT_FOUND     ((NTSTATUS)0xc0000034)
#define PATH_NOT_FOUND     ((NTSTATUS)0xc000003a)
#define SHARING_VIOLATION  ((NTSTATUS)0xc0000043)
#define NO_SUCH_FILE_FOUND ((NTSTATUS)0xc000000f)

/* Documented for drivers, and not in <winternl.h>. */
NTSTATUS NTAPI NtWriteFile(HANDLE file, HANDLE event, PIO_APC_ROUTINE routine, PVOID context,
			   PIO_STATUS_BLOCK status, PVOID buffer, ULONG length,
			   PLARGE_INTEGER offset, PULONG key);
NTSTATUS NTAPI NtCancelIoFile(HANDLE file, PIO_STATUS_BLOCK status);

static HANDLE stop; /* event: Ctrl-C was pressed; NULL: nobody heeds it */

/* The second time the system does what it always does. */
static BOOL WINAPI on_ctrl(DWORD kind)
{
	(void)kind;
	return WaitForSingleObject(stop, 0) == WAIT_TIMEOUT && SetEvent(stop);
}

void win_heed_ctrl_c(void)
{
	stop = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (stop)
		(void)SetConsoleCtrlHandler(on_ctrl, TRUE);
}

/* ---- statuses ----------------------------------------------------------------------- */

/* The contract's numbers backwards, and what a system answers before a driver is asked. */
static enum opp_status status_of(NTSTATUS nt)
{
	for (int status = OPP_SUCCESS; status <= OPP_KICKED; status++) {
		if (opp_ntstatus((enum opp_status)status) == nt)
			return (enum opp_status)status;
	}
	switch (nt) {
	case NAME_NOT_FOUND:
	case PATH_NOT_FOUND:
	case NO_SUCH_FILE_FOUND: return OPP_NO_SUCH_DEVICE;
	case SHARING_VIOLATION: return OPP_ACCESS_DENIED;
	default: return OPP_UNSUCCESSFUL;
	}
}

/* ---- files ----------------------------------------------------------------------------- */

static NTSTATUS open_path(wchar_t *path, HANDLE *handle)
{
	UNICODE_STRING name;
	OBJECT_ATTRIBUTES attributes;
	IO_STATUS_BLOCK ended;

	RtlInitUnicodeString(&name, path);
	InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
	return NtOpenFile(handle, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &attributes, &ended,
			  0, 0);
}

enum opp_status win_open(struct win_device *device, const struct win_name *name)
{
	wchar_t path[WIN_PATH_CHARS];
	const enum win_way way = win_find_way(name, path);

	device->name = *name;
	device->nt = NAME_NOT_FOUND;
	if (way != WIN_WAY_INTERFACE && way != WIN_WAY_LINK)
		return OPP_NO_SUCH_DEVICE;
	device->ended = CreateEventW(NULL, FALSE, FALSE, NULL);
	if (!device->ended)
		return OPP_INSUFFICIENT_RESOURCES;
	device->nt = open_path(path, &device->handle);
	if (device->nt < 0)
		(void)CloseHandle(device->ended);
	return device->nt < 0 ? status_of(device->nt) : OPP_SUCCESS;
}

static int fail_way(const struct win_name *name)
{
	wchar_t target[WIN_PATH_CHARS];

	switch (win_find_way(name, target)) {
	case WIN_WAY_SPOOLER:
		return win_fail(OPP_DEVICE_BUSY,
				"%s belongs to the print spooler: print to a printer of Windows on "
				"that port, or stop the spooler with 'net stop spooler'",
				name->text);
	case WIN_WAY_ELSEWHERE:
		return win_fail(OPP_NO_SUCH_DEVICE,
				"%s leads to %ls and not to a parallel port: end that redirection, "
				"as with 'net use %s /delete'",
				name->text, target, name->text);
	default:
		return win_fail(OPP_NO_SUCH_DEVICE, "no %s: 'parportctl list' shows what there is",
				name->text);
	}
}

int win_fail_open(const struct win_name *name, enum opp_status status, NTSTATUS nt)
{
	switch (status) {
	case OPP_NO_SUCH_DEVICE: return fail_way(name);
	case OPP_ACCESS_DENIED: return win_fail_denied(name);
	case OPP_INVALID_DEVICE_REQUEST:
		return win_fail(status, "nobody is at %s: switch the device on, look at its cable",
				name->text);
	case OPP_UNSUCCESSFUL:
		return win_fail(status, "cannot open %s: the system says 0x%08lx", name->text,
				(unsigned long)nt);
	default:
		return win_fail(status, "cannot open %s: %s: %s", name->text,
				opp_status_text(status), win_remedy(status));
	}
}

int win_fail_name(const char *text)
{
	return win_fail(OPP_INVALID_PARAMETER,
			"'%s' is no port: write LPT1 to LPT255, or a device on one, LPT1.0 to "
			"LPT1.4",
			text);
}

int win_open_named(struct win_device *device, const char *text)
{
	struct win_name name;
	enum opp_status status;

	if (!win_name_parse(&name, text))
		return win_fail_name(text);
	status = win_open(device, &name);
	return status == OPP_SUCCESS ? 0 : win_fail_open(&name, status, device->nt);
}

void win_close(struct win_device *device)
{
	(void)CloseHandle(device->handle);
	(void)CloseHandle(device->ended);
}

/* ---- requests -------------------------------------------------------------------------- */

/* A cancel leads to an end like others, which says how far the request came. */
static void wait_for_end(struct win_device *device)
{
	const HANDLE either[] = { device->ended, stop };
	IO_STATUS_BLOCK cancelled;

	if (WaitForMultipleObjects(stop ? 2 : 1, either, FALSE, INFINITE) == WAIT_OBJECT_0)
		return;
	(void)NtCancelIoFile(device->handle, &cancelled);
	(void)WaitForSingleObject(device->ended, INFINITE);
}

/* @nt: what the call returned. */
static enum opp_status end_of(struct win_device *device, NTSTATUS nt, IO_STATUS_BLOCK *ended,
			      uint32_t *moved)
{
	if (nt == OPP_NT_PENDING) {
		wait_for_end(device);
		nt = ended->Status;
	}
	/* A refused request does not fill the block. */
	*moved = nt < 0 && ended->Status != nt ? 0 : (uint32_t)ended->Information;
	device->nt = nt;
	return status_of(nt);
}

static bool is_stopped(void)
{
	return stop && WaitForSingleObject(stop, 0) == WAIT_OBJECT_0;
}

enum opp_status win_control(struct win_device *device, uint32_t code, const void *input,
			    uint32_t input_bytes, void *output, uint32_t output_bytes,
			    uint32_t *moved)
{
	IO_STATUS_BLOCK ended = { .Status = OPP_NT_PENDING };
	NTSTATUS nt;

	*moved = 0;
	if (is_stopped())
		return OPP_CANCELLED;
	nt = NtDeviceIoControlFile(device->handle, device->ended, NULL, NULL, &ended, code,
				   (void *)(uintptr_t)input, input_bytes, output, output_bytes);
	return end_of(device, nt, &ended, moved);
}

enum opp_status win_write(struct win_device *device, const void *bytes, uint32_t count,
			  uint32_t *moved)
{
	IO_STATUS_BLOCK ended = { .Status = OPP_NT_PENDING };
	LARGE_INTEGER begin = { .QuadPart = 0 };
	NTSTATUS nt;

	*moved = 0;
	if (is_stopped())
		return OPP_CANCELLED;
	nt = NtWriteFile(device->handle, device->ended, NULL, NULL, &ended,
			 (void *)(uintptr_t)bytes, count, &begin, NULL);
	return end_of(device, nt, &ended, moved);
}

enum opp_status win_ask(struct win_device *device, uint32_t code, void *answer, uint32_t bytes)
{
	uint32_t moved;
	const enum opp_status status = win_control(device, code, NULL, 0, answer, bytes, &moved);

	return status == OPP_SUCCESS && moved != bytes ? OPP_UNSUCCESSFUL : status;
}

int win_fail_request(const struct win_device *device, enum opp_status status, const char *what)
{
	const char *name = device->name.text;

	if (status == OPP_CANCELLED)
		return win_fail(status, "%s: %s: stopped by Ctrl-C", name, what);
	if (status == OPP_UNSUCCESSFUL)
		return win_fail(status, "%s: %s: the driver says 0x%08lx: %s", name, what,
				(unsigned long)device->nt, win_remedy(status));
	return win_fail(status, "%s: %s: %s: %s", name, what, opp_status_text(status),
			win_remedy(status));
}

enum opp_status win_ask_id(struct win_device *device, uint32_t code, char *id, uint32_t *bytes)
{
	const enum opp_status status =
		win_control(device, code, NULL, 0, id, OPP_DEVICE_ID_MOST, bytes);

	id[OPP_DEVICE_ID_MOST - 1] = '\0';
	return status == OPP_SUCCESS && *bytes == 0 ? OPP_UNSUCCESSFUL : status;
}
