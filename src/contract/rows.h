/* SPDX-License-Identifier: MIT */
/*
 * What the files of the contract share: the shape of a row, and the actions
 * that a request and a callback have in common.
 *
 * Functions named _locked want the port's lock held.
 */
#ifndef OPENPARPORT_CONTRACT_ROWS_H
#define OPENPARPORT_CONTRACT_ROWS_H

#include <openparport/contract.h>

/* What becomes of a request to a port or device that is being removed or is gone. */
enum opp_when_removed {
	OPP_REFUSE,           /* nothing done */
	OPP_UNDO,             /* refused, yet what it undoes is undone */
	OPP_SERVE_UNTIL_GONE, /* as ever, until a device is DEVICE_REMOVED */
	OPP_SERVE,            /* as ever */
};

/* One kind of request: its key, what is checked before the port is looked at, its action. */
struct opp_row {
	enum opp_object_kind object;
	uint32_t code; /* 0 where the major function has none */
	uint8_t major;
	bool needs_enabling;         /* UNSUCCESSFUL until enabled, before lengths count */
	uint32_t input_bytes;        /* least */
	uint32_t output_bytes;       /* least */
	enum opp_status short_input; /* when there is less; 0: BUFFER_TOO_SMALL */
	enum opp_when_removed when_removed;

	/* Of a request that goes through a device's work queue: what it is there ... */
	enum opp_device_op op;
	/* ... and how that becomes an answer and its status. NULL: there is only the status. */
	enum opp_status (*answer_locked)(struct opp_request *request);

	/* Returns the final status, or PENDING when @request ends through complete. */
	enum opp_status (*run_locked)(struct opp_contract_port *port, struct opp_request *request,
				      uint64_t now_us);
};

extern const struct opp_row opp_port_rows[];
extern const uint32_t opp_port_row_count;
extern const struct opp_row opp_device_rows[];
extern const uint32_t opp_device_row_count;

/* A row's action that does nothing: SUCCESS. */
enum opp_status opp_nothing_to_do_locked(struct opp_contract_port *port,
					 struct opp_request *request, uint64_t now_us);

/* ---- a request's buffer: input is copied out before output is written ---------- */

#define OPP_READ_INPUT(request, structure)                                                         \
	((void)__builtin_memcpy((structure), (request)->buffer, sizeof(*(structure))))

/* Writes the answer and reports its size; returns SUCCESS. */
enum opp_status opp_reply(struct opp_request *request, const void *answer, uint32_t bytes);

/* ---- events.c -------------------------------------------------------------------- */

static inline struct opp_contract_port *opp_contract_of(void *context)
{
	return context;
}

static inline bool opp_is_removed_locked(const struct opp_contract_port *port)
{
	return port->port.presence != OPP_PORT_PRESENT;
}

static inline uint64_t opp_contract_now_locked(struct opp_contract_port *port)
{
	return port->ops->now_us(port->context);
}

/* Takes the lock; returns the time. */
uint64_t opp_contract_lock(struct opp_contract_port *port);

extern const struct opp_port_ops opp_contract_engine_ops;

/* ---- the wire ---------------------------------------------------------------------- */

/*
 * Rule H: SUCCESS when @client (NULL: ANON) may act as the holder, nobody is doing so
 * on the wire at this moment and no IEEE 1284 mode is in force, else
 * INVALID_DEVICE_STATE.
 */
enum opp_status opp_require_hold_locked(struct opp_contract_port *port,
					const struct opp_client *client, uint64_t now_us);

/*
 * Does the work that was begun in port->work for the holder. The lock is given
 * back meanwhile: what others do then takes effect, except that the port is not
 * handed on. Returns how it went; DELETE_PENDING when the port was removed.
 */
enum opp_status opp_contract_work_locked(struct opp_contract_port *port);

/* Ends the hold that this caller began, unless somebody else has by now. */
void opp_contract_release_locked(struct opp_contract_port *port);

/* Somebody is on the wire for the holder. */
bool opp_is_driven_locked(const struct opp_contract_port *port);

/* Whether the port's worker has something to do that it does not know of. */
bool opp_wants_step_locked(const struct opp_contract_port *port);

/* Its line ends, and its devices go with it. */
void opp_remove_locked(struct opp_contract_port *port, enum opp_port_presence presence,
		       uint64_t now_us);

