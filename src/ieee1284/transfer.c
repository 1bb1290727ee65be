/* SPDX-License-Identifier: MIT */
/*
 * What transfers of every mode share: being told to stop, and what the status
 * lines complain about.
 */
#include <openparport/ieee1284.h>

void opp_transfer_end(struct opp_transfer *transfer, enum opp_status reason)
{
	uint32_t nobody = OPP_SUCCESS;

	atomic_compare_exchange_strong(&transfer->ended_by, &nobody, (uint32_t)reason);
}

enum opp_status opp_line_fault(uint8_t status)
{
	/* nAck means nothing outside a pulse: a dead printer may leave it anywhere. */
	const uint32_t steady = status & (OPP_STATUS_LINES & ~OPP_LINE_NACK);

	if (steady == (OPP_STATUS_LINES & ~OPP_LINE_NACK))
		return OPP_DEVICE_NOT_CONNECTED;
	if (status & OPP_LINE_NFAULT)
		return OPP_SUCCESS;
	if (steady == 0)
		return OPP_DEVICE_POWERED_OFF;
	if (status & OPP_LINE_PERROR)
		return OPP_DEVICE_PAPER_EMPTY;
	if (!(status & OPP_LINE_SELECT))
		return OPP_DEVICE_OFF_LINE;
	return OPP_IO_DEVICE_ERROR;
}
