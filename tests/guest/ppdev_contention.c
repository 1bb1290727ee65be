/* SPDX-License-Identifier: MIT */
/*
 * Asks a ppdev port what happens between clients: who gets the port, in which
 * order, and what a signal, a kill, a close and PPEXCL do. One line an answer.
 * Each client is a process that does what the main process tells it, so a
 * client that hangs in the kernel stops nobody else here.
 *
 * "waits" is a call seen asleep in the kernel for a while, whether it should be
 * or not; "gone" is the answer of a client that was killed.
 */
#include "answers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ASLEEP_MS   500   /* this long in one call: it waits */
#define PATIENCE_MS 10000 /* for an answer that comes on every system */
#define CLIENTS     4

enum what { OPEN, CALL, CLOSE };

struct order {
	enum what what;
	int flags;
	unsigned long code;
	unsigned char byte;
};

struct report {
	long result;
	int error;
	unsigned char byte;
};

struct client {
	pid_t pid;
	int orders, reports;
};

static struct client clients[CLIENTS];

static void on_signal(int number)
{
	(void)number;
}

static void serve(int orders, int reports)
{
	struct order order;
	int fd = -1;

	while (read(orders, &order, sizeof(order)) == sizeof(order)) {
		unsigned char bytes[16] = { order.byte };
		struct report report = { 0 };

		errno = 0;
		if (order.what == OPEN)
			report.result = fd = open(node, order.flags);
		else if (order.what == CALL)
			report.result = ioctl(fd, order.code, bytes);
		else
			report.result = close(fd);
		report.error = errno;
		report.byte = bytes[0];
		if (write(reports, &report, sizeof(report)) != sizeof(report))
			break;
	}
	_exit(0);
}

static void start(struct client *client, int signal_flags)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = signal_flags };
	int orders[2], reports[2];

	if (pipe2(orders, O_CLOEXEC) || pipe2(reports, O_CLOEXEC))
		exit(1);
	client->pid = fork();
	if (client->pid == 0) {
		close(orders[1]);
		close(reports[0]);
		sigaction(SIGUSR1, &action, NULL);
		serve(orders[0], reports[1]);
	}
	close(orders[0]);
	close(reports[1]);
	client->orders = orders[1];
	client->reports = reports[0];
}

static void tell(struct client *client, struct order order)
{
	if (write(client->orders, &order, sizeof(order)) != sizeof(order))
		exit(1);
}

/* What came back within the time, as text; errno names and "no answer". */
static const char *hear(struct client *client, int timeout_ms)
{
	struct pollfd look = { .fd = client->reports, .events = POLLIN };
	struct report report;

	if (poll(&look, 1, timeout_ms) != 1)
		return "no answer";
	if (read(client->reports, &report, sizeof(report)) != sizeof(report))
		return "gone";
	errno = report.error;
	return outcome(report.result);
}

