/* SPDX-License-Identifier: MIT */
/*
 * Asks a ppdev port every question one program can ask alone, and prints one
 * line an answer. The same binary runs on Linux's own ppdev and on ours, so a
 * difference is a difference of the ports. Questions about two programs are
 * in ppdev_contention.c. Low status bits are masked: they are not wired.
 */
#include "answers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/parport.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define IDLE_CONTROL  0x0c

static void show_control(int fd, const char *when)
{
	unsigned char control = 0xee;
	long result = ioctl(fd, PPRCONTROL, &control);

	answer("control %s = %s %02x", when, outcome(result), control);
}

static void show_data(int fd, const char *when)
{
	unsigned char data = 0xee;
	long result = ioctl(fd, PPRDATA, &data);

	answer("data %s = %s %02x", when, outcome(result), data);
}

static void ask_open(void)
{
	static const struct {
		const char *name;
		int flags;
	} ways[] = {
		{ "O_RDONLY", O_RDONLY },
		{ "O_WRONLY", O_WRONLY },
		{ "O_RDWR", O_RDWR },
		{ "O_RDWR|O_EXCL", O_RDWR | O_EXCL },
		{ "O_RDWR|O_TRUNC", O_RDWR | O_TRUNC },
		{ "O_RDWR|O_APPEND", O_RDWR | O_APPEND },
		{ "O_RDWR|O_CREAT", O_RDWR | O_CREAT },
		{ "O_RDWR|O_NONBLOCK", O_RDWR | O_NONBLOCK },
		{ "O_RDONLY|O_DIRECTORY", O_RDONLY | O_DIRECTORY },
	};
	struct stat about;
	char when[60];

	for (size_t i = 0; i < LENGTH(ways); i++) {
		unsigned char data = 0x5a;
		int fd = open(node, ways[i].flags, 0600);

		answer("open %s = %s", ways[i].name, outcome(fd < 0 ? fd : 0));
		if (fd < 0)
			continue;
		answer("open %s, PPCLAIM = %s", ways[i].name, outcome(ioctl(fd, PPCLAIM)));
		answer("open %s, PPWDATA = %s", ways[i].name, outcome(ioctl(fd, PPWDATA, &data)));
		snprintf(when, sizeof(when), "written with %s", ways[i].name);
		show_data(fd, when);
		close(fd);
	}
	if (stat(node, &about) == 0)
		answer("file is a character device = %d", S_ISCHR(about.st_mode));
}

static int give_back(int fd)
{
	ioctl(fd, PPRELEASE);
	return fd;
}

static int released(void)
{
	return give_back(claimed());
}

static const struct state {
	const char *name;
	int (*enter)(void);
} states[] = {
	{ "unclaimed", fresh },
	{ "claimed", claimed },
	{ "released", released },
};

