/* SPDX-License-Identifier: MIT */
/*
 * See names.h. A directory is covered by an empty one, into which all that was in the old
 * one is bound again; the old one is still reached by a descriptor of it.
 */
#include "names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli.h"

#define DEV      "/dev"
#define PROC_DEV "/proc/sys/dev"
#define PROC_OLD "/proc/parport"

#define DESCRIPTOR_BYTES 64
#define ADDRESS_BYTES    16

static int fail(const char *what, const char *which)
{
	return cli_fail(OPP_UNSUCCESSFUL, "cannot %s %s: %s", what, which, strerror(errno));
}

/* ---- namespaces ------------------------------------------------------------------------ */

static bool write_text(const char *path, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool write_text(const char *path, const char *format, ...)
{
	FILE *file = fopen(path, "we");
	va_list arguments;
	bool good;

	if (!file)
		return false;
	va_start(arguments, format);
	good = vfprintf(file, format, arguments) >= 0;
	va_end(arguments);
	return fclose(file) == 0 && good;
}

static int explain_user_namespace(void)
{
	return cli_fail(OPP_ACCESS_DENIED,
			"this kernel gives no namespaces to ordinary users (%s): run as root, or "
			"look at sysctl kernel.unprivileged_userns_clone, user.max_user_namespaces "
			"and kernel.apparmor_restrict_unprivileged_userns; in a chroot nobody gets "
			"one, and a container may forbid them",
			strerror(errno));
}

/* The user stays who he is. */
static int enter_user_namespace(void)
{
	const unsigned int user = geteuid();
	const unsigned int group = getegid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return explain_user_namespace();
	if (!write_text("/proc/self/setgroups", "deny") ||
	    !write_text("/proc/self/uid_map", "%u %u 1", user, user) ||
	    !write_text("/proc/self/gid_map", "%u %u 1", group, group))
		return explain_user_namespace();
	return 0;
}

static int enter_namespace(void)
{
	if (unshare(CLONE_NEWNS) != 0) {
		const int code = errno == EPERM ? enter_user_namespace()
						: fail("enter", "a mount namespace");

		if (code)
			return code;
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0)
		return fail("keep to ourselves the mounts below", "/");
	return 0;
}

/* ---- a directory with more in it ------------------------------------------------------------ */

/* What somebody's own names would hide, if it were bound. */
static bool is_ours(const char *name)
{
	const char *digits = name;

	if (strcmp(name, "parport") == 0)
		return true;
	if (strncmp(name, "parport", 7) == 0)
		digits = name + 7;
	else if (strncmp(name, "lp", 2) == 0)
		digits = name + 2;
	return digits != name && *digits && digits[strspn(digits, "0123456789")] == '\0';
}

static int bind_again(const char *old, const char *directory, const char *name, mode_t type)
{
	char from[PATH_MAX], to[PATH_MAX], target[PATH_MAX];
	ssize_t length;
	int made;

	snprintf(from, sizeof(from), "%s/%s", old, name);
	snprintf(to, sizeof(to), "%s/%s", directory, name);
	if (S_ISLNK(type)) {
		length = readlink(from, target, sizeof(target) - 1);
		if (length < 0)
			return fail("read", name);
		target[length] = '\0';
		return symlink(target, to) == 0 ? 0 : fail("make", to);
	}
	made = S_ISDIR(type) ? mkdir(to, 0755) : mknod(to, S_IFREG | 0600, 0);
	if (made != 0)
		return fail("make", to);
	return mount(from, to, NULL, MS_BIND | MS_REC, NULL) == 0 ? 0 : fail("bind", to);
}

static int bind_all_again(int old_fd, const char *directory)
{
	char old[DESCRIPTOR_BYTES];
	struct dirent *entry;
	struct stat about;
	int code = 0;
	DIR *stream;

	snprintf(old, sizeof(old), "/proc/self/fd/%d", old_fd);
	stream = opendir(old);
	if (!stream)
		return fail("read", directory);
	while (!code && (entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    is_ours(entry->d_name))
			continue;
		if (fstatat(old_fd, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0)
			code = bind_again(old, directory, entry->d_name, about.st_mode);
	}
	closedir(stream);
	return code;
}

static int cover(const char *directory)
{
	const int old_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int code;

	if (old_fd < 0)
		return fail("open", directory);
	if (mount("parport", directory, "tmpfs", MS_NOSUID, "mode=0755") != 0)
		code = fail("cover", directory);
	else
		code = bind_all_again(old_fd, directory);
	close(old_fd);
	return code;
}

/* ---- what is added ----------------------------------------------------------------------------- */

static int add_link(const char *target, const char *name, size_t place)
{
	char path[DESCRIPTOR_BYTES];

	snprintf(path, sizeof(path), "%s%zu", name, place);
	return symlink(target, path) == 0 ? 0 : fail("make", path);
}

static int add_value(const char *directory, const char *name, const char *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return write_text(path, "%s\n", text) ? 0 : fail("write", path);
}

const uint16_t cli_addresses[CLI_ADDRESSES] = { 0x378, 0x278, 0x3bc };

/* "888<tab>1912": that of the chip, and where it has them that of the ECP registers, or 0. */
static const char *address_text(const struct cli_named *named, size_t place,
				char text[ADDRESS_BYTES])
{
	const unsigned int base = place < CLI_ADDRESSES ? cli_addresses[place] : 0;

	snprintf(text, ADDRESS_BYTES, "%u\t%u", base, base && named->has_ecp ? base + 0x400 : 0);
	return text;
}

static int add_values(const struct cli_named *named, size_t place)
{
	char directory[DESCRIPTOR_BYTES], address[ADDRESS_BYTES];
	const struct {
		const char *name;
		const char *text;
	} values[] = {
		{ "base-addr", address_text(named, place, address) },
		{ "irq", "-1" },
		{ "dma", "-1" },
		{ "modes", named->modes },
	};
	int code = 0;

	snprintf(directory, sizeof(directory), PROC_DEV "/parport/parport%zu", place);
	if (mkdir(directory, 0755) != 0)
		return fail("make", directory);
	for (size_t i = 0; !code && i < sizeof(values) / sizeof(values[0]); i++)
		code = add_value(directory, values[i].name, values[i].text);
	return code;
}

static int add_old_values(size_t count)
{
	char directory[DESCRIPTOR_BYTES];

	if (access(PROC_OLD, F_OK) != 0)
		return 0;
	if (mount("parport", PROC_OLD, "tmpfs", MS_NOSUID, "mode=0755") != 0)
		return fail("cover", PROC_OLD);
	for (size_t place = 0; place < count; place++) {
		snprintf(directory, sizeof(directory), PROC_OLD "/%zu", place);
		if (mkdir(directory, 0755) != 0)
			return fail("make", directory);
	}
	return 0;
}

static int add(const struct cli_named *named, size_t count)
{
	int code = 0;

	if (mkdir(PROC_DEV "/parport", 0755) != 0)
		return fail("make", PROC_DEV "/parport");
	for (size_t place = 0; !code && place < count; place++) {
		code = add_link(named[place].parport, DEV "/parport", place);
		if (!code)
			code = add_link(named[place].lp, DEV "/lp", place);
		if (!code)
			code = add_values(&named[place], place);
	}
	return code ? code : add_old_values(count);
}

/* ---- what is taken away -------------------------------------------------------------------------- */

/*
 * Otherwise a program that prefers registers when it may would drive what is really at the
 * addresses above, past the service.
 */
static int give_up_registers(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
	const uint32_t others = ~CAP_TO_MASK(CAP_SYS_RAWIO);

	if (syscall(SYS_capget, &head, sets) != 0 || prctl(PR_CAPBSET_DROP, CAP_SYS_RAWIO) != 0)
		return fail("take from the program", "CAP_SYS_RAWIO");
	sets[0].effective &= others;
	sets[0].permitted &= others;
	sets[0].inheritable &= others;
	return syscall(SYS_capset, &head, sets) == 0 ? 0 : fail("give up", "CAP_SYS_RAWIO");
}

int cli_names_make(const struct cli_named *named, size_t count)
{
	char *here = getcwd(NULL, 0);
	int code = enter_namespace();

	if (!code)
		code = cover(DEV);
	if (!code)
		code = cover(PROC_DEV);
	if (!code)
		code = add(named, count);
	if (!code)
		code = give_up_registers();
	/* Its name may lead to what covers it. */
	if (!code && here && chdir(here) != 0)
		cli_say("the program is not in %s, but in what is below it: %s", here,
			strerror(errno));
	free(here);
	return code;
}
