/* SPDX-License-Identifier: MIT */
/* Between the files of src/chip. */
#ifndef OPP_CHIP_SPP_H
#define OPP_CHIP_SPP_H

#include <openparport/hw.h>

extern const struct opp_hw_ops opp_spp_ops;

#endif