static void ask_code(const struct state *state, const struct code *code)
{
	unsigned char bytes[16];
	int fd = state->enter();
	char hex[2 * sizeof(bytes) + 1] = "";
	long result;

	memcpy(bytes, code->given, sizeof(bytes));
	result = ioctl(fd, code->number, bytes);
	if (code->number == PPRSTATUS)
		bytes[0] &= 0xf8;
	for (size_t i = 0; result >= 0 && i < _IOC_SIZE(code->number); i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	answer("%s: %s = %s %s", state->name, code->name, outcome(result), hex);
	close(fd);
}

static void ask_every_code(void)
{
	static void *const bad[] = { NULL, (void *)1, (void *)-4096L };

	for (size_t s = 0; s < LENGTH(states); s++)
		for (size_t i = 0; i < codes_count; i++)
			ask_code(&states[s], &codes[i]);
	for (size_t s = 0; s < LENGTH(states); s++) {
		int fd = states[s].enter();

		for (size_t i = 0; i < codes_count; i++)
			for (size_t b = 0; b < LENGTH(bad) && _IOC_SIZE(codes[i].number); b++)
				answer("%s: %s at pointer %ld = %s", states[s].name, codes[i].name,
				       (long)bad[b], outcome(ioctl(fd, codes[i].number, bad[b])));
		close(fd);
	}
}

/* Each number with each direction and some sizes: all but the known ones are unknown. */
static void ask_unknown(void)
{
	static const unsigned int sizes[] = { 0, 1, 2, 4, 8, 16 };
	unsigned char bytes[16] = { 0 };
	int fd = claimed();

	for (unsigned int number = 0x7f; number <= 0xa8; number++) {
		for (unsigned int way = 0; way < 4; way++) {
			for (size_t i = 0; i < LENGTH(sizes); i++) {
				unsigned long code = _IOC(way, PP_IOCTL, number, sizes[i]);
				long result;
				int known = 0;

				for (size_t k = 0; k < codes_count; k++)
					known |= codes[k].number == code;
				memset(bytes, 0, sizeof(bytes));
				result = ioctl(fd, code, bytes);
				if (!known && (result != -1 || errno != EINVAL))
					answer("unknown code %#lx = %s", code, outcome(result));
			}
		}
	}
	close(fd);
}

static void ask_other_ioctls(void)
{
	static const struct {
		const char *name;
		unsigned long number;
	} others[] = {
		{ "TCGETS", 0x5401 },      { "TIOCGWINSZ", 0x5413 },  { "FIONREAD", 0x541b },
		{ "LPGETSTATUS", 0x060b }, { "LPABORT", 0x0604 },     { "BLKGETSIZE", 0x1260 },
		{ "code 0", 0 },           { "code -1", 0xffffffff },
	};

	for (size_t s = 0; s < LENGTH(states); s++) {
		unsigned char bytes[16384] = { 0 };
		int fd = states[s].enter();

		for (size_t i = 0; i < LENGTH(others); i++)
			answer("%s: %s = %s", states[s].name, others[i].name,
			       outcome(ioctl(fd, others[i].number, bytes)));
		close(fd);
	}
}

static void show_time(int fd, const char *when)
{
	int32_t narrow[2] = { -1, -1 };
	int64_t wide[2] = { -1, -1 };
	long result = ioctl(fd, PPGETTIME32, narrow);

	answer("time %s, 32 bit = %s %d %d", when, outcome(result), narrow[0], narrow[1]);
	result = ioctl(fd, PPGETTIME64, wide);
	answer("time %s, 64 bit = %s %lld %lld", when, outcome(result), (long long)wide[0],
	       (long long)wide[1]);
}

static void ask_time_values(void)
{
	/* Not a whole second of microseconds: Debian 12's kernels disagree on it. */
	static const int64_t values[][2] = {
		{ 0, 0 },       { 0, 1 },         { 0, 3999 },      { 0, 4000 },
		{ 0, 4001 },    { 0, 10000 },     { 0, 999999 },    { 0, 999997 },
		{ 0, -1 },      { -1, 0 },        { -1, 999999 },   { 1, -1 },
		{ 1, 999999 },  { 5, 0 },         { 10, 1 },        { 3600, 0 },
		{ 1000000, 0 }, { INT32_MAX, 0 }, { INT32_MIN, 0 }, { 7, 1LL << 32 },
	};

	for (size_t i = 0; i < LENGTH(values); i++) {
		int32_t narrow[2] = { (int32_t)values[i][0], (int32_t)values[i][1] };
		int64_t wide[2] = { values[i][0], values[i][1] };
		char when[80];
		int fd = claimed();

		snprintf(when, sizeof(when), "set with 64 bit to %lld %lld", (long long)wide[0],
			 (long long)wide[1]);
		answer("time %s = %s", when, outcome(ioctl(fd, PPSETTIME64, wide)));
		show_time(fd, when);
		close(fd);
		if (narrow[0] != wide[0] || narrow[1] != wide[1])
			continue;
		fd = claimed();
		snprintf(when, sizeof(when), "set with 32 bit to %d %d", narrow[0], narrow[1]);
		answer("time %s = %s", when, outcome(ioctl(fd, PPSETTIME32, narrow)));
		show_time(fd, when);
		close(fd);
	}
}

static void ask_time_life(void)
{
	int64_t two[2] = { 2, 0 };
	int fd = claimed();

	show_time(fd, "at first");
	ioctl(fd, PPSETTIME64, two);
	ioctl(fd, PPRELEASE);
	show_time(fd, "of a released port");
	answer("time set while released = %s", outcome(ioctl(fd, PPSETTIME64, two)));
	ioctl(fd, PPCLAIM);
	show_time(fd, "after release and claim");
	close(fd);
	fd = claimed();
	show_time(fd, "of the next client");
	ioctl(fd, PPSETTIME64, two);
	answer("time: write of 1 byte = %s", outcome(write(fd, "x", 1)));
	show_time(fd, "after a write");
	close(fd);
}

static void ask_stored(const char *name, unsigned long set, unsigned long get)
{
	static const int values[] = {
		-1,     0,      1,      2,      3,          4,         5,         8,     0x10,
		0x1c,   0x30,   0x40,   0x100,  0x104,      0x200,     0x400,     0x800, 0x1000,
		0x2000, 0x2001, 0x2040, 0x4000, 0x12345678, INT32_MIN, INT32_MAX,
	};

	for (size_t s = 0; s < LENGTH(states); s++) {
		int compat = IEEE1284_MODE_COMPAT, fd = states[s].enter();

		for (size_t i = 0; i < LENGTH(values); i++) {
			int value = values[i], phase = -1, mode = -1;
			long result = ioctl(fd, set, &value);

			value = -1;
			ioctl(fd, get, &value);
			ioctl(fd, PPGETMODE, &mode);
			ioctl(fd, PPGETPHASE, &phase);
			answer("%s: %s %#x = %s reads %#x, mode %#x, phase %d", states[s].name,
			       name, (unsigned int)values[i], outcome(result), (unsigned int)value,
			       (unsigned int)mode, phase);
		}
		ioctl(fd, PPSETMODE, &compat);
		close(fd);
	}
}

static void show_stored(int fd, const char *when)
{
	int mode = -1, phase = -1, flags = -1;

	ioctl(fd, PPGETMODE, &mode);
	ioctl(fd, PPGETPHASE, &phase);
	ioctl(fd, PPGETFLAGS, &flags);
	answer("stored %s = mode %#x, phase %d, flags %#x", when, (unsigned int)mode, phase,
	       (unsigned int)flags);
}

/* Mode, phase and flags belong to the open file: what do claim and release do to them? */
static void ask_stored_life(void)
{
	int mode = IEEE1284_MODE_BYTE, flags = PP_FASTREAD, phase = 3, fd = fresh();

	show_stored(fd, "of a fresh file");
	ioctl(fd, PPSETMODE, &mode);
	ioctl(fd, PPSETFLAGS, &flags);
	ioctl(fd, PPCLAIM);
	show_stored(fd, "before the claim, seen after it");
	mode = IEEE1284_MODE_EPP;
	ioctl(fd, PPSETMODE, &mode);
	ioctl(fd, PPSETPHASE, &phase);
	show_stored(fd, "during the claim");
	ioctl(fd, PPRELEASE);
	show_stored(fd, "after the release");
	ioctl(fd, PPCLAIM);
	show_stored(fd, "after the next claim");
	close(fd);
	fd = claimed();
	show_stored(fd, "by the next client");
	close(fd);
}

static void ask_control(void)
{
	static const unsigned char frobs[][2] = {
		{ 0x00, 0x00 }, { 0x01, 0x01 }, { 0x02, 0x00 }, { 0x0f, 0x00 }, { 0x0f, 0x0c },
		{ 0x00, 0x0f }, { 0x04, 0x08 }, { 0xff, 0x2c }, { 0xf0, 0xf0 }, { 0x10, 0x10 },
	};
	unsigned char idle = IDLE_CONTROL;
	char when[40];

	for (unsigned int value = 0; value <= 0xff; value += value < 0x10 ? 1 : 0x11) {
		unsigned char byte = (unsigned char)value;
		int fd = claimed();

		ioctl(fd, PPWCONTROL, &byte);
		snprintf(when, sizeof(when), "written %02x", value);
		show_control(fd, when);
		ioctl(fd, PPWCONTROL, &idle);
		close(fd);
	}
	for (size_t i = 0; i < LENGTH(frobs); i++) {
		struct ppdev_frob_struct frob = { frobs[i][0], frobs[i][1] };
		int fd = claimed();

		ioctl(fd, PPWCONTROL, &idle);
		ioctl(fd, PPFCONTROL, &frob);
		snprintf(when, sizeof(when), "0c frobbed mask %02x val %02x", frob.mask, frob.val);
		show_control(fd, when);
		ioctl(fd, PPWCONTROL, &idle);
		close(fd);
	}
}

static void ask_lines_life(void)
{
	unsigned char data = 0xa5, control = 0x06;
	int reverse = 1, forward = 0, fd = claimed();

	show_control(fd, "of a fresh client");
	ioctl(fd, PPWCONTROL, &control);
	ioctl(fd, PPWDATA, &data);
	ioctl(fd, PPRELEASE);
	ioctl(fd, PPCLAIM);
	show_control(fd, "after release and claim");
	show_data(fd, "after release and claim");
	close(fd);
	fd = claimed();
	show_control(fd, "of the client after that");
	data = 0x3c;
	ioctl(fd, PPWDATA, &data);
	answer("PPDATADIR reverse = %s", outcome(ioctl(fd, PPDATADIR, &reverse)));
	show_control(fd, "in reverse direction");
	show_data(fd, "in reverse, nobody drives");
	answer("PPDATADIR forward = %s", outcome(ioctl(fd, PPDATADIR, &forward)));
	show_data(fd, "back in forward");
	close(fd);
}

static void ask_directions(void)
{
	static const int ways[] = { 0, 1, 2, -1, 0x100 };

	for (size_t i = 0; i < LENGTH(ways); i++) {
		int way = ways[i], fd = claimed();
		unsigned char data = 0x3c;
		long result;

		ioctl(fd, PPWDATA, &data);
		result = ioctl(fd, PPDATADIR, &way);
		ioctl(fd, PPRDATA, &data);
		answer("PPDATADIR %d = %s, data %02x", ways[i], outcome(result), data);
		way = 0;
		ioctl(fd, PPDATADIR, &way);
		close(fd);
	}
}

static void ask_claims(void)
{
	int fd = fresh(), twin;

	answer("PPRELEASE first = %s", outcome(ioctl(fd, PPRELEASE)));
	answer("PPCLAIM = %s", outcome(ioctl(fd, PPCLAIM)));
	answer("PPCLAIM again = %s", outcome(ioctl(fd, PPCLAIM)));
	answer("PPYIELD, nobody waits = %s", outcome(ioctl(fd, PPYIELD)));
	show_control(fd, "after a yield nobody wanted");
	answer("PPEXCL while claimed = %s", outcome(ioctl(fd, PPEXCL)));
	answer("PPRELEASE = %s", outcome(ioctl(fd, PPRELEASE)));
	answer("PPRELEASE again = %s", outcome(ioctl(fd, PPRELEASE)));
	answer("PPYIELD while released = %s", outcome(ioctl(fd, PPYIELD)));
	answer("PPEXCL after a release = %s", outcome(ioctl(fd, PPEXCL)));
	answer("PPCLAIM after that = %s", outcome(ioctl(fd, PPCLAIM)));
	close(fd);

	fd = fresh();
	answer("PPEXCL of a fresh file = %s", outcome(ioctl(fd, PPEXCL)));
	answer("PPEXCL twice = %s", outcome(ioctl(fd, PPEXCL)));
	answer("PPCLAIM after PPEXCL = %s", outcome(ioctl(fd, PPCLAIM)));
	ioctl(fd, PPRELEASE);
	answer("PPCLAIM after PPEXCL again = %s", outcome(ioctl(fd, PPCLAIM)));
	twin = dup(fd);
	close(fd);
	show_control(twin, "through a dup when the first is closed");
	answer("PPRELEASE through a dup = %s", outcome(ioctl(twin, PPRELEASE)));
	close(twin);
}

static void ask_negotiation(void)
{
	static const int modes[] = {
		IEEE1284_MODE_NIBBLE, IEEE1284_MODE_NIBBLE | IEEE1284_DEVICEID,
		IEEE1284_MODE_BYTE,   IEEE1284_MODE_COMPAT,
		IEEE1284_MODE_BECP,   IEEE1284_MODE_ECP,
		IEEE1284_MODE_ECPRLE, IEEE1284_MODE_ECPSWE,
		IEEE1284_MODE_EPP,    IEEE1284_MODE_EPPSL,
		IEEE1284_MODE_EPPSWE, IEEE1284_EXT_LINK,
		0x12345678,           -1,
	};

	for (size_t i = 0; i < LENGTH(modes); i++) {
		int mode = modes[i], fd = claimed();
		char when[40];

		answer("PPNEGOT %#x = %s", (unsigned int)mode, outcome(ioctl(fd, PPNEGOT, &mode)));
		snprintf(when, sizeof(when), "after PPNEGOT %#x", (unsigned int)modes[i]);
		show_stored(fd, when);
		show_control(fd, when);
		close(fd);
	}
}

static void ask_transfers(void)
{
	void *volatile nowhere = (void *)1;
	char page[10000], when[40];

	memset(page, 'a', sizeof(page));
	for (size_t s = 0; s < LENGTH(states); s++) {
		int fd = states[s].enter();

		answer("%s: write of 0 bytes = %s", states[s].name, outcome(write(fd, page, 0)));
		answer("%s: write of 1 byte = %s", states[s].name, outcome(write(fd, page, 1)));
		answer("%s: write of 10000 bytes = %s", states[s].name,
		       outcome(write(fd, page, sizeof(page))));
		answer("%s: write from a bad pointer = %s", states[s].name,
		       outcome(write(fd, nowhere, 10)));
		answer("%s: read of 0 bytes = %s", states[s].name, outcome(read(fd, page, 0)));
		answer("%s: read of 1 byte = %s", states[s].name, outcome(read(fd, page, 1)));
		answer("%s: read of 10000 bytes = %s", states[s].name,
		       outcome(read(fd, page, sizeof(page))));
		snprintf(when, sizeof(when), "after transfers %s", states[s].name);
		show_stored(fd, when);
		close(fd);
	}
}

/*
 * Data in a mode that was set, not negotiated. Such a read waits for its first
 * byte for ever, so it is asked without waiting.
 */
static void ask_modes(void)
{
	static const int modes[] = {
		IEEE1284_MODE_COMPAT,
		IEEE1284_MODE_NIBBLE,
		IEEE1284_MODE_BYTE,
	};
	char bytes[3] = "abc", when[40];

	for (size_t i = 0; i < LENGTH(modes); i++) {
		int mode = modes[i], fd = claimed();

		ioctl(fd, PPSETMODE, &mode);
		answer("write in mode %#x = %s", (unsigned int)mode, outcome(write(fd, bytes, 3)));
		snprintf(when, sizeof(when), "after a write in mode %#x", (unsigned int)mode);
		show_stored(fd, when);
		fcntl(fd, F_SETFL, O_NONBLOCK);
		ioctl(fd, PPSETMODE, &mode);
		answer("read in mode %#x = %s", (unsigned int)mode, outcome(read(fd, bytes, 3)));
		snprintf(when, sizeof(when), "after a read in mode %#x", (unsigned int)mode);
		show_stored(fd, when);
		close(fd);
	}
}

static void ask_file_calls(const struct state *state)
{
	char bytes[16] = "0123456789abcde";
	struct iovec pieces[2] = { { bytes, 2 }, { bytes + 2, 3 } };
	int fd = state->enter();
	struct pollfd look = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI };
	const char *name = state->name;
	int ready = poll(&look, 1, 0);
	void *map;

	answer("%s: poll = %s %#x", name, outcome(ready), (unsigned int)look.revents);
	answer("%s: lseek = %s", name, outcome(lseek(fd, 0, SEEK_SET)));
	answer("%s: lseek to the end = %s", name, outcome(lseek(fd, 0, SEEK_END)));
	answer("%s: pread = %s", name, outcome(pread(fd, bytes, 1, 0)));
	answer("%s: pwrite = %s", name, outcome(pwrite(fd, bytes, 1, 0)));
	answer("%s: readv of 5 = %s", name, outcome(readv(fd, pieces, 2)));
	answer("%s: writev of 5 = %s", name, outcome(writev(fd, pieces, 2)));
	answer("%s: fsync = %s", name, outcome(fsync(fd)));
	answer("%s: fdatasync = %s", name, outcome(fdatasync(fd)));
	answer("%s: ftruncate = %s", name, outcome(ftruncate(fd, 0)));
	answer("%s: fallocate = %s", name, outcome(fallocate(fd, 0, 0, 4096)));
	map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	answer("%s: mmap shared = %s", name, outcome(map == MAP_FAILED ? -1 : 0));
	answer("%s: F_GETFL access = %s", name, outcome(fcntl(fd, F_GETFL) & O_ACCMODE));
	close(fd);
}

int main(int argc, char **argv)
{
	start_asking(argc, argv, 100);
	ask_open();
	ask_every_code();
	ask_unknown();
	ask_other_ioctls();
	ask_time_values();
	ask_time_life();
	ask_stored("PPSETMODE", PPSETMODE, PPGETMODE);
	ask_stored("PPSETPHASE", PPSETPHASE, PPGETPHASE);
	ask_stored("PPSETFLAGS", PPSETFLAGS, PPGETFLAGS);
	ask_stored_life();
	ask_control();
	ask_lines_life();
	ask_directions();
	ask_claims();
	ask_negotiation();
	ask_transfers();
	ask_modes();
	for (size_t s = 0; s < LENGTH(states); s++)
		ask_file_calls(&states[s]);
	return 0;
}
