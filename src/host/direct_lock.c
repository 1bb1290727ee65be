/* SPDX-License-Identifier: MIT */
/*
 * Registers of this machine are one process's of ours at a time, and one port's in it.
 *
 * One file stands for all registers, the byte of a register's number for it: a port locks
 * its own (open file description locks, which end with the descriptor), so two that share
 * but one register cannot both have it. Who has them is in the file, too, as a pid at the
 * place of the first one. The kernel's own drivers know nothing of this.
 */
#include "direct.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static struct flock lock_of(uint16_t first, uint16_t count)
{
	return (struct flock){
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = first,
		.l_len = count,
	};
}

static off_t place_of_pid(off_t first)
{
	return first * (off_t)sizeof(pid_t);
}

/* 0: it has gone in the meantime, or is on its way. */
static pid_t holder_of(int file, struct flock lock)
{
	pid_t holder = 0;

	if (fcntl(file, F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
		return 0;
	if (pread(file, &holder, sizeof(holder), place_of_pid(lock.l_start)) != sizeof(holder))
		return 0;
	return holder;
}

static int take(int file, uint16_t first, uint16_t count, pid_t *holder)
{
	struct flock lock = lock_of(first, count);
	const pid_t self = getpid();

	if (fcntl(file, F_OFD_SETLK, &lock) != 0) {
		if (errno != EAGAIN && errno != EACCES)
			return errno;
		*holder = holder_of(file, lock);
		return EBUSY;
	}
	if (pwrite(file, &self, sizeof(self), place_of_pid(first)) != sizeof(self))
		return errno;
	return 0;
}

int opp_direct_lock(const char *path, const struct opp_x86io_range *range, int *file, pid_t *holder)
{
	int failed;

	*file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*file < 0)
		return errno;
	failed = take(*file, range->base, range->count, holder);
	if (!failed && range->ecp_base)
		failed = take(*file, range->ecp_base, OPP_X86IO_ECP_REGISTERS, holder);
	if (failed) {
		(void)close(*file);
		*file = -1;
	}
	return failed;
}
