/* SPDX-License-Identifier: MIT */
/* A file of ours is an eventfd: it can be polled for interrupts. */
#include "fake_linux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <linux/major.h>
#include <linux/parport.h>
#include <linux/ppdev.h>

#include <openparport/hosted/parportd_ioctl.h>

#define PROC  "/proc/sys/dev/parport/"
#define SYSFS "/sys/bus/parport/devices/"
#define PATHS 512

struct fake_linux fake;

static struct {
	int fd;
	bool open, in_line, nonblock, exclusive, registered, cancelled;
	int granted; /* eventfd that a sleeping claim waits for */
} files[FAKE_FILES];

static uint32_t count;
static char folder[] = "/tmp/fake-linux-XXXXXX";
static bool has_irq;

int __real_open64(const char *path, int flags, ...);
int __real_close(int fd);
int __real_ioctl(int fd, unsigned long request, ...);
int __real_access(const char *path, int mode);
int __real_fstat64(int fd, struct stat *about);
int __real_stat64(const char *path, struct stat *about);
int __real_fcntl64(int fd, int command, ...);
DIR *__real_opendir(const char *path);
ssize_t __real_write(int fd, const void *bytes, size_t length);
ssize_t __real_read(int fd, void *bytes, size_t length);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *),
			  void *context);

int __wrap_open64(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_access(const char *path, int mode);
int __wrap_fstat64(int fd, struct stat *about);
int __wrap_stat64(const char *path, struct stat *about);
int __wrap_fcntl64(int fd, int command, ...);
DIR *__wrap_opendir(const char *path);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_read(int fd, void *bytes, size_t length);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *),
			  void *context);

/* ---- its trees --------------------------------------------------------------------------- */

static void place(char *path, const char *tree, const char *name)
{
	(void)snprintf(path, PATHS, "%s/%s%s", folder, tree, name);
}

static void put(const char *name, const char *text)
{
	char path[PATHS];
	FILE *file;

	place(path, "proc/", name);
	file = fopen(path, "w");
	if (!file) /* the port has gone */
		return;
	if (fprintf(file, "%s\n", text) < 0 || fclose(file) != 0)
		abort();
}

static void make_folder(const char *tree, const char *name)
{
	char path[PATHS];

	place(path, tree, name);
	if (mkdir(path, 0700) != 0)
		abort();
}

static void take_folder(const char *tree, const char *name)
{
	char path[PATHS];

	place(path, tree, name);
	if (rmdir(path) != 0)
		abort();
}

static const char *elsewhere(const char *path, char *where)
{
	if (strncmp(path, PROC, strlen(PROC)) == 0)
		place(where, "proc/", path + strlen(PROC));
	else if (strncmp(path, SYSFS, strlen(SYSFS)) == 0)
		place(where, "sys/", path + strlen(SYSFS));
	else
		return path;
	return where;
}

static void show_holder_locked(void)
{
	put("parport0/devices/active", strcmp(fake.holder, "us") == 0 ? "ppdev0" : fake.holder);
}

/* ---- what a case does ----------------------------------------------------------------------- */

void fake_start(const char *irq)
{
	memset(&fake, 0, sizeof(fake));
	memset(files, 0, sizeof(files));
	pthread_mutex_init(&fake.lock, NULL);
	fake.is_linux = true;
	fake.sleeper = -1;
	fake.status = 0xd8;
	fake.takes = SIZE_MAX;
	strcpy(fake.holder, "none");
	count = 0;
	has_irq = strcmp(irq, "-1") != 0;
	strcpy(folder, "/tmp/fake-linux-XXXXXX");
	if (!mkdtemp(folder))
		abort();
	make_folder("", "proc");
	make_folder("", "sys");
	make_folder("proc/", "parport0");
	make_folder("proc/", "parport0/devices");
	make_folder("sys/", "parport0");
	make_folder("sys/", "parport0/power");
	put("parport0/irq", irq);
	put("parport0/modes", "PCSPP,TRISTATE,EPP");
	show_holder_locked();
}

void fake_end(void)
{
	char command[PATHS];

	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command) != 0)
		abort();
	pthread_mutex_destroy(&fake.lock);
}

void fake_give(const char *holder)
{
	pthread_mutex_lock(&fake.lock);
	(void)snprintf(fake.holder, sizeof(fake.holder), "%s", holder);
	if (strcmp(holder, "none") == 0 && fake.sleeper >= 0) {
		strcpy(fake.holder, "us");
		(void)eventfd_write(files[fake.sleeper].granted, 1);
	}
	show_holder_locked();
	pthread_mutex_unlock(&fake.lock);
}

void fake_register(uint32_t others)
{
	char name[32];

	for (uint32_t i = 0; i < others; i++) {
		(void)snprintf(name, sizeof(name), "parport0/lp.%u", i);
		make_folder("sys/", name);
	}
	fake.others = others;
}

