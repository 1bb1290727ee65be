/* SPDX-License-Identifier: MIT */
/*
 * What the files of the contract share about devices.
 *
 * Functions named _locked want the port's lock held.
 */
#ifndef OPENPARPORT_CONTRACT_DEVICES_H
#define OPENPARPORT_CONTRACT_DEVICES_H

#include "rows.h"

/* ---- devices.c: who is there ------------------------------------------------------- */

void opp_devices_init(struct opp_contract_port *port);

/*
 * opp_device_seen_locked - somebody is at that place, or nobody is.
 * @id: what it says of itself; NULL: it was not asked, and may be another one.
 */
void opp_device_seen_locked(struct opp_contract_device *device, bool is_there, const char *id,
			    uint64_t now_us);

/* All of them go with their port. */
void opp_devices_remove_locked(struct opp_contract_port *port, enum opp_port_presence presence,
			       uint64_t now_us);

enum opp_status opp_create_device_locked(struct opp_contract_port *port,
					 struct opp_request *request, uint64_t now_us);
/* CLEANUP and CLOSE: whichever comes first ends all that the file had. */
enum opp_status opp_close_device_locked(struct opp_contract_port *port, struct opp_request *request,
					uint64_t now_us);

/* ---- device_work.c: what goes through a device's work queue ------------------------------ */

/*
 * opp_device_work_locked - puts request->device_req, filled in, into the device's line.
 * Returns PENDING, or what came of it at once.
 */
enum opp_status opp_device_work_locked(struct opp_request *request, uint64_t now_us);

/* The front end's cancel. */
void opp_device_drop_locked(struct opp_request *request);

/* The engine's question whether it may end a request: struct opp_device_ops.take. */
bool opp_device_take(void *context, struct opp_device_req *req);

/* Requests that devices have ended get their answers and wait to be told. */
void opp_devices_answer_locked(struct opp_contract_port *port);

/* Ends what has waited in the port's line for too long. */
void opp_devices_expire_locked(struct opp_contract_port *port, uint64_t now_us);

/* When that is due next; UINT64_MAX: not. */
uint64_t opp_devices_deadline_us_locked(const struct opp_contract_port *port);

/* The one that holds the port and has something to do there, or NULL. */
struct opp_device *opp_device_at_work_locked(struct opp_contract_port *port);

/* ---- look.c: a scan by the port itself ---------------------------------------------------- */

void opp_look_init(struct opp_contract_port *port);

/* Asks for the port, if a look is wanted and none under way. */
void opp_look_ask_locked(struct opp_contract_port *port, uint64_t now_us);

/* The port is its own, or will not be. */
void opp_look_served_locked(struct opp_contract_port *port, uint64_t now_us);

/* The scan has come to its end. */
void opp_look_done_locked(struct opp_contract_port *port, uint64_t now_us);

/* ---- device_info.c: rows that are answered at once ------------------------------------------- */

enum opp_status opp_query_file_locked(struct opp_contract_port *port, struct opp_request *request,
				      uint64_t now_us);
enum opp_status opp_set_file_locked(struct opp_contract_port *port, struct opp_request *request,
				    uint64_t now_us);
enum opp_status opp_get_mode_locked(struct opp_contract_port *port, struct opp_request *request,
				    uint64_t now_us);
enum opp_status opp_get_default_modes_locked(struct opp_contract_port *port,
					     struct opp_request *request, uint64_t now_us);
enum opp_status opp_is_port_free_locked(struct opp_contract_port *port, struct opp_request *request,
					uint64_t now_us);
enum opp_status opp_query_location_locked(struct opp_contract_port *port,
					  struct opp_request *request, uint64_t now_us);
enum opp_status opp_set_timeouts_locked(struct opp_contract_port *port, struct opp_request *request,
					uint64_t now_us);
enum opp_status opp_get_timeouts_locked(struct opp_contract_port *port, struct opp_request *request,
					uint64_t now_us);
enum opp_status opp_parclass_connect_locked(struct opp_contract_port *port,
					    struct opp_request *request, uint64_t now_us);

/* ---- device_status.c ----------------------------------------------------------------- */

enum opp_status opp_query_status_locked(struct opp_contract_port *port, struct opp_request *request,
					uint64_t now_us);

/* ---- device_callbacks.c -------------------------------------------------------------- */

uint16_t OPP_NTAPI opp_determine_ieee_modes(void *context);
int32_t OPP_NTAPI opp_negotiate_ieee_mode(void *context, uint16_t forward, uint16_t reverse,
					  enum PARALLEL_SAFETY safety, uint8_t is_forward);
int32_t OPP_NTAPI opp_terminate_ieee_mode(void *context);
int32_t OPP_NTAPI opp_ieee_fwd_to_rev_mode(void *context);
int32_t OPP_NTAPI opp_ieee_rev_to_fwd_mode(void *context);
int32_t OPP_NTAPI opp_parallel_read(void *context, void *buffer, uint32_t bytes,
				    uint32_t *bytes_read, uint8_t channel);
int32_t OPP_NTAPI opp_parallel_write(void *context, void *buffer, uint32_t bytes,
				     uint32_t *bytes_written, uint8_t channel);
int32_t OPP_NTAPI opp_parallel_try_select(void *context, struct PARALLEL_1284_COMMAND command);
int32_t OPP_NTAPI opp_parallel_deselect(void *context, struct PARALLEL_1284_COMMAND command);

#endif
