/* SPDX-License-Identifier: MIT */
/*
 * The hardware contract over a file of <linux/ppdev.h>: lines, EPP and bulk.
 *
 * Lines are inverted here as a PC's registers have them, which is what the ioctls
 * speak. Only what the file's own write() and read() cannot get wrong is left to them:
 * cycles of EPP hardware, and bytes of compatibility mode as long as nobody else could be
 * given the port meanwhile (docs/decisions/0028-a-port-that-linux-lends.md).
 *
 * A file that has failed is asked no more: every status line is high then.
 */
#include "ppdev.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/parport.h>
#include <linux/ppdev.h>

#include <openparport/wire.h>

#include "system.h"

#define STATUS_INVERTED  PARPORT_STATUS_BUSY
#define CONTROL_INVERTED (PARPORT_CONTROL_STROBE | PARPORT_CONTROL_AUTOFD | PARPORT_CONTROL_SELECT)

/* A system call and an access to a register: no bus of such a port does it in less. */
#define ACCESS_NS 500u

/* What a byte in compatibility mode takes of them. */
#define ACCESSES_A_BYTE 4u

/*
 * Bytes of one write(). Linux naps for 10 to 12 ms over each byte that takes longer than
 * PROMPT_NS and sends it then, so a chunk in which a printer turns slow lasts 0.1 s.
 */
#define CHUNK_MOST 8u
#define PROMPT_NS  UINT64_C(500000)

/* So long write() follows write() without a look at the lines. */
#define RUN_NS UINT64_C(2000000)

/* The most Linux's ppdev moves at once. */
#define EPP_MOST 1024u

static void order(struct opp_backend_ppdev *backend, unsigned long request, void *argument)
{
	backend->hw.accesses++;
	if (backend->file < 0 || backend->silent)
		return;
	if (opp_lent_order(backend->file, request, argument) != 0)
		opp_lent_failed(backend);
}

/* ---- lines ------------------------------------------------------------------------------- */

static uint8_t raw_read_status(struct opp_hw *hw)
{
	struct opp_backend_ppdev *backend = opp_lent_of(hw);
	uint8_t status = OPP_STATUS_LINES ^ STATUS_INVERTED;

	order(backend, PPRSTATUS, &status);
	return backend->silent ? OPP_STATUS_LINES ^ STATUS_INVERTED : status;
}

static uint8_t read_status(struct opp_hw *hw)
{
	return (raw_read_status(hw) ^ STATUS_INVERTED) & OPP_STATUS_LINES;
}

static uint8_t read_data(struct opp_hw *hw)
{
	uint8_t byte = 0xff;

	order(opp_lent_of(hw), PPRDATA, &byte);
	return byte;
}

static void write_data(struct opp_hw *hw, uint8_t byte)
{
	order(opp_lent_of(hw), PPWDATA, &byte);
}

static uint8_t read_control(struct opp_hw *hw)
{
	return opp_lent_of(hw)->control;
}

static void write_control(struct opp_hw *hw, uint8_t mask, uint8_t levels)
{
	struct opp_backend_ppdev *backend = opp_lent_of(hw);
	uint8_t bits;

	backend->control = (uint8_t)((backend->control & ~mask) | (levels & mask));
	bits = backend->control ^ CONTROL_INVERTED;
	order(backend, PPWCONTROL, &bits);
}

static uint8_t raw_read_control(struct opp_hw *hw)
{
	return read_control(hw) ^ CONTROL_INVERTED;
}

static void raw_write_control(struct opp_hw *hw, uint8_t bits)
{
	write_control(hw, OPP_CONTROL_LINES, bits ^ CONTROL_INVERTED);
}

static void set_reverse(struct opp_hw *hw, bool reverse)
{
	struct opp_backend_ppdev *backend = opp_lent_of(hw);
	int direction = reverse;

	if (reverse == backend->reverse || !(hw->capabilities & OPP_HW_CAN_REVERSE))
		return;
	backend->reverse = reverse;
	order(backend, PPDATADIR, &direction);
}

static bool is_reverse(struct opp_hw *hw)
{
	return opp_lent_of(hw)->reverse;
}

/* ---- what the file moves itself ------------------------------------------------------------ */

/* It shall do what we do, or nothing of its own. */
static void set_mode(struct opp_backend_ppdev *backend, int mode)
{
	if (mode == backend->mode)
		return;
	backend->mode = mode;
	order(backend, PPSETMODE, &mode);
}

static enum opp_status set_chip_mode(struct opp_hw *hw, enum opp_chip_mode mode)
{
	set_mode(opp_lent_of(hw), IEEE1284_MODE_COMPAT);
	return mode == OPP_CHIP_SPP ? OPP_SUCCESS : OPP_NO_SUCH_DEVICE;
}