void fake_unregister(void)
{
	char name[32];

	while (fake.others) {
		(void)snprintf(name, sizeof(name), "parport0/lp.%u", --fake.others);
		take_folder("sys/", name);
	}
}

/* From its first claim to its end a file is among the port's users. */
static void register_locked(int file, bool is)
{
	char name[32];

	if (files[file].registered == is || !fake.is_linux)
		return;
	files[file].registered = is;
	(void)snprintf(name, sizeof(name), "parport0/ppdev0.%d", file);
	if (is)
		make_folder("sys/", name);
	else
		take_folder("sys/", name);
}

void fake_unplug(void)
{
	char path[PATHS], gone[PATHS];

	place(path, "proc/", "parport0");
	place(gone, "proc/", "gone");
	if (rename(path, gone) != 0)
		abort();
}

void fake_hide(void)
{
	char path[PATHS];

	place(path, "proc/", "parport0/devices/active");
	if (unlink(path) != 0)
		abort();
}

bool fake_is_ours(void)
{
	bool is;

	pthread_mutex_lock(&fake.lock);
	is = strcmp(fake.holder, "us") == 0;
	pthread_mutex_unlock(&fake.lock);
	return is;
}

uint32_t fake_open_files(void)
{
	uint32_t open;

	pthread_mutex_lock(&fake.lock);
	open = fake.opened - fake.closed;
	pthread_mutex_unlock(&fake.lock);
	return open;
}

static int find_locked(int fd)
{
	for (uint32_t i = 0; i < count; i++)
		if (files[i].open && files[i].fd == fd)
			return (int)i;
	return -1;
}

static int find(int fd)
{
	int file;

	pthread_mutex_lock(&fake.lock);
	file = find_locked(fd);
	pthread_mutex_unlock(&fake.lock);
	return file;
}

void fake_interrupt(uint32_t times)
{
	pthread_mutex_lock(&fake.lock);
	for (uint32_t i = 0; i < count; i++)
		if (files[i].open)
			(void)eventfd_write(files[i].fd, times);
	pthread_mutex_unlock(&fake.lock);
}

/* ---- files ------------------------------------------------------------------------------------ */

int __wrap_open64(const char *path, int flags, ...)
{
	char where[PATHS];
	int fd;

	if (strcmp(path, FAKE_PATH) != 0)
		return __real_open64(elsewhere(path, where), flags, 0600);
	if (fake.open_fails) {
		errno = fake.open_fails;
		return -1;
	}
	pthread_mutex_lock(&fake.lock);
	if (count == FAKE_FILES)
		abort();
	fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	files[count].fd = fd;
	files[count].granted = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	files[count++].open = true;
	fake.opened++;
	pthread_mutex_unlock(&fake.lock);
	return fd;
}

int __wrap_close(int fd)
{
	const int file = find(fd);

	if (file >= 0) {
		pthread_mutex_lock(&fake.lock);
		files[file].open = false;
		fake.closed++;
		register_locked(file, false);
		if (strcmp(fake.holder, "us") == 0) {
			strcpy(fake.holder, "none");
			show_holder_locked();
		}
		pthread_mutex_unlock(&fake.lock);
		(void)__real_close(files[file].granted);
	}
	return __real_close(fd);
}

int __wrap_access(const char *path, int mode)
{
	char where[PATHS];

	return strcmp(path, FAKE_PATH) == 0 ? 0 : __real_access(elsewhere(path, where), mode);
}

DIR *__wrap_opendir(const char *path)
{
	char where[PATHS];

	return __real_opendir(elsewhere(path, where));
}

static int describe(struct stat *about)
{
	memset(about, 0, sizeof(*about));
	about->st_mode = fake.is_linux ? S_IFCHR : S_IFREG;
	about->st_rdev = makedev(PP_MAJOR, 0);
	return 0;
}

int __wrap_fstat64(int fd, struct stat *about)
{
	return find(fd) < 0 ? __real_fstat64(fd, about) : describe(about);
}

int __wrap_stat64(const char *path, struct stat *about)
{
	if (strcmp(path, FAKE_PATH) != 0)
		return __real_stat64(path, about);
	if (fake.stat_fails) {
		errno = fake.stat_fails;
		return -1;
	}
	return describe(about);
}

int __wrap_fcntl64(int fd, int command, ...)
{
	const int file = find(fd);
	va_list arguments;
	int flags;

	va_start(arguments, command);
	flags = va_arg(arguments, int);
	va_end(arguments);
	if (file < 0)
		return __real_fcntl64(fd, command, flags);
	files[file].nonblock = command == F_SETFL && (flags & O_NONBLOCK);
	return 0;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
	const int file = find(fd);
	const long ns = (long)(fake.byte_ms * length) * 1000000;
	const struct timespec nap = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
	sigset_t blocked;

	if (file < 0)
		return __real_write(fd, bytes, length);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	nanosleep(&nap, NULL);
	pthread_mutex_lock(&fake.lock);
	fake.writes++;
	fake.write_blocks += !files[file].nonblock;
	fake.write_heard_signals += fake.mode != IEEE1284_MODE_EPP &&
				    fake.mode != (IEEE1284_MODE_EPP | IEEE1284_ADDR) &&
				    !sigismember(&blocked, SIGUSR1);
	if (length > fake.longest_write)
		fake.longest_write = length;
	if (length > fake.takes)
		length = fake.takes;
	memcpy(fake.paper + fake.printed, bytes, length);
	fake.printed += length;
	pthread_mutex_unlock(&fake.lock);
	return (ssize_t)length;
}

