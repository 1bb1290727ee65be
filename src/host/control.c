/* SPDX-License-Identifier: MIT */
/*
 * Documented requests of a program: opp_control, and the routines that their answers
 * name. A port's own routines never leave it: they would not know who calls, and the
 * service's mean nothing here. So those of this file are put in their place, with the
 * handle as their Context; they are made of the library's other functions.
 *
 * Not here: how a request reaches the port (local_wire.c, served.c), and what it
 * does there (src/contract).
 */
#include <stdlib.h>
#include <string.h>

#include <openparport/contract.h>

#include "handle.h"
#include "lpt.h"

/* ---- routines of a port --------------------------------------------------------------- */

static struct opp_handle *handle_of(void *context)
{
	return context;
}

static uint8_t OPP_NTAPI try_allocate_port(void *context)
{
	return context && opp_allocate(handle_of(context), 0) == OPP_SUCCESS;
}

static void OPP_NTAPI free_port(void *context)
{
	if (context)
		(void)opp_free(handle_of(context));
}

static uint32_t OPP_NTAPI query_num_waiters(void *context)
{
	uint32_t waiters = 0;

	if (context && opp_waiters(handle_of(context), &waiters) != OPP_SUCCESS)
		return 0;
	return waiters;
}

/* A request of a port that answers with nothing but its status. */
static enum opp_status tell(void *context, uint32_t code, const void *input, uint32_t input_bytes)
{
	if (!context || !input)
		return OPP_INVALID_PARAMETER;
	return opp_control(handle_of(context), IRP_MJ_INTERNAL_DEVICE_CONTROL, code, input,
			   input_bytes, NULL, 0, NULL);
}

static int32_t OPP_NTAPI try_set_chip_mode(void *context, uint8_t mode)
{
	const struct PARALLEL_CHIP_MODE input = { .ModeFlags = mode };

	return opp_ntstatus(
		tell(context, IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE, &input, sizeof(input)));
}

static int32_t OPP_NTAPI clear_chip_mode(void *context, uint8_t mode)
{
	const struct PARALLEL_CHIP_MODE input = { .ModeFlags = mode };

	return opp_ntstatus(
		tell(context, IOCTL_INTERNAL_PARALLEL_CLEAR_CHIP_MODE, &input, sizeof(input)));
}

/* Nothing waits in line for a try, so it is not the port that says what is wrong with it. */
static bool makes_sense(struct opp_handle *handle, const struct PARALLEL_1284_COMMAND *command)
{
	const uint32_t known = PAR_END_OF_CHAIN_DEVICE | PAR_HAVE_PORT_KEEP_PORT;
	struct PARALLEL_PNP_INFORMATION pnp = { .Ieee1284_3DeviceCount = 0 };

	if (command->CommandFlags & ~known)
		return false;
	if (command->CommandFlags & PAR_END_OF_CHAIN_DEVICE)
		return true;
	return opp_control(handle, IRP_MJ_INTERNAL_DEVICE_CONTROL,
			   IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO, NULL, 0, &pnp, sizeof(pnp),
			   NULL) == OPP_SUCCESS &&
	       command->ID < pnp.Ieee1284_3DeviceCount;
}

/* PENDING says "busy, nothing was queued". */
static enum opp_status try_select(struct opp_handle *handle, struct PARALLEL_1284_COMMAND command)
{
	const bool keeps = command.CommandFlags & PAR_HAVE_PORT_KEEP_PORT;
	enum opp_status status;

	if (!makes_sense(handle, &command))
		return OPP_INVALID_PARAMETER;
	if (!keeps) {
		status = opp_allocate(handle, 0);
		if (status != OPP_SUCCESS)
			return status == OPP_DEVICE_BUSY ? OPP_PENDING : status;
	}
	command.CommandFlags |= PAR_HAVE_PORT_KEEP_PORT;
	status = tell(handle, IOCTL_INTERNAL_SELECT_DEVICE, &command, sizeof(command));
	if (status != OPP_SUCCESS && !keeps)
		(void)opp_free(handle);
	return status;
}

static int32_t OPP_NTAPI try_select_device(void *context, void *command)
{
	if (!context || !command)
		return opp_ntstatus(OPP_INVALID_PARAMETER);
	return opp_ntstatus(
		try_select(handle_of(context), *(const struct PARALLEL_1284_COMMAND *)command));
}

static int32_t OPP_NTAPI deselect_device(void *context, void *command)
{
	return opp_ntstatus(tell(context, IOCTL_INTERNAL_DESELECT_DEVICE, command,
				 sizeof(struct PARALLEL_1284_COMMAND)));
}