static bool asleep_in_call(pid_t pid)
{
	char path[64], text[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	return strtol(text, NULL, 10) == SYS_ioctl && text[0] >= '1' && text[0] <= '9';
}

/* The answer to the last order, or "waits" once the call has slept long enough. */
static const char *hear_or_wait(struct client *client)
{
	const char *said = "no answer";
	int asleep_ms = 0;

	for (int ms = 0; ms < PATIENCE_MS && asleep_ms < ASLEEP_MS; ms += 10) {
		said = hear(client, 10);
		if (strcmp(said, "no answer") != 0)
			return said;
		asleep_ms = asleep_in_call(client->pid) ? asleep_ms + 10 : 0;
	}
	return asleep_ms >= ASLEEP_MS ? "waits" : said;
}

static const char *ask_byte(struct client *client, unsigned long code, unsigned char byte)
{
	static char text[40];
	struct report report = { 0 };
	struct pollfd look = { .fd = client->reports, .events = POLLIN };

	tell(client, (struct order){ .what = CALL, .code = code, .byte = byte });
	if (poll(&look, 1, PATIENCE_MS) != 1)
		return "no answer";
	if (read(client->reports, &report, sizeof(report)) != sizeof(report))
		return "gone";
	errno = report.error;
	snprintf(text, sizeof(text), "%s %02x", outcome(report.result), report.byte);
	return text;
}

static const char *ask(struct client *client, unsigned long code)
{
	tell(client, (struct order){ .what = CALL, .code = code });
	return hear_or_wait(client);
}

static void shut(struct client *client)
{
	tell(client, (struct order){ .what = CLOSE });
	hear(client, PATIENCE_MS);
}

static void open_with(struct client *client, int flags, int signal_flags)
{
	start(client, signal_flags);
	tell(client, (struct order){ .what = OPEN, .flags = flags });
	if (strcmp(hear(client, PATIENCE_MS), "no answer") == 0)
		exit(1);
}

/* Starts the first COUNT clients, each with the port open. */
static void begin(int count)
{
	for (int i = 0; i < count; i++)
		open_with(&clients[i], O_RDWR, 0);
}

static void end(void)
{
	for (int i = 0; i < CLIENTS; i++)
		if (clients[i].pid)
			kill(clients[i].pid, SIGKILL);
	for (int i = 0; i < CLIENTS; i++) {
		if (!clients[i].pid)
			continue;
		waitpid(clients[i].pid, NULL, 0);
		close(clients[i].orders);
		close(clients[i].reports);
		clients[i] = (struct client){ 0 };
	}
}

static struct client *const a = &clients[0], *const b = &clients[1], *const c = &clients[2],
			    *const d = &clients[3];

static void hand_over_by_close(void)
{
	begin(2);
	answer("close: A claims = %s", ask(a, PPCLAIM));
	answer("close: B claims = %s", ask(b, PPCLAIM));
	shut(a);
	answer("close: A closes, B = %s", hear(b, PATIENCE_MS));
	answer("close: B's control = %s", ask_byte(b, PPRCONTROL, 0));
	end();
}

static void hand_over_by_kill(void)
{
	begin(2);
	ask(a, PPCLAIM);
	answer("kill: B claims = %s", ask(b, PPCLAIM));
	kill(a->pid, SIGKILL);
	answer("kill: A is killed, B = %s", hear(b, PATIENCE_MS));
	answer("kill: B releases = %s", ask(b, PPRELEASE));
	end();
}

static void hand_over_by_release(void)
{
	begin(2);
	ask(a, PPCLAIM);
	answer("release: B claims = %s", ask(b, PPCLAIM));
	tell(a, (struct order){ .what = CALL, .code = PPRELEASE });
	answer("release: A releases = %s", hear_or_wait(a));
	answer("release: then B = %s", hear_or_wait(b));
	end();
}

static void others_while_one_waits(void)
{
	static const struct {
		const char *name;
		unsigned long code;
	} calls[] = {
		{ "PPWDATA", PPWDATA },
		{ "PPGETMODE", PPGETMODE },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		begin(2);
		ask(a, PPCLAIM);
		ask(b, PPCLAIM);
		tell(a, (struct order){ .what = CALL, .code = calls[i].code });
		answer("while B waits: holder's %s = %s", calls[i].name, hear_or_wait(a));
		end();
	}
	begin(3);
	ask(a, PPCLAIM);
	ask(b, PPCLAIM);
	tell(c, (struct order){ .what = CALL, .code = PPGETMODE });
	answer("while B waits: a third client's PPGETMODE = %s", hear_or_wait(c));
	end();
}

static void arrival_order(void)
{
	begin(4);
	ask(a, PPCLAIM);
	answer("order: B claims = %s", ask(b, PPCLAIM));
	answer("order: C claims = %s", ask(c, PPCLAIM));
	answer("order: D claims = %s", ask(d, PPCLAIM));
	shut(a);
	answer("order: A closes, B = %s", hear(b, PATIENCE_MS));
	answer("order: meanwhile C = %s", hear_or_wait(c));
	shut(b);
	answer("order: B closes, C = %s", hear(c, PATIENCE_MS));
	answer("order: meanwhile D = %s", hear_or_wait(d));
	shut(c);
	answer("order: C closes, D = %s", hear(d, PATIENCE_MS));
	end();
}

static void signalled_waiter(const char *name, int signal_flags)
{
	open_with(a, O_RDWR, 0);
	open_with(b, O_RDWR, signal_flags);
	ask(a, PPCLAIM);
	answer("signal%s: B claims = %s", name, ask(b, PPCLAIM));
	kill(b->pid, SIGUSR1);
	answer("signal%s: B is signalled = %s", name, hear(b, PATIENCE_MS));
	answer("signal%s: A still holds, control = %s", name, ask_byte(a, PPRCONTROL, 0));
	answer("signal%s: B holds nothing = %s", name, ask(b, PPRELEASE));
	answer("signal%s: A releases = %s", name, ask(a, PPRELEASE));
	answer("signal%s: B claims again = %s", name, ask(b, PPCLAIM));
	end();
}

static void killed_waiter(void)
{
	begin(3);
	ask(a, PPCLAIM);
	ask(b, PPCLAIM);
	answer("killed waiter: C claims behind B = %s", ask(c, PPCLAIM));
	kill(b->pid, SIGKILL);
	answer("killed waiter: B = %s", hear(b, PATIENCE_MS));
	answer("killed waiter: C = %s", hear_or_wait(c));
	shut(a);
	answer("killed waiter: A closes, C = %s", hear(c, PATIENCE_MS));
	end();
}

static void claim_without_waiting(void)
{
	open_with(a, O_RDWR | O_NONBLOCK, 0);
	open_with(b, O_RDWR | O_NONBLOCK, 0);
	answer("O_NONBLOCK: claim of a free port = %s", ask(a, PPCLAIM));
	answer("O_NONBLOCK: claim of a held port = %s", ask(b, PPCLAIM));
	end();
}

static void yield_to_waiter(void)
{
	begin(2);
	ask(a, PPCLAIM);
	ask(b, PPCLAIM);
	tell(a, (struct order){ .what = CALL, .code = PPYIELD });
	answer("yield: B waited, now = %s", hear_or_wait(b));
	answer("yield: A yields = %s", hear_or_wait(a));
	kill(b->pid, SIGKILL);
	answer("yield: B is killed, A = %s", hear(a, PATIENCE_MS));
	end();
}

static void exclusive_newcomer(const char *name, bool holds, bool holder_exclusive)
{
	begin(2);
	if (holder_exclusive)
		ask(a, PPEXCL);
	ask(a, PPCLAIM);
	if (!holds)
		ask(a, PPRELEASE);
	if (!holder_exclusive)
		ask(b, PPEXCL);
	answer("exclusive, %s: B claims = %s", name, ask(b, PPCLAIM));
	answer("exclusive, %s: and again = %s", name, ask(b, PPCLAIM));
	shut(a);
	answer("exclusive, %s: A closed, B claims = %s", name, ask(b, PPCLAIM));
	end();
}

static void exclusive_without_claim(void)
{
	begin(2);
	ask(b, PPEXCL);
	answer("exclusive, A only open: B claims = %s", ask(b, PPCLAIM));
	answer("exclusive, A only open: then A claims = %s", ask(a, PPCLAIM));
	end();
	begin(2);
	ask(a, PPEXCL);
	answer("exclusive, A only asked for it: B claims = %s", ask(b, PPCLAIM));
	answer("exclusive, A only asked for it: A claims = %s", ask(a, PPCLAIM));
	ask(b, PPRELEASE);
	answer("exclusive, A only asked for it: B released, A claims = %s", ask(a, PPCLAIM));
	shut(b);
	answer("exclusive, A only asked for it: B closed, A claims = %s", ask(a, PPCLAIM));
	end();
}

static void lines_of_each_client(void)
{
	begin(2);
	ask(a, PPCLAIM);
	ask_byte(a, PPWCONTROL, 0x06);
	ask_byte(a, PPWDATA, 0x11);
	ask(a, PPRELEASE);
	ask(b, PPCLAIM);
	answer("lines: B starts with control = %s", ask_byte(b, PPRCONTROL, 0));
	ask_byte(b, PPWCONTROL, 0x0e);
	ask_byte(b, PPWDATA, 0x22);
	ask(b, PPRELEASE);
	ask(a, PPCLAIM);
	answer("lines: A finds its control = %s", ask_byte(a, PPRCONTROL, 0));
	answer("lines: A finds B's data = %s", ask_byte(a, PPRDATA, 0));
	ask(a, PPRELEASE);
	ask(b, PPCLAIM);
	answer("lines: B finds its control = %s", ask_byte(b, PPRCONTROL, 0));
	end();
}

static void inherited_file(void)
{
	pid_t child;
	int fd;

	begin(2);
	fd = claimed();
	child = fork();
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	answer("inherited: a child with the file has ended, B claims = %s", ask(b, PPCLAIM));
	close(fd);
	answer("inherited: the last copy is closed, B = %s", hear(b, PATIENCE_MS));
	end();
}

int main(int argc, char **argv)
{
	start_asking(argc, argv, 100);
	signal(SIGPIPE, SIG_IGN);
	hand_over_by_close();
	hand_over_by_kill();
	hand_over_by_release();
	others_while_one_waits();
	arrival_order();
	signalled_waiter("", 0);
	signalled_waiter(" with SA_RESTART", SA_RESTART);
	killed_waiter();
	claim_without_waiting();
	yield_to_waiter();
	exclusive_newcomer("A holds", true, false);
	exclusive_newcomer("A has released", false, false);
	exclusive_newcomer("A holds exclusively", true, true);
	exclusive_newcomer("A has released an exclusive claim", false, true);
	exclusive_without_claim();
	lines_of_each_client();
	inherited_file();
	return 0;
}
