/* SPDX-License-Identifier: MIT */
/* What a driver includes as <ntddk.h>. See wdm.h, which has it all. */
#include "wdm.h"
