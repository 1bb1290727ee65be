/* SPDX-License-Identifier: MIT */
/*
 * parportctl: finds the verb, takes the options out of its words and leaves the rest to it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "winctl.h"

enum takes {
	TAKES_JSON = 1 << 0,
	TAKES_RAW = 1 << 1,
};

static const struct verb {
	const char *name;
	win_verb_fn run;
	int least, most; /* words */
	unsigned int takes;
	const char *usage;
	const char *summary;
} verbs[] = {
	{ "list", win_list, 0, 0, TAKES_JSON, "[--json]",
	  "the ports there are, and the devices on them" },
	{ "status", win_status, 0, 1, TAKES_JSON, "[--json] [PORT]",
	  "who holds a port, how it was used, what it is made of" },
	{ "id", win_id, 1, 1, TAKES_JSON | TAKES_RAW, "[--json | --raw] PORT",
	  "the IEEE 1284 device id; --raw: as it came, the length first" },
	{ "modes", win_modes, 1, 1, TAKES_JSON, "[--json] PORT",
	  "the protocols that device and port both know, the fastest first" },
	{ "negotiate", win_negotiate, 1, 3, TAKES_JSON, "[--json] PORT [READ [WRITE]]",
	  "which of these protocols device and port agree on" },
	{ "print", win_print, 2, 2, 0, "PORT FILE", "print a file as it is; - is standard input" },
	{ "reset", win_reset, 1, 1, 0, "PORT", "reset the device by its nInit line" },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(FILE *stream)
{
	fputs("Usage: parportctl VERB [OPTION...] [WORD...]\n"
	      "See and use the parallel ports of this system.\n\n",
	      stream);
	for (size_t i = 0; i < VERBS; i++)
		fprintf(stream, "  %-9s %-28s %s\n", verbs[i].name, verbs[i].usage,
			verbs[i].summary);
	fputs("\nparportctl VERB --help says this of one, parportctl --version which one this is.\n"
	      "A PORT is LPT1 to LPT255, or a device on one: LPT1.0 to LPT1.3 in a daisy chain,\n"
	      "LPT1.4 at its end. READ and WRITE are protocols: any, ecp, epp, byte, nibble,\n"
	      "compat, centronics; or - for as it is.\n\n"
	      "Exit status: 0 success; 1 failed; 2 wrong usage; 110 no such port; 111 access denied\n"
	      "or open elsewhere; 112 removed; 114 not possible; 115 out of paper; 116 off-line;\n"
	      "117 another fault; 118 nothing connected, or no power; 119 protocol broken;\n"
	      "120 no answer; 121 out of memory; 122 stopped by Ctrl-C; 124 port not free in time,\n"
	      "or taken by the print spooler.\n",
	      stream);
}

/* ---- words ----------------------------------------------------------------------- */

static char *narrow(const wchar_t *wide)
{
	const int bytes =
		WideCharToMultiByte(GetConsoleOutputCP(), 0, wide, -1, NULL, 0, NULL, NULL);
	char *text = bytes > 0 ? malloc((size_t)bytes) : NULL;

	if (text)
		(void)WideCharToMultiByte(GetConsoleOutputCP(), 0, wide, -1, text, bytes, NULL,
					  NULL);
	return text;
}

static bool take_option(const struct verb *verb, const wchar_t *word, struct win_words *words)
{
	if (verb->takes & TAKES_JSON && wcscmp(word, L"--json") == 0)
		words->json = true;
	else if (verb->takes & TAKES_RAW && wcscmp(word, L"--raw") == 0)
		words->raw = true;
	else
		return false;
	return true;
}

static int fail_usage(const struct verb *verb, const char *what)
{
	return win_fail(OPP_INVALID_PARAMETER, "%s: write 'parportctl %s %s'", what, verb->name,
			verb->usage);
}

/* Returns 0, or an exit code. */
static int sort_words(const struct verb *verb, int argc, wchar_t **argv, struct win_words *words)
{
	for (int i = 0; i < argc; i++) {
		if (wcsncmp(argv[i], L"--", 2) == 0) {
			if (!take_option(verb, argv[i], words))
				return fail_usage(verb, "no such option here");
			continue;
		}
		words->wide[words->count] = argv[i];
		words->text[words->count] = narrow(argv[i]);
		if (!words->text[words->count++])
			return win_fail(OPP_INSUFFICIENT_RESOURCES, "out of memory");
	}
	if (words->count < verb->least || words->count > verb->most)
		return fail_usage(verb, words->count < verb->least ? "something is missing"
								   : "too much is given");
	if (words->json && words->raw)
		return fail_usage(verb, "one form or the other");
	return 0;
}

static void free_words(struct win_words *words)
{
	for (int i = 0; i < words->count; i++)
		free(words->text[i]);
	free(words->text);
	free(words->wide);
}

static int run_verb(const struct verb *verb, int argc, wchar_t **argv)
{
	struct win_words words = {
		.text = calloc((size_t)argc + 1, sizeof(*words.text)),
		.wide = calloc((size_t)argc + 1, sizeof(*words.wide)),
	};
	int code;

	win_set_verb(verb->name);
	if (words.text && words.wide)
		code = sort_words(verb, argc, argv, &words);
	else
		code = win_fail(OPP_INSUFFICIENT_RESOURCES, "out of memory");
	if (!code)
		code = verb->run(&words);
	free_words(&words);
	if ((fflush(stdout) != 0 || ferror(stdout)) && code == 0)
		return win_fail(OPP_UNSUCCESSFUL, "cannot write to standard output");
	return code;
}

static bool asks_for_help(int argc, wchar_t **argv)
{
	for (int i = 0; i < argc; i++) {
		if (wcscmp(argv[i], L"--help") == 0)
			return true;
	}
	return false;
}

static int serve_verb(const struct verb *verb, int argc, wchar_t **argv)
{
	if (!asks_for_help(argc, argv))
		return run_verb(verb, argc, argv);
	printf("Usage: parportctl %s %s\n%s\n", verb->name, verb->usage, verb->summary);
	return 0;
}

static int unknown_verb(const wchar_t *word)
{
	char *text = narrow(word);
	char known[128] = "";

	for (size_t i = 0; i < VERBS; i++) {
		const size_t used = strlen(known);

		snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "", verbs[i].name);
	}
	return win_fail(OPP_INVALID_PARAMETER, "unknown verb '%s': use one of %s", text ? text : "",
			known);
}

int wmain(int argc, wchar_t **argv); /* no header of the system has it */

int wmain(int argc, wchar_t **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return opp_status_exit_code(OPP_INVALID_PARAMETER);
	}
	if (wcscmp(argv[1], L"--help") == 0 || wcscmp(argv[1], L"/?") == 0) {
		print_help(stdout);
		return 0;
	}
	if (wcscmp(argv[1], L"--version") == 0) {
		puts("parportctl (OpenParport) " OPP_VERSION);
		return 0;
	}
	for (size_t i = 0; i < VERBS; i++) {
		const struct verb *verb = &verbs[i];
		wchar_t name[16];

		(void)MultiByteToWideChar(CP_ACP, 0, verb->name, -1, name, 16);
		if (wcscmp(argv[1], name) == 0)
			return serve_verb(verb, argc - 2, argv + 2);
	}
	return unknown_verb(argv[1]);
}
