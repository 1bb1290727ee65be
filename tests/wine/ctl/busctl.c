/* SPDX-License-Identifier: MIT */
/*
 * What tests of parportctl.exe need besides: busctl.exe
 *
 *	make NEEDS		has the test bus make a port, of enum case_needs
 *	heard PLACE FILE	what the device there was told since the last time
 *	trouble PLACE KIND	of enum device_trouble
 *	redirect NAME TARGET	a link is taken by another one; with - it gets it back
 *	hold NAME FILE		opens a device, and keeps it until the file is there
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>
#include <winioctl.h>

/* As in ../bus.h, which is for drivers. */
#define BUS_LINK    "\\\\.\\OppTestBus"
#define BUS_CODE(n) CTL_CODE(FILE_DEVICE_BUS_EXTENDER, (n), METHOD_BUFFERED, FILE_ANY_ACCESS)

#define MAKE_PORT BUS_CODE(0x801)
#define HEARD     BUS_CODE(0x802)
#define TROUBLE   BUS_CODE(0x803)

#define MOST_HEARD 4096
#define LOOK_MS    50
#define HOLD_MS    60000

/* Returns how many bytes were answered; ends the program where there is no answer. */
static DWORD ask_bus(DWORD code, const uint32_t *input, DWORD count, void *output, DWORD room)
{
	HANDLE bus = CreateFileA(BUS_LINK, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL,
				 OPEN_EXISTING, 0, NULL);
	DWORD answered = 0;

	if (bus == INVALID_HANDLE_VALUE ||
	    !DeviceIoControl(bus, code, (void *)(uintptr_t)input, count * sizeof(*input), output,
			     room, &answered, NULL)) {
		printf("bus: code %#lx: error %lu\n", code, GetLastError());
		exit(EXIT_FAILURE);
	}
	CloseHandle(bus);
	return answered;
}

static uint32_t number(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 0);
}

static int make(char **words)
{
	const uint32_t needs = number(words[0]);

	(void)ask_bus(MAKE_PORT, &needs, 1, NULL, 0);
	return EXIT_SUCCESS;
}

static int heard(char **words)
{
	const uint32_t place = number(words[0]);
	static char bytes[MOST_HEARD];
	const DWORD count = ask_bus(HEARD, &place, 1, bytes, sizeof(bytes));
	FILE *file = fopen(words[1], "wb");

	if (!file || fwrite(bytes, 1, count, file) != count)
		return EXIT_FAILURE;
	return fclose(file) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int trouble(char **words)
{
	const uint32_t input[] = { number(words[0]), number(words[1]) };

	(void)ask_bus(TROUBLE, input, 2, NULL, 0);
	return EXIT_SUCCESS;
}

static int redirect(char **words)
{
	const BOOL ends = strcmp(words[1], "-") == 0;

	if (DefineDosDeviceA(ends ? DDD_REMOVE_DEFINITION : DDD_RAW_TARGET_PATH, words[0],
			     ends ? NULL : words[1]))
		return EXIT_SUCCESS;
	printf("%s: error %lu\n", words[0], GetLastError());
	return EXIT_FAILURE;
}

static int hold(char **words)
{
	char path[MAX_PATH];
	HANDLE device;

	snprintf(path, sizeof(path), "\\\\.\\%s", words[0]);
	device = CreateFileA(path, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
	if (device == INVALID_HANDLE_VALUE)
		return EXIT_FAILURE;
	puts("held");
	fflush(stdout);
	for (DWORD ms = 0; ms < HOLD_MS; ms += LOOK_MS) {
		if (GetFileAttributesA(words[1]) != INVALID_FILE_ATTRIBUTES)
			break;
		Sleep(LOOK_MS);
	}
	CloseHandle(device);
	return EXIT_SUCCESS;
}

static const struct {
	const char *name;
	int (*run)(char **words);
	int words;
} verbs[] = {
	{ "make", make, 1 },         { "heard", heard, 2 }, { "trouble", trouble, 2 },
	{ "redirect", redirect, 2 }, { "hold", hold, 2 },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(argv[1], verbs[i].name) == 0 && argc == verbs[i].words + 2)
			return verbs[i].run(argv + 2);
	}
	puts("the comment of busctl.c says what there is");
	return EXIT_FAILURE;
}
