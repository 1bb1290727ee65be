/* SPDX-License-Identifier: MIT */
/*
 * See published.h.
 */
#include <wdm.h>

#include <parallel.h>

#include "published.h"

uint32_t published_bytes(enum published_structure which)
{
	static const uint32_t bytes[] = {
		[PUBLISHED_PORT] = sizeof(PARALLEL_PORT_INFORMATION),
		[PUBLISHED_MORE] = sizeof(MORE_PARALLEL_PORT_INFORMATION),
		[PUBLISHED_PNP] = sizeof(PARALLEL_PNP_INFORMATION),
		[PUBLISHED_PARCLASS] = sizeof(PARCLASS_INFORMATION),
	};

	return bytes[which];
}

bool published_port(const void *answer)
{
	const PARALLEL_PORT_INFORMATION *info = answer;

	if (info->OriginalController.QuadPart != 0x378 || info->SpanOfController != 8)
		return false;
	if (!info->TryAllocatePort(info->Context) || info->TryAllocatePort(info->Context))
		return false;
	if (info->QueryNumWaiters(info->Context) != 0)
		return false;
	info->FreePort(info->Context);
	return true;
}

bool published_more(const void *answer)
{
	const MORE_PARALLEL_PORT_INFORMATION *info = answer;

	return info->InterfaceType == Isa && info->BusNumber == 2 && info->InterruptLevel == 7 &&
	       info->InterruptVector == 0x37 && info->InterruptAffinity == 3 &&
	       info->InterruptMode == Latched;
}

bool published_pnp(const void *answer)
{
	const PARALLEL_PNP_INFORMATION *info = answer;

	return info->OriginalEcpController.QuadPart == 0x778 &&
	       (info->HardwareCapabilities & PPT_ECP_PRESENT) && info->FifoDepth == 16 &&
	       info->FifoWidth == 8 && info->Ieee1284_3DeviceCount == 2 &&
	       info->CurrentMode == INITIAL_MODE && info->PortName[3] == L'1' &&
	       info->TrySetChipMode(info->Context, INITIAL_MODE) == STATUS_INVALID_DEVICE_STATE;
}

uint32_t published_write(const void *answer, const void *bytes, uint32_t count)
{
	const PARCLASS_INFORMATION *info = answer;
	ULONG moved = 0;

	info->ParallelWrite(info->ParclassContext, (void *)(ULONG_PTR)bytes, count, &moved, 0);
	return moved;
}
