/* SPDX-License-Identifier: MIT */
/*
 * Which ports and devices there are, and how they are reached.
 *
 * A port is where a link "LPTn" or a device interface is. The link of a raw device may be
 * another's: the print spooler takes it while it runs, "net use" and the like may, too. Its
 * interface is nobody's but the driver's, so that is the first choice; devices of a chain
 * have none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <windows.h>
#include <setupapi.h>

#include <openparport/device.h>

#include "winctl.h"

/* All links of a system; it takes more calls where there are more. */
#define FIRST_LINKS_CHARS (64u * 1024)
#define MOST_LINKS_CHARS  (4u * 1024 * 1024)

#define INSTANCE_CHARS 256

/* ---- interfaces ------------------------------------------------------------------ */

static GUID raw_device_interface(void)
{
	const struct opp_guid *ours = opp_device_interface(OPP_PLACE_RAW);
	GUID guid = { .Data1 = ours->data1, .Data2 = ours->data2, .Data3 = ours->data3 };

	memcpy(guid.Data4, ours->data4, sizeof(guid.Data4));
	return guid;
}

/* The instance of a raw device ends with its location: "...&LPT1". 0: this one does not. */
static uint32_t port_of_instance(const wchar_t *instance)
{
	const wchar_t *location = instance;
	char text[OPP_NAME_BYTES];
	struct win_name name;

	for (; *instance; instance++) {
		if (*instance == L'\\' || *instance == L'&')
			location = instance + 1;
	}
	if (!WideCharToMultiByte(CP_ACP, 0, location, -1, text, sizeof(text), NULL, NULL))
		return 0;
	return win_name_parse(&name, text) && name.place == OPENPARPORT_RAW ? name.port : 0;
}

/* As NtOpenFile wants it: "\\?\..." is "\??\..." there. */
static bool read_path(HDEVINFO set, SP_DEVICE_INTERFACE_DATA *interface_data,
		      SP_DEVINFO_DATA *device, wchar_t path[WIN_PATH_CHARS])
{
	struct {
		SP_DEVICE_INTERFACE_DETAIL_DATA_W detail;
		wchar_t rest[WIN_PATH_CHARS];
	} room = { .detail = { .cbSize = sizeof(room.detail) } };

	if (!SetupDiGetDeviceInterfaceDetailW(set, interface_data, &room.detail, sizeof(room), NULL,
					      device))
		return false;
	if (wcslen(room.detail.DevicePath) >= WIN_PATH_CHARS)
		return false;
	wcscpy(path, room.detail.DevicePath);
	if (wcsncmp(path, L"\\\\", 2) == 0)
		path[1] = L'?';
	return true;
}

/* Calls @each for every raw device that is there, until it returns true. */
static bool each_interface(bool (*each)(uint32_t port, const wchar_t *path, void *context),
			   void *context)
{
	const GUID guid = raw_device_interface();
	HDEVINFO set =
		SetupDiGetClassDevsW(&guid, NULL, NULL, DIGCF_DEVICEINTERFACE | DIGCF_PRESENT);
	SP_DEVICE_INTERFACE_DATA interface_data = { .cbSize = sizeof(interface_data) };
	wchar_t instance[INSTANCE_CHARS], path[WIN_PATH_CHARS];
	bool enough = false;

	if (set == INVALID_HANDLE_VALUE)
		return false;
	for (DWORD i = 0;
	     !enough && SetupDiEnumDeviceInterfaces(set, NULL, &guid, i, &interface_data); i++) {
		SP_DEVINFO_DATA device = { .cbSize = sizeof(device) };
		uint32_t port = 0;

		if (read_path(set, &interface_data, &device, path) &&
		    SetupDiGetDeviceInstanceIdW(set, &device, instance, INSTANCE_CHARS, NULL))
			port = port_of_instance(instance);
		enough = port && each(port, path, context);
	}
	(void)SetupDiDestroyDeviceInfoList(set);
	return enough;
}

/* ---- what there is ----------------------------------------------------------------- */

/* Places of ports that somebody was found at. */
struct seen {
	bool at[OPP_PORT_NAME_MOST + 1][OPENPARPORT_DEVICES];
};

static bool see_interface(uint32_t port, const wchar_t *path, void *context)
{
	struct seen *seen = context;

	(void)path;
	seen->at[port][OPENPARPORT_RAW] = true;
	return false;
}

/* @links: one behind the other, an empty one is the last. */
static void see_links(struct seen *seen, const char *links)
{
	struct win_name name;

	for (; *links; links += strlen(links) + 1) {
		if (!strchr(links, ':') && win_name_parse(&name, links))
			seen->at[name.port][name.place] = true;
	}
}

/* Returns false: out of memory, or the system does not tell. */
static bool find_links(struct seen *seen)
{
	for (DWORD chars = FIRST_LINKS_CHARS; chars <= MOST_LINKS_CHARS; chars *= 2) {
		char *links = malloc(chars);
		DWORD used = links ? QueryDosDeviceA(NULL, links, chars) : 0;
		const bool is_too_short = !used && GetLastError() == ERROR_INSUFFICIENT_BUFFER;

		if (used)
			see_links(seen, links);
		free(links);
		if (!is_too_short)
			return used != 0;
	}
	return false;
}

int win_find(struct win_found *found)
{
	static struct seen seen;

	found->count = 0;
	(void)each_interface(see_interface, &seen);
	if (!find_links(&seen))
		return win_fail(OPP_UNSUCCESSFUL,
				"cannot list the names of devices (error %lu): name a port, "
				"for example LPT1",
				GetLastError());
	for (uint32_t port = 1; port <= OPP_PORT_NAME_MOST; port++) {
		if (seen.at[port][OPENPARPORT_RAW])
			win_name_make(&found->names[found->count++], port, OPENPARPORT_RAW);
		for (uint32_t place = 0; place < OPENPARPORT_RAW; place++) {
			if (seen.at[port][place])
				win_name_make(&found->names[found->count++], port, place);
		}
	}
	if (!found->count)
		return win_fail(OPP_NO_SUCH_DEVICE,
				"no parallel port here: look for it under Ports in Device Manager, "
				"and see docs/windows.md about its driver");
	return 0;
}

/* ---- the way to one ------------------------------------------------------------------- */

struct wanted {
	uint32_t port;
	wchar_t *path;
};

static bool is_wanted(uint32_t port, const wchar_t *path, void *context)
{
	const struct wanted *wanted = context;

	if (port != wanted->port)
		return false;
	wcscpy(wanted->path, path);
	return true;
}

enum win_way win_find_way(const struct win_name *name, wchar_t path[WIN_PATH_CHARS])
{
	struct wanted wanted = { name->port, path };
	wchar_t link[OPP_NAME_BYTES];

	if (name->place == OPENPARPORT_RAW && each_interface(is_wanted, &wanted))
		return WIN_WAY_INTERFACE;
	(void)MultiByteToWideChar(CP_ACP, 0, name->text, -1, link, OPP_NAME_BYTES);
	if (!QueryDosDeviceW(link, path, WIN_PATH_CHARS))
		return WIN_WAY_NONE;
	if (_wcsnicmp(path, L"\\Device\\NamedPipe\\Spooler\\", 26) == 0)
		return WIN_WAY_SPOOLER;
	if (_wcsnicmp(path, L"\\Device\\Parallel", 16) != 0)
		return WIN_WAY_ELSEWHERE;
	_snwprintf(path, WIN_PATH_CHARS, L"\\??\\%ls", link);
	return WIN_WAY_LINK;
}