/* ---- power --------------------------------------------------------------------------- */

/* The wire is not to be touched: there is no power. */
bool opp_sleeps_locked(const struct opp_contract_port *port);

/* There is again: the worker brings back what was lost, before anything else. */
bool opp_wants_restore_locked(const struct opp_contract_port *port);
void opp_restore_begin_locked(struct opp_contract_port *port);
void opp_restore_done_locked(struct opp_contract_port *port, uint64_t now_us);

/* ---- information ----------------------------------------------------------------- */

/* PPT_* */
uint32_t opp_capabilities_locked(const struct opp_contract_port *port);

/* Of a word in the chip's FIFO; 0: there is none. */
uint32_t opp_fifo_width_bits(const struct opp_contract_port *port);

enum opp_status opp_get_port_info_locked(struct opp_contract_port *port,
					 struct opp_request *request, uint64_t now_us);
enum opp_status opp_get_more_port_info_locked(struct opp_contract_port *port,
					      struct opp_request *request, uint64_t now_us);
enum opp_status opp_get_pnp_info_locked(struct opp_contract_port *port, struct opp_request *request,
					uint64_t now_us);

/* ---- select and chip mode; @client NULL: ANON --------------------------------------- */

/* Unknown flags or a device that is not there: INVALID_PARAMETER. */
enum opp_status opp_check_command(const struct opp_contract_port *port,
				  const struct PARALLEL_1284_COMMAND *command);
/* For who holds the port; leaves it held. UNSUCCESSFUL: could not be selected. */
enum opp_status opp_select_locked(struct opp_contract_port *port, struct opp_client *client,
				  const struct PARALLEL_1284_COMMAND *command, uint64_t now_us);
enum opp_status opp_deselect_locked(struct opp_contract_port *port, struct opp_client *client,
				    const struct PARALLEL_1284_COMMAND *command, uint64_t now_us);

/* Gives the chain's devices their IDs anew. */
enum opp_status opp_count_devices_locked(struct opp_contract_port *port);

/* The mode field of @mode. */
enum opp_chip_mode opp_chip_mode_of(uint8_t mode);

/* INITIAL_MODE, or the mode that is set. */
uint8_t opp_chip_mode_locked(const struct opp_contract_port *port);
enum opp_status opp_set_chip_mode_locked(struct opp_contract_port *port, struct opp_client *client,
					 uint8_t mode, uint64_t now_us);
enum opp_status opp_clear_chip_mode_locked(struct opp_contract_port *port,
					   struct opp_client *client, uint8_t mode,
					   uint64_t now_us);

/* ---- interrupts -------------------------------------------------------------------- */

enum opp_status opp_connect_interrupt_locked(struct opp_contract_port *port,
					     struct opp_request *request, uint64_t now_us);
enum opp_status opp_disconnect_interrupt_locked(struct opp_contract_port *port,
						struct opp_request *request, uint64_t now_us);

/* Disconnects all that @client connected. */
void opp_disconnect_client_locked(struct opp_contract_port *port, const struct opp_client *client);

/* Interrupt routines are not called any more, though they stay connected. */
void opp_end_interrupts_locked(struct opp_contract_port *port);

/*
 * The deferred routine of a disconnected pair has returned. Returns the
 * request that waits for it, its answer filled in, or NULL.
 */
struct opp_request *opp_deferred_gone_locked(struct opp_contract_port *port,
					     struct opp_deferred *deferred);

/* ---- callbacks that structures hand out ---------------------------------------------- */

uint8_t OPP_NTAPI opp_try_allocate_port(void *context);
void OPP_NTAPI opp_free_port(void *context);
uint32_t OPP_NTAPI opp_query_num_waiters(void *context);
int32_t OPP_NTAPI opp_try_set_chip_mode(void *context, uint8_t mode);
int32_t OPP_NTAPI opp_clear_chip_mode(void *context, uint8_t mode);
int32_t OPP_NTAPI opp_try_select_device(void *context, void *untrusted_command);
int32_t OPP_NTAPI opp_deselect_device(void *context, void *untrusted_command);
uint8_t OPP_NTAPI opp_try_allocate_port_at_interrupt_level(void *context);
void OPP_NTAPI opp_free_port_from_interrupt_level(void *context);

#endif
