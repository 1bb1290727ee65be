/* SPDX-License-Identifier: MIT */
/*
 * Prints a file by the library:
 *
 *	library_print NAME FILE
 *
 * NAME is what opp_open() takes. One allocate, one write.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <openparport/hosted/openparport.h>

#define LIFE_S      100
#define PATIENCE_US 20000000u
#define FILE_BYTES  65536

static int failed(const char *what, enum opp_status status)
{
	fprintf(stderr, "library_print: %s: %s\n", what, opp_status_text(status));
	return 1;
}

static int print(struct opp_handle *port, const char *bytes, size_t count)
{
	enum opp_status status = opp_allocate(port, PATIENCE_US);
	size_t sent = 0;

	if (status != OPP_SUCCESS)
		return failed("allocate", status);
	status = opp_write(port, bytes, count, PATIENCE_US, &sent);
	printf("%zu\n", sent);
	if (status != OPP_SUCCESS)
		return failed("write", status);
	status = opp_free(port);
	return status == OPP_SUCCESS ? 0 : failed("free", status);
}

int main(int argc, char **argv)
{
	static char bytes[FILE_BYTES];
	struct opp_handle *port;
	struct opp_error error;
	ssize_t count;
	int code;
	int fd;

	if (argc != 3)
		return 2;
	alarm(LIFE_S);
	fd = open(argv[2], O_RDONLY);
	count = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
	if (count < 0) {
		perror(argv[2]);
		return 1;
	}
	if (opp_open(argv[1], &port, &error) != OPP_SUCCESS) {
		fprintf(stderr, "library_print: %s\n", error.text);
		return 1;
	}
	code = print(port, bytes, (size_t)count);
	opp_close(port);
	return code;
}