/* Less than was asked for is what it is; nothing at all may be said by an error. */
static size_t moved(struct opp_backend_ppdev *backend, ssize_t bytes)
{
	if (bytes >= 0)
		return (size_t)bytes;
	if (errno != EAGAIN && errno != EINTR)
		opp_lent_failed(backend);
	return 0;
}

static void epp_start(struct opp_hw *hw, bool reverse)
{
	write_control(hw, OPP_CONTROL_LINES, OPP_CONTROL_LINES);
	set_reverse(hw, reverse);
}

static void epp_begin(struct opp_backend_ppdev *backend, enum opp_epp_cycle cycle, size_t *length)
{
	set_mode(backend, IEEE1284_MODE_EPP | (cycle == OPP_EPP_ADDRESS ? IEEE1284_ADDR : 0));
	if (*length > EPP_MOST)
		*length = EPP_MOST;
	backend->hw.accesses += *length;
}

static size_t epp_write(struct opp_hw *hw, enum opp_epp_cycle cycle, const uint8_t *bytes,
			size_t length, uint32_t width)
{
	struct opp_backend_ppdev *backend = opp_lent_of(hw);

	(void)width;
	epp_begin(backend, cycle, &length);
	return backend->silent ? 0 : moved(backend, write(backend->file, bytes, length));
}

static size_t epp_read(struct opp_hw *hw, enum opp_epp_cycle cycle, uint8_t *bytes, size_t length,
		       uint32_t width)
{
	struct opp_backend_ppdev *backend = opp_lent_of(hw);

	(void)width;
	epp_begin(backend, cycle, &length);
	return backend->silent ? 0 : moved(backend, read(backend->file, bytes, length));
}

static void epp_stop(struct opp_hw *hw)
{
	set_mode(opp_lent_of(hw), IEEE1284_MODE_COMPAT);
	if (is_reverse(hw)) {
		write_control(hw, OPP_CONTROL_LINES, OPP_CONTROL_LINES);
		set_reverse(hw, false);
	}
}

static void block_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, before);
}

/*
 * One byte at a time wherever the last chunk was slow or the printer had to be waited for:
 * the wait is ours then, and finer than Linux's.
 */
static size_t next_chunk(size_t bytes, bool was_prompt)
{
	if (!was_prompt)
		return 1;
	return bytes * 2 < CHUNK_MOST ? bytes * 2 : CHUNK_MOST;
}

static size_t write_run(struct opp_backend_ppdev *backend, const uint8_t *bytes, size_t length)
{
	const uint64_t run_ns = opp_lent_now_ns();
	uint64_t began_ns = run_ns;
	bool is_prompt = began_ns - backend->bulk_ended_ns <= PROMPT_NS;
	size_t sent = 0, chunk, taken;

	do {
		backend->bulk_bytes = next_chunk(backend->bulk_bytes, is_prompt);
		chunk = length - sent < backend->bulk_bytes ? length - sent : backend->bulk_bytes;
		taken = moved(backend, write(backend->file, bytes + sent, chunk));
		sent += taken;
		backend->bulk_ended_ns = opp_lent_now_ns();
		is_prompt = backend->bulk_ended_ns - began_ns <= chunk * PROMPT_NS;
		began_ns = backend->bulk_ended_ns;
	} while (is_prompt && taken == chunk && sent < length && began_ns - run_ns < RUN_NS);
	if (!is_prompt)
		backend->bulk_ended_ns = 0;
	return sent;
}

/* A signal would make Linux's write() give the port to whoever waits for it. */
static size_t bulk_write(struct opp_hw *hw, const uint8_t *bytes, size_t length)
{
	struct opp_backend_ppdev *backend = opp_lent_of(hw);
	sigset_t before;
	size_t sent;

	if (backend->silent || !opp_lent_is_alone(&backend->place))
		return 0;
	block_signals(&before);
	sent = write_run(backend, bytes, length);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	hw->accesses += sent * ACCESSES_A_BYTE;
	return sent;
}

static const struct opp_hw_ops ops = {
	.claim = opp_lent_claim,
	.unclaim = opp_lent_unclaim,
	.read_status = read_status,
	.read_data = read_data,
	.write_data = write_data,
	.read_control = read_control,
	.write_control = write_control,
	.set_reverse = set_reverse,
	.is_reverse = is_reverse,
	.enable_interrupt = opp_lent_enable_interrupt,
	.raw_read_status = raw_read_status,
	.raw_read_control = raw_read_control,
	.raw_write_control = raw_write_control,
	.set_chip_mode = set_chip_mode,
	.epp_start = epp_start,
	.epp_write = epp_write,
	.epp_read = epp_read,
	.epp_stop = epp_stop,
	.bulk_write = bulk_write,
};

