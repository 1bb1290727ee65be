/* SPDX-License-Identifier: MIT */
/*
 * A client as a Windows driver is one: allocates the port by its documented code, asks
 * about it, calls a routine that the answer names, and frees the port by another code.
 * DeviceIoControl(file, code, ...) became opp_control(handle, major, code, ...).
 *
 *	windows_client [PORT]
 */
#include <stdio.h>

#include <openparport/codes.h>
#include <openparport/hosted/openparport.h>

static enum opp_status ask(struct opp_handle *port, uint32_t code, void *answer, uint32_t bytes)
{
	return opp_control(port, IRP_MJ_INTERNAL_DEVICE_CONTROL, code, NULL, 0, answer, bytes,
			   NULL);
}

static enum opp_status use(struct opp_handle *port)
{
	struct PARALLEL_PORT_INFORMATION info;
	struct PARALLEL_PNP_INFORMATION pnp;
	enum opp_status status;

	status = ask(port, IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO, &pnp, sizeof(pnp));
	if (status != OPP_SUCCESS)
		return status;
	printf("capabilities 0x%02x, chip mode 0x%02x\n", pnp.HardwareCapabilities,
	       pnp.CurrentMode);
	status = ask(port, IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO, &info, sizeof(info));
	if (status == OPP_SUCCESS)
		printf("%u others wait\n", info.QueryNumWaiters(info.Context));
	return status;
}

int main(int argc, char **argv)
{
	struct opp_handle *port;
	struct opp_error error;
	enum opp_status status;

	if (opp_open(argc > 1 ? argv[1] : "sim:chip=ecp", &port, &error) != OPP_SUCCESS) {
		(void)fprintf(stderr, "windows_client: %s\n", error.text);
		return opp_status_exit_code(error.status);
	}
	status = ask(port, IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE, NULL, 0);
	if (status == OPP_SUCCESS)
		status = use(port);
	if (status == OPP_SUCCESS)
		status = ask(port, IOCTL_INTERNAL_PARALLEL_PORT_FREE, NULL, 0);
	printf("NTSTATUS 0x%08x\n", (unsigned)opp_status_ntstatus(status));
	opp_close(port);
	return opp_status_exit_code(status);
}
