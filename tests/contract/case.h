/* SPDX-License-Identifier: MIT */
/*
 * What a contract case is written against: requests, callbacks and interrupts
 * of one port, as its clients see them. A runner supplies the functions below;
 * the cases name neither an operating system nor a test library, so that they
 * run natively and later as a kernel client. What runner checks by itself
 * stands with the runner.
 */
#ifndef OPENPARPORT_TESTS_CASE_H
#define OPENPARPORT_TESTS_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openparport/codes.h>

/* Files a case may open, and "no file". */
#define RIG_FILES 4
#define NO_FILE   (-1)

/* What a case needs of its port, beside being plain SPP with an interrupt. */
enum case_needs {
	NEEDS_CONNECT = 1 << 0,      /* CONNECT_INTERRUPT is enabled */
	NEEDS_NO_INTERRUPT = 1 << 1, /* and no interrupt, enabled or not */
	NEEDS_EPP = 1 << 2,
	NEEDS_SECOND_PORT = 1 << 3,
	NEEDS_ECP = 1 << 4,   /* an ECP chip: data lines both ways, a FIFO of 16 words of 8 bits */
	NEEDS_CHAIN = 1 << 5, /* two daisy devices and one at the end of the chain */
	NEEDS_FOUR = 1 << 6,  /* with NEEDS_CHAIN: four, as the port is configured for */
	NEEDS_DEVICES = 1 << 7, /* all of them DEVICE_FULL, and looked for */
	NEEDS_LENDING = 1 << 8, /* a port that its system lends (native rig) */
};

/* Places of devices: 0 .. 3 in the chain, its end, and the raw one. */
#define END_DEVICE   4
#define RAW_DEVICE   0xff
#define MOST_DEVICES 6

/* What stands at a place. */
enum device_kind {
	DEVICE_PLAIN,  /* a Centronics printer */
	DEVICE_FULL,   /* nibble, byte, ECP and EPP mode, and an id */
	DEVICE_NIBBLE, /* nibble mode and an id */
	DEVICE_SILENT, /* nibble mode, no id */
	DEVICE_BAD_ID, /* nibble mode, an id whose length is nonsense */
};

enum device_trouble {
	TROUBLE_NONE,
	TROUBLE_PAPER,
	TROUBLE_OFF_LINE,
	TROUBLE_ERROR, /* another one */
	TROUBLE_POWER,
};

/* The mode that a device of the chain is in. */
enum device_mode {
	IN_COMPATIBILITY,
	IN_NIBBLE_OR_BYTE,
	IN_ECP,
	IN_EPP,
	IN_BETWEEN,
};

#define ROOM_FOR_ALL UINT32_MAX

/* What is wrong with the adapters of the chain. */
enum chain_health {
	CHAIN_SOUND,
	CHAIN_REFUSES, /* they listen, and no device lets itself be selected */
	CHAIN_GONE,    /* nobody listens */
};

#define END_OF_CHAIN 0xff

struct rig; /* a port under test, its files closed */

struct contract_case {
	const char *name;
	void (*run)(struct rig *rig);
	uint32_t needs; /* enum case_needs */
};

struct case_table {
	const struct contract_case *cases;
	size_t count;
};

/*
 * One request and what became of it. All zero but what is set. A case may
 * return before its requests have ended: closing its files ends them.
 */
struct call {
	uint8_t major;
	uint32_t code;
	int file; /* 0 .. RIG_FILES - 1, or NO_FILE */
	bool to_device;
	uint8_t place; /* of that */
	int64_t byte_offset;
	uint32_t information_class;
	bool as_directory;
	void *buffer;
	uint32_t input_bytes;
	uint32_t output_bytes;
	bool cancelled; /* before it is sent */
	void (*completed)(struct rig *rig, struct call *call);

	int32_t returned; /* by the dispatch: final, or PENDING */
	bool done;
	int32_t status;
	uint32_t information;
	uint32_t order; /* 1, 2, ...: place among all requests of the port that ended */
	void *slot;     /* the runner's */
};

/* ---- the runner ---------------------------------------------------------------- */

void rig_submit(struct rig *rig, struct call *call);
void rig_cancel(struct rig *rig, struct call *call);

/* The port's interrupt fires; returns whether it was handled. */
bool rig_interrupt(struct rig *rig);

/* Lets what was put off happen: from interrupt level, and by the port's worker. */
void rig_settle(struct rig *rig);

/* Time goes by, and the port's worker does what is due. */
void rig_pass_ms(struct rig *rig, uint32_t ms);

/* From now on the chain is like this; @devices: how many there are. */
void rig_change_chain(struct rig *rig, uint32_t devices, enum chain_health health);

/* Every adapter of the chain forgets its ID, as after a reset. */
void rig_forget_addresses(struct rig *rig);

/* Which device the port's lines reach now: an ID, or END_OF_CHAIN. */
uint8_t rig_selected(struct rig *rig);

/* The mode field of the chip's ECR. */
uint8_t rig_chip_mode(struct rig *rig);

/* PPT_*: what the chip can do beyond what the case needs. */
uint32_t rig_spare_capabilities(struct rig *rig);

/* The hardware goes (@surprise), or has gone for good. */
void rig_remove(struct rig *rig, bool surprise);

/*
 * The port leaves D0. What runs on the wire has come to its end when this returns; then
 * chip, adapters and devices lose their power, and nobody touches them until rig_resume.
 * There the port is back in D0: the chip's registers are as hardware resets them, no
 * adapter has an address, the devices are in compatibility mode; the port's worker has
 * perhaps not looked at it yet (rig_settle).
 */
void rig_suspend(struct rig *rig);
void rig_resume(struct rig *rig);

struct PARPORT_WMI_ALLOC_FREE_COUNTS rig_counters(struct rig *rig);