ssize_t __wrap_read(int fd, void *bytes, size_t length)
{
	if (find(fd) < 0)
		return __real_read(fd, bytes, length);
	if (fake.takes == 0) {
		errno = EAGAIN;
		return -1;
	}
	memset(bytes, 0x5a, length < fake.takes ? length : fake.takes);
	return (ssize_t)(length < fake.takes ? length : fake.takes);
}

/* ---- ioctls ------------------------------------------------------------------------------------ */

static int refuse(int failed)
{
	errno = failed;
	return -1;
}

static int sleep_in_claim(int file)
{
	struct pollfd granted = { .fd = files[file].granted, .events = POLLIN };
	int got;

	fake.slept_behind_program += strncmp(fake.holder, "ppdev", 5) == 0;
	fake.slept_with_irq += has_irq;
	files[file].in_line = true;
	fake.sleeper = file;
	pthread_mutex_unlock(&fake.lock);
	got = poll(&granted, 1, -1);
	pthread_mutex_lock(&fake.lock);
	fake.sleeper = -1;
	if (files[file].cancelled)
		return refuse(ECANCELED);
	if (got == 1)
		return 0;
	fake.interrupted++;
	return refuse(EINTR);
}

static int claim_locked(int file)
{
	fake.claims++;
	fake.claimed_twice += fake.is_linux && files[file].in_line;
	if (fake.excluded)
		return refuse(ENXIO);
	register_locked(file, true);
	fake.is_exclusive = files[file].exclusive;
	fake.excluded_in_vain += files[file].exclusive && fake.others;
	if (strcmp(fake.holder, "none") != 0)
		return sleep_in_claim(file);
	strcpy(fake.holder, "us");
	show_holder_locked();
	if (has_irq) /* that it is switched on is one */
		(void)eventfd_write(files[file].fd, 1);
	return 0;
}

static int release_locked(void)
{
	fake.releases++;
	strcpy(fake.holder, "none");
	show_holder_locked();
	return 0;
}

static int cancel_locked(int file)
{
	if (fake.is_linux)
		return refuse(EINVAL);
	if (fake.sleeper == file) {
		fake.cancelled++;
		files[file].cancelled = true;
		(void)eventfd_write(files[file].granted, 1);
	}
	return 0;
}

static int exclude_locked(int file)
{
	files[file].exclusive = true;
	return 0;
}

/* Of Linux's own file they are read from its tree, which waits for nobody. */
static int modes_locked(int *modes)
{
	if (fake.is_linux) {
		errno = EINVAL;
		return -1;
	}
	*modes = fake.modes;
	return 0;
}

static int answer_locked(int file, unsigned long request, void *argument)
{
	uint8_t *byte = argument;
	int *number = argument;
	eventfd_t rises = 0;

	switch (request) {
	case PPCLAIM: return claim_locked(file);
	case PPEXCL: return exclude_locked(file);
	case OPP_IOC_CANCEL: return cancel_locked(file);
	case PPRELEASE: return release_locked();
	case PPGETMODES: return modes_locked(number);
	case PPRSTATUS: *byte = fake.status; return 0;
	case PPRDATA: *byte = fake.data; return 0;
	case PPWDATA: fake.data = *byte; return 0;
	case PPWCONTROL: fake.control = *byte; return 0;
	case PPDATADIR: fake.reverse = *number; return 0;
	case PPSETMODE: fake.mode = *number; return 0;
	case PPCLRIRQ:
		(void)eventfd_read(files[file].fd, &rises);
		*number = fake.rises ? fake.rises : (int)rises;
		return 0;
	default: return refuse(EINVAL);
	}
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	const int file = find(fd);
	va_list arguments;
	void *argument;
	int result;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (file < 0)
		return __real_ioctl(fd, request, argument);
	pthread_mutex_lock(&fake.lock);
	if (fake.ioctl_fails)
		result = refuse(fake.ioctl_fails);
	else
		result = answer_locked(file, request, argument);
	pthread_mutex_unlock(&fake.lock);
	return result;
}

/* ---- threads ----------------------------------------------------------------------------------- */

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *),
			  void *context)
{
	sigset_t blocked;

	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	fake.born_hearing += !sigismember(&blocked, SIGTERM);
	return __real_pthread_create(thread, how, run, context);
}
