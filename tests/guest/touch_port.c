/* SPDX-License-Identifier: MIT */
/*
 * What somebody may do with registers:
 *
 *	touch_port right ADDRESS	has he a right to it that he has not asked for?
 *	touch_port told FILE		where does the file's port say that they are?
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <openparport/codes.h>
#include <openparport/hosted/parportd_ioctl.h>

struct question {
	struct opp_ioc_control control;
	struct PARALLEL_PORT_INFORMATION answer;
};

static void refused(int signal)
{
	static const char said[] = "refused\n";

	(void)signal;
	_exit(write(STDOUT_FILENO, said, sizeof(said) - 1) < 0);
}

static int right(const char *address)
{
	(void)signal(SIGSEGV, refused);
	(void)inb((unsigned short)strtoul(address, NULL, 0));
	puts("touched");
	return 0;
}

static int told(const char *path)
{
	struct question question = {
		.control = { .code = IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO,
			     .output_bytes = sizeof(question.answer),
			     .major = IRP_MJ_INTERNAL_DEVICE_CONTROL,
			     .pointer_bytes = sizeof(void *) },
	};
	const int file = open(path, O_RDWR);

	if (file < 0 || ioctl(file, OPP_IOC_CONTROL(sizeof(question.answer)), &question) != 0) {
		printf("%s\n", strerror(errno));
		return 1;
	}
	printf("%#jx %u\n", (uintmax_t)(uintptr_t)question.answer.Controller,
	       question.answer.SpanOfController);
	return close(file);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	return strcmp(argv[1], "right") == 0 ? right(argv[2]) : told(argv[2]);
}