/* @days go by at once. */
void rig_pass_days(struct rig *rig, uint32_t days);

/* From here to the matching lower, the caller runs at DISPATCH_LEVEL. */
void rig_raise(struct rig *rig);
void rig_lower(struct rig *rig);

/* Called first by a client's deferred routine: no lock may be held. */
void rig_in_routine(struct rig *rig);

struct rig *rig_second(struct rig *rig);

/* ---- the devices of the chain; @place: not RAW_DEVICE ---------------------------- */

/* From now on that one stands at @place. */
void rig_plug(struct rig *rig, uint8_t place, enum device_kind kind);
void rig_unplug(struct rig *rig, uint8_t place);
void rig_trouble(struct rig *rig, uint8_t place, enum device_trouble trouble);

/* It takes @bytes more, then none until this is called again. */
void rig_room(struct rig *rig, uint8_t place, uint32_t bytes);

/* What it says when it is read. @bytes live as long as the case. */
void rig_say(struct rig *rig, uint8_t place, const void *bytes, uint32_t count);

/* What it was told since the last time: copied, counted. */
uint32_t rig_heard(struct rig *rig, uint8_t place, void *bytes, uint32_t room);

/* The channel or address it was told last. */
uint8_t rig_address(struct rig *rig, uint8_t place);

enum device_mode rig_mode(struct rig *rig, uint8_t place);

/* How often the port's hardware was touched. */
uint64_t rig_accesses(struct rig *rig);

/* How often nInit went low. */
uint32_t rig_resets(struct rig *rig);

/* The port looks who is there. */
void rig_look(struct rig *rig);

/* Whether clients can find it; @id: what it is known to say of itself, or NULL. */
bool rig_is_there(struct rig *rig, uint8_t place, char *id);

/* How often the front end was told that devices came or went. */
uint32_t rig_changes(struct rig *rig);

_Noreturn void case_failed(const char *file, int line, const char *what, long long got,
			   long long wanted);

/* ---- checks ----------------------------------------------------------------------- */

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			case_failed(__FILE__, __LINE__, #condition, 0, 1);                         \
	} while (0)

#define CHECK_EQUAL(got, wanted)                                                                   \
	do {                                                                                       \
		long long got_ = (long long)(got);                                                 \
		long long wanted_ = (long long)(wanted);                                           \
		if (got_ != wanted_)                                                               \
			case_failed(__FILE__, __LINE__, #got, got_, wanted_);                      \
	} while (0)

/* ---- what most cases need (common.c) -------------------------------------------------- */

/* Opens files 0 .. @count - 1. */
void open_files(struct rig *rig, int count);
void close_file(struct rig *rig, int file);

/* Sends @call as an internal control request. */
void submit(struct rig *rig, struct call *call, int file, uint32_t code);

/* Sends a request that must end at once; returns its status, checks Information 0. */
int32_t ask(struct rig *rig, int file, uint32_t code);
int32_t ask_major(struct rig *rig, int file, uint8_t major);
int32_t ask_with(struct rig *rig, int file, uint32_t code, void *input, uint32_t bytes);

/* Sends SELECT or DESELECT with @flags and @id. */
int32_t ask_command(struct rig *rig, int file, uint32_t code, uint32_t flags, uint8_t id);

/* Sends SELECT of a daisy device, which must be answered PENDING. */
void queue_device(struct rig *rig, struct call *call, int file, uint8_t id);

/* The same on a port that nobody waits for; returns how it ended. */
int32_t ask_device(struct rig *rig, int file, uint8_t id);

/* A request that must be answered PENDING. */
void queue_allocate(struct rig *rig, struct call *call, int file);
void queue_select(struct rig *rig, struct call *call, int file);

/* @call has ended with @status, Information 0. */
void check_ended(const struct call *call, int32_t status);

struct PARALLEL_PORT_INFORMATION port_info(struct rig *rig);
struct PARALLEL_PNP_INFORMATION pnp_info(struct rig *rig);

bool try_allocate(struct rig *rig);
void free_port(struct rig *rig);
uint32_t waiters(struct rig *rig);

/* The chip is in no mode that a client sets; BYTE mode by itself is as good as none. */
bool chip_rests(struct rig *rig);

/* Whether somebody holds the port, found without disturbing anybody. */
bool is_held(struct rig *rig);

#define ALLOCATE IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE
#define FREE     IOCTL_INTERNAL_PARALLEL_PORT_FREE
#define SELECT   IOCTL_INTERNAL_SELECT_DEVICE
#define DESELECT IOCTL_INTERNAL_DESELECT_DEVICE
#define EOC      PAR_END_OF_CHAIN_DEVICE
#define KEEP     PAR_HAVE_PORT_KEEP_PORT

extern const struct case_table open_cases;
extern const struct case_table allocate_cases;
extern const struct case_table queue_cases;
extern const struct case_table cancel_cases;
extern const struct case_table callback_cases;
extern const struct case_table select_cases;
extern const struct case_table chain_cases;
extern const struct case_table chip_mode_cases;
extern const struct case_table info_cases;
extern const struct case_table interrupt_cases;
extern const struct case_table deferred_cases;
extern const struct case_table removal_cases;
extern const struct case_table power_cases;
extern const struct case_table input_cases;
extern const struct case_table device_open_cases;
extern const struct case_table device_lock_cases;
extern const struct case_table device_mode_cases;
extern const struct case_table device_io_cases;
extern const struct case_table device_id_cases;
extern const struct case_table device_row_cases;
extern const struct case_table device_status_cases;
extern const struct case_table device_power_cases;

#define CASE_TABLE(name, array)                                                                    \
	const struct case_table name = { (array), sizeof(array) / sizeof((array)[0]) }

#endif
