/* SPDX-License-Identifier: MIT */
/*
 * The states of the IEEE 1284 device, in the order of IEEE1284 8.2.
 *
 * No row for nSelectIn low in the middle of a handshake is an immediate
 * termination; none for nInit low, a reset.
 */
#include "periph_1284.h"

const struct opp_1284_state_rows opp_1284_states[OPP_1284_STATES] = {
	[OPP_1284_COMPAT] = { opp_1284_compat_rows, FOR_EVER, false },
	[OPP_1284_DESELECTED] = { opp_1284_deselected_rows, FOR_EVER, false },
	[OPP_1284_GONE] = { opp_1284_gone_rows, FOR_EVER, false },

	[OPP_1284_N_2] = { opp_1284_n_2_rows, IF_STRICT, true },
	[OPP_1284_N_3] = { opp_1284_n_3_rows, IF_STRICT, true },
	[OPP_1284_N_EXT] = { opp_1284_n_ext_rows, FOR_EVER, true },
	[OPP_1284_N_EXT2] = { opp_1284_n_ext2_rows, IF_STRICT, true },
	[OPP_1284_REFUSED] = { opp_1284_refused_rows, FOR_EVER, true },
	[OPP_1284_T_24] = { opp_1284_t_24_rows, ONE_SECOND, true },
	[OPP_1284_T_27] = { opp_1284_t_27_rows, ONE_SECOND, true },

	[OPP_1284_HBDA] = { opp_1284_hbda_rows, FOR_EVER, true },
	[OPP_1284_HBDNA] = { opp_1284_hbdna_rows, FOR_EVER, true },
	[OPP_1284_REVERSE_IDLE] = { opp_1284_reverse_idle_rows, FOR_EVER, true },
	[OPP_1284_INTERRUPTING] = { opp_1284_interrupting_rows, FOR_EVER, true },
	[OPP_1284_LOW_NIBBLE] = { opp_1284_low_nibble_rows, IF_STRICT, true },
	[OPP_1284_BETWEEN_NIBBLES] = { opp_1284_between_nibbles_rows, IF_STRICT, true },
	[OPP_1284_HIGH_NIBBLE] = { opp_1284_high_nibble_rows, IF_STRICT, true },
	[OPP_1284_BYTE_OFFERED] = { opp_1284_byte_offered_rows, IF_STRICT, true },

	[OPP_1284_ECP_SETUP] = { opp_1284_ecp_setup_rows, IF_STRICT, true },
	[OPP_1284_ECP_BUSY] = { opp_1284_ecp_busy_rows, FOR_EVER, true },
	[OPP_1284_ECP_FORWARD] = { opp_1284_ecp_forward_rows, FOR_EVER, true },
	[OPP_1284_ECP_CLOCKED] = { opp_1284_ecp_clocked_rows, IF_STRICT, true },
	[OPP_1284_ECP_REVERSE] = { opp_1284_ecp_reverse_rows, FOR_EVER, true },
	[OPP_1284_ECP_OFFERED] = { opp_1284_ecp_offered_rows, IF_STRICT, true },
	[OPP_1284_ECP_RETURNING] = { opp_1284_ecp_returning_rows, FOR_EVER, true },
	[OPP_1284_ECP_RECOVERY] = { opp_1284_ecp_recovery_rows, FOR_EVER, true },

	[OPP_1284_EPP_IDLE] = { opp_1284_epp_idle_rows, FOR_EVER, false },
	[OPP_1284_EPP_CYCLE] = { opp_1284_epp_cycle_rows, FOR_EVER, false },
};
