/* SPDX-License-Identifier: MIT */
/*
 * set_up INF SECTION FOLDER: what set-up makes of an install section of an INF file, without
 * a device: it copies the files from FOLDER, writes the driver's and the device's values below a
 * key of the test's own, and adds the service. Nobody is asked anything.
 */
#include <stdio.h>
#include <wchar.h>

#include <windows.h>
#include <setupapi.h>

#define KEY           L"Software\\OpenParportTest"
#define SECTION_CHARS 64

/* A disk is asked for once as it should be, and again when the file is not on it. */
static UINT CALLBACK copy_step(PVOID context, UINT what, UINT_PTR one, UINT_PTR other)
{
	const SOURCE_MEDIA_W *media = (const SOURCE_MEDIA_W *)one;
	const FILEPATHS_W *paths = (const FILEPATHS_W *)one;
	int *asked = context;

	(void)other;
	if (what == SPFILENOTIFY_COPYERROR) {
		(void)wprintf(L"not copied: %ls\n", paths->Source);
		return FILEOP_ABORT;
	}
	if (what == SPFILENOTIFY_NEEDMEDIA && (*asked)++) {
		(void)wprintf(L"not there: %ls in %ls\n", media->SourceFile, media->SourcePath);
		return FILEOP_ABORT;
	}
	return FILEOP_DOIT;
}

static int failed(const wchar_t *what)
{
	(void)wprintf(L"%ls: %#lx\n", what, GetLastError());
	return 1;
}

static int install(HINF inf, const wchar_t *section, const wchar_t *folder, HKEY key)
{
	wchar_t name[SECTION_CHARS];
	int asked = 0;

	if (!SetupInstallFromInfSectionW(NULL, inf, section, SPINST_FILES | SPINST_REGISTRY, key,
					 folder, 0, copy_step, &asked, NULL, NULL))
		return failed(L"section");
	(void)_snwprintf(name, SECTION_CHARS, L"%ls.HW", section);
	if (!SetupInstallFromInfSectionW(NULL, inf, name, SPINST_REGISTRY, key, NULL, 0, NULL, NULL,
					 NULL, NULL))
		return failed(L"section of the device");
	(void)_snwprintf(name, SECTION_CHARS, L"%ls.Services", section);
	if (!SetupInstallServicesFromInfSectionW(inf, name, 0))
		return failed(L"services");
	return 0;
}

int wmain(int count, wchar_t **words); /* no header of the system has it */
int wmain(int count, wchar_t **words)
{
	HKEY key;
	HINF inf;

	if (count != 4)
		return 2;
	inf = SetupOpenInfFileW(words[1], NULL, INF_STYLE_WIN4, NULL);
	if (inf == INVALID_HANDLE_VALUE)
		return failed(L"INF file");
	if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, KEY, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL))
		return failed(L"key");
	return install(inf, words[2], words[3], key);
}