/* ---- its life ------------------------------------------------------------------------------- */

/*
 * With an interrupt Linux's port is no good at bulk: each byte's wakes our thread, and whenever
 * somebody wants its processor Linux naps for 10 ms over a byte that is not taken at once.
 */
static uint32_t capabilities(const struct opp_backend_ppdev *backend, int modes)
{
	const bool is_linux = backend->place.is_linux;

	return OPP_HW_CAN_COMPAT | OPP_HW_IS_LENT |
	       (modes & PARPORT_MODE_TRISTATE ? OPP_HW_CAN_REVERSE : 0) |
	       (modes & PARPORT_MODE_EPP ? OPP_HW_CAN_EPP : 0) |
	       (!is_linux || backend->irq == -1 ? OPP_HW_CAN_BULK : 0) |
	       (!is_linux || backend->irq > 0 ? OPP_HW_CAN_INTERRUPT : 0);
}

static enum opp_status status_of(int failed)
{
	switch (failed) {
	case 0: return OPP_SUCCESS;
	case EACCES:
	case EPERM: return OPP_ACCESS_DENIED;
	case EINVAL:
	case EISDIR:
	case ENOTTY: return OPP_INVALID_PARAMETER;
	case EBUSY: return OPP_DEVICE_BUSY;
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EAGAIN: return OPP_INSUFFICIENT_RESOURCES;
	default: return OPP_NO_SUCH_DEVICE;
	}
}

/* Returns 0 or an errno. */
static int identify(struct opp_backend_ppdev *backend, const char *path)
{
	const int file = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	int failed = 0;
	int modes = 0;

	if (file < 0)
		return errno;
	backend->place = opp_lent_locate(path, file);
	if (backend->place.is_linux)
		modes = opp_lent_modes(&backend->place);
	else
		failed = opp_lent_order(file, PPGETMODES, &modes);
	(void)close(file);
	backend->irq = backend->place.is_linux ? opp_lent_irq(&backend->place) : -1;
	backend->hw.capabilities = capabilities(backend, modes);
	return failed;
}

/* Deaf from its first moment on: no handler of the program's runs there. */
static int create_thread(struct opp_backend_ppdev *backend)
{
	sigset_t before;
	int failed;

	block_signals(&before);
	failed = pthread_create(&backend->thread, NULL, opp_lent_thread, backend);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

static int start(struct opp_backend_ppdev *backend)
{
	int failed;

	backend->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (backend->bell < 0)
		return errno;
	pthread_mutex_init(&backend->lock, NULL);
	pthread_cond_init(&backend->answered, NULL);
	failed = create_thread(backend);
	if (failed == 0) {
		pthread_mutex_lock(&backend->lock);
		while (backend->started < 0)
			pthread_cond_wait(&backend->answered, &backend->lock);
		failed = backend->started;
		pthread_mutex_unlock(&backend->lock);
		if (failed)
			pthread_join(backend->thread, NULL);
	}
	if (failed)
		(void)close(backend->bell);
	return failed;
}

static bool is_hidden(const struct opp_backend_ppdev *backend)
{
	char user[OPP_LENT_USER_BYTES];

	return backend->place.is_linux && opp_lent_use(&backend->place, user) == OPP_LENT_HIDDEN;
}

enum opp_status opp_backend_ppdev_open(struct opp_backend_ppdev *backend, const char *path,
				       bool share, const struct opp_env *env,
				       void (*woken)(void *context), void *context, int *failed)
{
	*backend = (struct opp_backend_ppdev){
		.hw = { .ops = &ops, .env = env, .access_ns = ACCESS_NS },
		.woken = woken,
		.woken_context = context,
		.file = -1,
		.claimed = -1,
		.asked = -1,
		.started = -1,
	};
	*failed = identify(backend, path);
	backend->alone = backend->place.is_linux && backend->irq != -1 && !share;
	if (*failed == 0 && is_hidden(backend))
		return OPP_ACCESS_DENIED;
	if (*failed == 0)
		*failed = start(backend);
	return status_of(*failed);
}

void opp_backend_ppdev_close(struct opp_backend_ppdev *backend)
{
	opp_lent_unclaim(&backend->hw);
	opp_lent_stop(backend);
	pthread_join(backend->thread, NULL);
	(void)close(backend->bell);
	opp_lent_forget(&backend->place);
	pthread_mutex_destroy(&backend->lock);
	pthread_cond_destroy(&backend->answered);
}