/* ---- what only this process can say ------------------------------------------------------ */

static void fill_port_info(struct opp_handle *handle, void *answer)
{
	struct PARALLEL_PORT_INFORMATION info;

	memcpy(&info, answer, sizeof(info));
	info.TryAllocatePort = try_allocate_port;
	info.FreePort = free_port;
	info.QueryNumWaiters = query_num_waiters;
	info.Context = handle;
	memcpy(answer, &info, sizeof(info));
}

static void fill_pnp_info(struct opp_handle *handle, void *answer)
{
	struct PARALLEL_PNP_INFORMATION info;

	memcpy(&info, answer, sizeof(info));
	info.TrySetChipMode = try_set_chip_mode;
	info.ClearChipMode = clear_chip_mode;
	info.TrySelectDevice = try_select_device;
	info.DeselectDevice = deselect_device;
	info.Context = handle;
	info.PortName = handle->lpt;
	memcpy(answer, &info, sizeof(info));
}

struct filling {
	void (*fill)(struct opp_handle *handle, void *answer);
	uint32_t bytes;
};

/* What is to be filled in; fill is NULL where that is nothing. */
static struct filling filling_of(const struct opp_async_control *what)
{
	if (what->major != IRP_MJ_INTERNAL_DEVICE_CONTROL)
		return (struct filling){ 0 };
	switch (what->code) {
	case IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO:
		return (struct filling){ fill_port_info, sizeof(struct PARALLEL_PORT_INFORMATION) };
	case IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO:
		return (struct filling){ fill_pnp_info, sizeof(struct PARALLEL_PNP_INFORMATION) };
	default: return (struct filling){ 0 };
	}
}

/* ---- requests --------------------------------------------------------------------------- */

static void *buffer_of(struct opp_ioc_control *control)
{
	return control + 1;
}

/* One buffer serves both ways, as there. */
enum opp_status opp_control_pack(const struct opp_async_control *what,
				 struct opp_ioc_control **packed)
{
	const struct opp_ioc_control head = {
		.code = what->code,
		.input_bytes = what->input_bytes,
		.output_bytes = what->output_bytes,
		.major = what->major,
		.pointer_bytes = sizeof(void *),
	};
	const uint32_t bytes = opp_control_buffer_bytes(&head);

	if (bytes > OPP_CONTROL_BYTES || (what->input_bytes && !what->input) ||
	    (what->output_bytes && !what->output))
		return OPP_INVALID_PARAMETER;
	*packed = calloc(1, sizeof(**packed) + bytes);
	if (!*packed)
		return OPP_INSUFFICIENT_RESOURCES;
	**packed = head;
	if (what->input_bytes)
		memcpy(buffer_of(*packed), what->input, what->input_bytes);
	return OPP_SUCCESS;
}

/*
 * Only what was asked says how much there is room for: a service answers over the
 * packed lengths, too.
 */
enum opp_status opp_control_unpack(struct opp_handle *handle, struct opp_ioc_control *packed,
				   enum opp_status status, struct opp_async_control *what)
{
	const bool writes = what->major == IRP_MJ_WRITE;
	const uint32_t most = writes ? what->input_bytes : what->output_bytes;
	const struct filling filling = filling_of(what);
	const bool fills = status == OPP_SUCCESS && filling.fill;
	uint32_t information = packed->information;

	if (information > most || (fills && information < filling.bytes)) {
		status = OPP_UNSUCCESSFUL;
		information = 0;
	} else if (fills) {
		filling.fill(handle, buffer_of(packed));
	}
	if (information && !writes)
		memcpy(what->output, buffer_of(packed), information);
	what->information = information;
	free(packed);
	return status;
}

enum opp_status opp_control(struct opp_handle *handle, uint8_t major, uint32_t code,
			    const void *input, uint32_t input_bytes, void *output,
			    uint32_t output_bytes, uint32_t *information)
{
	struct opp_async_control what = {
		.major = major,
		.code = code,
		.input = input,
		.input_bytes = input_bytes,
		.output = output,
		.output_bytes = output_bytes,
	};
	struct opp_ioc_control *packed;
	enum opp_status status = opp_control_pack(&what, &packed);

	if (status == OPP_SUCCESS) {
		status = handle->ops->control(handle, packed);
		status = opp_control_unpack(handle, packed, status, &what);
	}
	if (information)
		*information = what.information;
	return status;
}

int32_t opp_status_ntstatus(enum opp_status status)
{
	return opp_ntstatus(status);
}
