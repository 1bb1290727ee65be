/* SPDX-License-Identifier: MIT */
/*
 * Negotiation and termination: a host that follows IEEE 1284 event by event and a
 * peripheral that may refuse, be late, stop in its tracks or be unplugged at any
 * of them, while somebody may cancel what the host does.
 *
 * The host's side says what src/ieee1284 does, the peripheral's is the state table
 * of IEEE1284 8.2. A control write is one step, so is each change of a status
 * line. Time is an order: a host's wait runs out when the peripheral has stopped or
 * nothing else can happen, a pulse lasts until a living peripheral has seen it, and
 * the peripheral's own second (4.5) is longer than anything the host does. Names and
 * values of the host's states are those of the C enumerations, negotiate.py
 * compares them.
 *
 * Each run is one session with what goes wrong in it, as chosen by negotiate.py
 * (-DREFUSALS, -DCANCELS, -DSTALLS, -DLATE a stall that ends, -DVANISHES), and
 * then one with the peripheral in order, which must succeed. -DBROKEN_x plants the
 * fault of that name in the host, which must be found.
 *
 * This does not follow bytes: two of each mode stand for them.
 */

/* enum opp_mode */
#define OPP_MODE_COMPAT			0
#define OPP_MODE_NIBBLE			1
#define OPP_MODE_BYTE			2
#define OPP_MODE_ECP			3
#define OPP_MODE_EPP			4

/* enum opp_position */
#define OPP_AT_COMPAT_IDLE		0
#define OPP_AT_HBDA			1
#define OPP_AT_HBDNA			2
#define OPP_AT_REVERSE_IDLE		3
#define OPP_AT_ECP_FORWARD		4
#define OPP_AT_ECP_REVERSE		5
#define OPP_AT_EPP_IDLE			6

/* extensibility requests */
#define OPP_REQUEST_NIBBLE		0
#define OPP_REQUEST_BYTE		1
#define OPP_REQUEST_ECP			16
#define OPP_REQUEST_EPP			64
#define OPP_REQUEST_LINK		128

/* enum opp_status, as far as a session ends with it */
#define OPP_SUCCESS			0
#define OPP_CANCELLED			3
#define OPP_DEVICE_PROTOCOL_ERROR	11
#define OPP_NO_SUCH_DEVICE		13
#define OPP_UNSUCCESSFUL		21

/* The peripheral's states, IEEE1284 8.2: C_ to P_ as there; in between, half an event is done. */
#define C_IDLE		0
#define C_RESET		1
#define N_1		2	/* PError, Select, nFault are high, nAck not yet low */
#define N_2		3
#define N_3		4
#define N_5		5	/* the answer is on the lines, nAck not yet high */
#define N_EXT		6
#define N_EXT2		7
#define N_54		8
#define R_WAIT		9
#define B_HBDA		10
#define B_HBDNA		11
#define B_LO		12
#define B_LO2		13
#define B_HI		14
#define B_RIDLE		15
#define B_18		16
#define B_INT		17
#define Y_HBDA		18
#define Y_D		19
#define Y_ACK		20
#define E_SETUP		21
#define E_FWD		22
#define E_REV		23
#define E_RB		24
#define E_RA		25
#define E_48		26
#define P_IDLE		27
#define T_23		28
#define T_24		29
#define T_26		30
#define T_27		31

/* More control writes than any way from compatibility mode through a session and back. */
#define MOST_WRITES	40
#define FLOATING	255	/* DATA while nobody drives it */

/* the wires; true is high */
bool nSelectIn, nAutoFd = true, nStrobe = true, nInit = true;
bool nAck = true, PError, Select = true, nFault = true, Busy;
bool host_drives = true, peer_drives;	/* DATA */
byte data;

/* the host */
byte mode = OPP_MODE_COMPAT;
byte position = OPP_AT_COMPAT_IDLE;
byte status;				/* of the last operation; the first thing wrong wins */
bool came;				/* what was awaited last */
bool cancelled;				/* somebody wants the session to end */
byte writes;

/* the peripheral */
byte at = C_IDLE;
byte ext;
bool more;				/* another byte for the host waits */
byte reads = 2;				/* so many may yet turn up */

/* what goes wrong */
bool stalled, vanished;
bool disturbed;				/* either of them, at any time of this session */
bool session_over, in_order;

/* what is to be proved */
byte accepted;				/* the mode the peripheral has entered */

#define there	(!stalled && !vanished)
#define latches	(!vanished && at == N_2 && nSelectIn && !nStrobe)	/* hardware does not stall */

#define at_idle	(at == R_WAIT || at == B_HBDA || at == B_HBDNA || at == B_RIDLE || at == B_18 || \
		 at == B_INT || at == Y_HBDA || at == Y_ACK || at == E_SETUP || at == E_FWD)
#define in_mode	(at >= N_EXT && at <= E_48 && at != E_48)
#define reversed (at == E_REV || at == E_RB || at == E_RA)

#define compat_lines	(!nSelectIn && nAutoFd && nStrobe && nInit && host_drives)
#define forward_lines	(nSelectIn && nStrobe && nInit && host_drives)

/* ---- peripheral ------------------------------------------------------------------ */

inline idle_lines()
{
	nAck = true; PError = false; Select = true; nFault = true; Busy = false;
	peer_drives = false;
	accepted = OPP_MODE_COMPAT;
	at = C_IDLE
}

/* Nothing but a fault may make a host end a mode in the middle of something. */
inline drop_to_compat()
{
	assert(disturbed);
	idle_lines()
}

inline say_more()
{
	if
	:: reads > 0 -> reads--; more = true
	:: more = false
	fi;
	nFault = !more;
	PError = !more
}

/* ev 5 and 54: the answer to @ext, and where it leads. */
inline answer(next)
{
	if
	:: ext == OPP_REQUEST_NIBBLE -> Select = false; say_more(); next = (more -> B_HBDA : B_HBDNA)
	:: ext == OPP_REQUEST_BYTE -> Select = true; say_more(); next = (more -> Y_HBDA : B_HBDNA)
	:: ext == OPP_REQUEST_ECP -> Select = true; nFault = true; PError = false; next = E_SETUP
	:: ext == OPP_REQUEST_EPP -> Select = true; nFault = true; Busy = false; next = P_IDLE
	:: ext == OPP_REQUEST_LINK -> Select = true; nFault = true; next = N_EXT
#ifdef REFUSALS
	:: ext != OPP_REQUEST_NIBBLE && !in_order -> Select = false; nFault = true; next = R_WAIT
#endif
	:: ext == FLOATING -> assert(false)
	fi
}

inline enter(next)
{
	at = next;
	if
	:: next == B_HBDA || next == B_HBDNA ->
		accepted = (ext == OPP_REQUEST_BYTE -> OPP_MODE_BYTE : OPP_MODE_NIBBLE)
	:: next == Y_HBDA -> accepted = OPP_MODE_BYTE
	:: next == P_IDLE -> accepted = OPP_MODE_EPP
	:: else
	fi
}

/* What a byte that is over leaves: ev 13 before 11. */
inline byte_over(next, none)
{
	say_more();
	Select = (ext != OPP_REQUEST_NIBBLE);
	nAck = true;
	at = (more -> next : none)
}

active proctype peripheral()
{
	byte next;

end:	do
	/* from compatibility mode to an answer */
	:: atomic { there && at == C_IDLE && nSelectIn && !nAutoFd && nStrobe && nInit ->
		PError = true; Select = true; nFault = true;
		at = N_1 }
	:: atomic { there && at == N_1 -> nAck = false; at = N_2 }	/* ev 2 */
	:: atomic { latches ->						/* ev 3 */
		ext = (host_drives -> data : FLOATING);
		at = N_3 }
	:: atomic { there && at == N_2 && nStrobe && (!nSelectIn || nAutoFd) -> idle_lines() }
	:: atomic { there && at == N_3 && !nSelectIn -> idle_lines() }
	:: atomic { there && at == N_3 && nSelectIn && nStrobe && nAutoFd ->
		answer(next);						/* ev 5 */
		at = N_5 }
	:: atomic { there && at == N_5 -> nAck = true; enter(next); next = 0 }	/* ev 6 */
	:: atomic { there && at == N_EXT && !nStrobe ->			/* ev 51, 52 */
		ext = (host_drives -> data : FLOATING);
		nAck = false;
		at = N_EXT2 }
	:: atomic { there && at == N_EXT && nStrobe && !nSelectIn -> at = T_23 }
	:: atomic { there && at == N_EXT2 && !nSelectIn -> drop_to_compat() }
	:: atomic { there && at == N_EXT2 && nSelectIn && nStrobe ->	/* ev 53, 54 */
		assert(ext != OPP_REQUEST_LINK);
		answer(next);
		at = N_54 }
	:: atomic { there && at == N_54 -> nAck = true; enter(next); next = 0 }	/* ev 55 */

	/* nibble and byte */
	:: atomic { there && at == B_HBDA && nSelectIn && !nAutoFd -> nAck = false; at = B_LO }
	:: atomic { there && at == B_LO && nSelectIn && nAutoFd -> nAck = true; at = B_LO2 }
	:: atomic { there && at == B_LO2 && nSelectIn && !nAutoFd -> nAck = false; at = B_HI }
	:: atomic { there && at == B_HI && nSelectIn && nAutoFd -> byte_over(B_HBDA, B_HBDNA) }
	:: atomic { there && at == B_HBDNA && nSelectIn && !nAutoFd -> at = B_RIDLE }
	:: atomic { there && at == B_RIDLE && nSelectIn && reads > 0 ->	/* ev 18 */
		reads--;
		nFault = false;
		nAck = false;
		at = B_18 }
	:: atomic { there && at == B_18 -> nAck = true; at = B_INT }	/* ev 19 */
	:: atomic { there && at == B_INT && nSelectIn && nAutoFd ->	/* ev 20, 21 */
		PError = false;
		at = (ext == OPP_REQUEST_BYTE -> Y_HBDA : B_HBDA) }
	:: atomic { there && at == Y_HBDA && nSelectIn && !nAutoFd ->	/* ev 15, 9 */
		peer_drives = true;
		assert(!host_drives || disturbed);
		nAck = false;
		at = Y_D }
	:: atomic { there && at == Y_D && nSelectIn && nAutoFd -> byte_over(Y_ACK, Y_ACK) }
	:: atomic { there && at == Y_ACK && nSelectIn && (!nStrobe || !nAutoFd) ->
		peer_drives = false;
		at = (more -> Y_HBDA : B_HBDNA) }

	/* ECP */
	:: atomic { there && at == E_SETUP && nSelectIn && !nAutoFd ->	/* ev 31 */
		PError = true; Busy = false;
		accepted = OPP_MODE_ECP;
		at = E_FWD }
	:: atomic { there && at == E_FWD && !nInit -> PError = false; at = E_REV }	/* ev 40 */
	:: atomic { there && at == E_REV && nSelectIn && !nInit && !nAutoFd && reads > 0 ->
		reads--;
		peer_drives = true;					/* ev 41 to 43 */
		assert(!host_drives || disturbed);
		Busy = true; nAck = false;
		at = E_RB }
	:: atomic { there && at == E_RB && nSelectIn && !nInit && nAutoFd -> nAck = true; at = E_RA }
	:: atomic { there && at == E_RA && nSelectIn && !nInit && !nAutoFd -> at = E_REV }
	:: atomic { there && reversed && nSelectIn && nInit ->		/* ev 48 */
		peer_drives = false; nAck = true; Busy = false;
		at = E_48 }
	:: atomic { there && at == E_48 -> PError = true; at = E_FWD }	/* ev 49 */

	/* EPP: nSelectIn and nAutoFd are strobes */
	:: atomic { there && at == P_IDLE && nInit && (!nSelectIn || !nAutoFd) ->
		assert(disturbed);
		at = C_RESET }
	:: atomic { there && (at == P_IDLE || (in_mode && at < E_SETUP)) && !nInit ->	/* ev 68 */
		idle_lines();
		Busy = true;
		at = C_RESET }
	:: atomic { there && at == C_RESET && nInit && !nSelectIn -> idle_lines() }	/* ev 69 */

	/* the way out */
	:: atomic { there && at_idle && nInit && !nSelectIn && nAutoFd -> at = T_23 }	/* ev 22 */
	:: atomic { there && at_idle && nInit && !nSelectIn && !nAutoFd -> drop_to_compat() }
	:: atomic { there && (at == B_LO || at == B_LO2 || at == B_HI || at == Y_D || reversed) &&
		!nSelectIn -> drop_to_compat() }
	:: atomic { there && at == T_23 ->				/* ev 23, 24 */
		peer_drives = false;
		Busy = true; nFault = true; Select = !Select;
		nAck = false;
		at = T_24 }
	:: atomic { there && at == T_24 && nSelectIn && !nAutoFd -> at = N_1 }
	:: atomic { there && at == T_24 && !nSelectIn && !nAutoFd ->	/* ev 26 */
		PError = false; Select = true;
		at = T_26 }
	:: atomic { there && at == T_26 -> nAck = true; at = T_27 }	/* ev 27 */
	:: atomic { there && at == T_27 && nAutoFd -> idle_lines() }	/* ev 28 */
	:: atomic { timeout && session_over && there && (at == T_24 || at == T_27) ->
		assert(disturbed);
		idle_lines() }
	od
}

/* ---- what goes wrong --------------------------------------------------------------- */

#if defined(STALLS) || defined(VANISHES) || defined(CANCELS)
#define peril	(!session_over && !in_order)

active proctype misfortune()
{
	do
#ifdef STALLS
	:: atomic { peril && !stalled -> stalled = true; disturbed = true }
#endif
#ifdef LATE
	:: atomic { peril && stalled -> stalled = false }
#endif
#ifdef VANISHES
	:: atomic { peril && !vanished -> vanished = true; disturbed = true;
		nAck = true; PError = true; Select = true; nFault = true; Busy = true;
		peer_drives = false }
#endif
#ifdef CANCELS
	:: atomic { peril && !cancelled -> cancelled = true }
#endif
	:: break
	od
}
#endif

/* ---- host ------------------------------------------------------------------------ */

/* One control write. */
inline drive(select_in, auto_fd, strobe, initialize)
{
	d_step {
		nSelectIn = select_in; nAutoFd = auto_fd; nStrobe = strobe; nInit = initialize;
		writes++;
		assert(writes <= MOST_WRITES)
	}
}

inline drive_bus(drives)
{
	d_step {
		host_drives = drives;
		assert(!host_drives || !peer_drives || disturbed)
	}
}

#define gone_quiet	((stalled || vanished) && !latches)

inline await(condition)
{
	if
	:: atomic { (condition) -> came = true }
#ifndef BROKEN_WAITS_FOR_EVER
	:: atomic { gone_quiet && !(condition) -> came = false }
	:: atomic { timeout -> came = false }
#endif
	fi
}

/* A pulse is long enough for what a living peripheral does in it. */
#define hold(done)	(done) || gone_quiet


inline fail_with(reason)
{
	status = (status == OPP_SUCCESS -> reason : status)
}

inline rest()
{
	d_step {
		mode = OPP_MODE_COMPAT;
		position = OPP_AT_COMPAT_IDLE
	}
}

inline leave_ecp_reverse()
{
	drive(true, false, true, true);				/* ev 47 */
#ifdef BROKEN_DRIVES_BEFORE_49
	drive_bus(true);
#endif
	await(PError);						/* ev 49 */
	drive_bus(true);					/* ev 50 */
	if
	:: !came -> fail_with(OPP_DEVICE_PROTOCOL_ERROR)
	:: else
	fi;
	position = OPP_AT_ECP_FORWARD
}

inline handshake_out()
{
#ifdef BROKEN_22_IN_TWO_WRITES
	drive(false, nAutoFd, true, true);
	timeout;
#endif
	drive(false, true, true, true);				/* ev 22 */
#ifdef BROKEN_18_TAKEN_FOR_24
	await(!nAck);
#else
	await(!nAck && nFault);					/* ev 24; ev 18 has nFault low */
#endif
	if
	:: !came -> fail_with(OPP_DEVICE_PROTOCOL_ERROR)
	:: else
	fi;
	drive(false, false, true, true);			/* ev 25 */
	await(nAck);						/* ev 27 */
	if
	:: !came -> fail_with(OPP_DEVICE_PROTOCOL_ERROR)
	:: else
	fi;
	drive_bus(true);
#ifndef BROKEN_28_FORGOTTEN
	drive(false, true, true, true);				/* ev 28 */
#endif
	rest()
}

inline reset_out()
{
	drive(true, true, true, false);				/* ev 68 */
#ifndef BROKEN_68_TOO_SHORT
	hold(at != P_IDLE);
#endif
	drive(false, true, true, true);				/* ev 69 */
	rest()
}

inline terminate()
{
	if
	:: mode == OPP_MODE_COMPAT
#ifndef BROKEN_22_IN_EPP
	:: mode == OPP_MODE_EPP -> reset_out()
#endif
	:: else ->
#ifndef BROKEN_22_FROM_REVERSE
		if
		:: position == OPP_AT_ECP_REVERSE -> leave_ecp_reverse()
		:: else
		fi;
#endif
		handshake_out()
	fi
}

/* ev 3 to 6, and 51 to 55: the byte is latched, the answer read. */
inline ask()
{
	if
	:: nAutoFd ->
		drive(true, true, false, true);			/* ev 51 */
		await(!nAck)					/* ev 52 */
	:: else ->
		drive(true, false, false, true);		/* ev 3 */
		hold(at != N_2);
		came = true
	fi;
	if
	:: came ->
		drive(true, true, true, true);			/* ev 4, 53 */
		await(nAck)					/* ev 6, 55 */
	:: else
	fi;
	if
	:: !came -> fail_with(OPP_DEVICE_PROTOCOL_ERROR)
#ifndef BROKEN_XFLAG_NOT_READ
	:: came && !Select && data != OPP_REQUEST_NIBBLE -> fail_with(OPP_UNSUCCESSFUL)
#endif
	:: else
	fi
}

inline stop_if_cancelled()
{
	if
	:: cancelled -> fail_with(OPP_CANCELLED)
	:: else
	fi
}

inline set_up_ecp()
{
	drive(true, false, true, true);				/* ev 30 */
	await(PError);						/* ev 31 */
#ifndef BROKEN_31_NOT_AWAITED
	if
	:: !came -> fail_with(OPP_DEVICE_PROTOCOL_ERROR)
	:: else
	fi
#endif
}

inline agreed(request)
{
	if
	:: request == OPP_REQUEST_NIBBLE -> mode = OPP_MODE_NIBBLE
	:: request == OPP_REQUEST_BYTE -> mode = OPP_MODE_BYTE
	:: request == OPP_REQUEST_ECP -> mode = OPP_MODE_ECP; position = OPP_AT_ECP_FORWARD
	:: request == OPP_REQUEST_EPP -> mode = OPP_MODE_EPP; position = OPP_AT_EPP_IDLE
	fi;
	if
	:: request <= OPP_REQUEST_BYTE -> position = (nFault -> OPP_AT_HBDNA : OPP_AT_HBDA)
	:: else
	fi;
	assert(mode == accepted || vanished)	/* high lines of an empty socket look like consent */
}

inline negotiate(request, link)
{
	data = (link -> OPP_REQUEST_LINK : request);		/* ev 0 */
	drive(true, false, true, true);				/* ev 1 */
	await(!nAck && PError && Select && nFault);		/* ev 2 */
	if
	:: !came ->
		fail_with(OPP_NO_SUCH_DEVICE);
#ifndef BROKEN_NO_ABORT
		drive(false, true, true, true);
#endif
		rest()
	:: came && cancelled ->
		fail_with(OPP_CANCELLED);
#ifndef BROKEN_CANCEL_JUST_STOPS
		drive(false, true, true, true);
#endif
		rest()
	:: came && !cancelled ->
		ask();
		if
		:: link -> stop_if_cancelled()
		:: else
		fi;
		if
		:: link && status == OPP_SUCCESS -> data = request; ask()
		:: else
		fi;
		if
		:: request == OPP_REQUEST_ECP && status == OPP_SUCCESS -> set_up_ecp()
		:: else
		fi;
		if
		:: status == OPP_SUCCESS ->
			agreed(request);
			stop_if_cancelled();
			if
			:: status == OPP_CANCELLED -> terminate()
			:: else
			fi
		:: else ->
#ifdef BROKEN_REFUSAL_NOT_TERMINATED
			drive(false, true, true, true);
			rest()
#else
			handshake_out()
#endif
		fi
	fi
}

inline one_cycle()
{
	drive(true, false, true, true);				/* ev 7, 12 */
	await(!nAck);						/* ev 9 */
	drive(true, true, true, true);				/* ev 10 */
	if
	:: came -> await(nAck)					/* ev 11 */
	:: else
	fi;
	if
	:: !came -> fail_with(OPP_DEVICE_PROTOCOL_ERROR)
	:: else
	fi
}

/* Two nibbles or a byte; without one, to reverse idle and perhaps out of it again. */
inline read_status_lines()
{
	if
	:: position == OPP_AT_HBDNA ->
		drive(true, false, true, true);			/* ev 7 */
		position = OPP_AT_REVERSE_IDLE;
		if
		:: true
		:: !nFault && nAck ->
			drive(true, true, true, true);		/* ev 20 */
			await(!PError);				/* ev 21 */
			if
			:: !came -> fail_with(OPP_DEVICE_PROTOCOL_ERROR)
			:: else
			fi;
			position = OPP_AT_HBDA
		fi
	:: position == OPP_AT_HBDA ->
		if
		:: mode == OPP_MODE_BYTE -> drive_bus(false)	/* ev 14 */
		:: else -> one_cycle()				/* the low nibble */
		fi;
		one_cycle();
		if
		:: mode == OPP_MODE_BYTE ->
			drive(true, true, false, true);		/* ev 16 */
			hold(at != Y_ACK);
			drive(true, true, true, true)		/* ev 17 */
		:: else
		fi;
		position = (nFault -> OPP_AT_HBDNA : OPP_AT_HBDA)
	:: else
	fi
}

inline read_ecp()
{
	drive(true, false, true, true);
	drive_bus(false);					/* ev 38 */
	drive(true, false, true, false);			/* ev 39 */
	await(!PError);						/* ev 40 */
	if
	:: !came -> fail_with(OPP_DEVICE_PROTOCOL_ERROR); leave_ecp_reverse()
	:: else ->
		position = OPP_AT_ECP_REVERSE;
		if
		:: true
		:: !nAck ->					/* ev 43 */
			drive(true, true, true, false);		/* ev 44 */
			await(nAck);				/* ev 45 */
			if
			:: !came -> fail_with(OPP_DEVICE_PROTOCOL_ERROR)
			:: else
			fi;
			drive(true, false, true, false)		/* ev 46 */
		fi
	fi
}

inline use()
{
	if
	:: true					/* not at all */
	:: mode == OPP_MODE_NIBBLE || mode == OPP_MODE_BYTE -> read_status_lines()
	:: mode == OPP_MODE_ECP -> read_ecp()
	:: else
	fi
}

/* Between operations: lines at the idle of the mode, and the mode is the peripheral's too. */
inline assert_at_rest()
{
	d_step {
		assert(mode == OPP_MODE_COMPAT || mode == accepted || disturbed);
		if
		:: position == OPP_AT_COMPAT_IDLE -> assert(mode == OPP_MODE_COMPAT && compat_lines)
		:: position == OPP_AT_HBDA || position == OPP_AT_HBDNA ->
			assert(nSelectIn && nAutoFd && nStrobe && nInit)
		:: position == OPP_AT_REVERSE_IDLE -> assert(nSelectIn && !nAutoFd && nStrobe && nInit)
		:: position == OPP_AT_ECP_FORWARD -> assert(mode == OPP_MODE_ECP && forward_lines)
		:: position == OPP_AT_ECP_REVERSE ->
			assert(nSelectIn && !nAutoFd && nStrobe && !nInit && !host_drives)
		:: position == OPP_AT_EPP_IDLE ->
			assert(mode == OPP_MODE_EPP && forward_lines && nAutoFd)
		fi
	}
}

inline session(request, link)
{
	negotiate(request, link);
	assert_at_rest();
	assert(status != OPP_SUCCESS || mode != OPP_MODE_COMPAT);
	assert(status == OPP_SUCCESS || mode == OPP_MODE_COMPAT);
	use();
	assert_at_rest();
	terminate();
	assert_at_rest();
	assert(mode == OPP_MODE_COMPAT)
}

/* What was wrong is over, and the peripheral has had its second. */
inline mend()
{
	session_over = true;
	d_step {
		stalled = false;
		if
		:: vanished -> vanished = false; idle_lines()
		:: else
		fi
	};
	timeout && !(at == T_24 || at == T_27);
	assert(at == C_IDLE && nAck && !PError && Select && nFault && !Busy && !peer_drives);
	d_step {
		cancelled = false; disturbed = false; in_order = true; session_over = false;
		status = OPP_SUCCESS; came = false; writes = 0
	}
}

active proctype host()
{
	byte request;
	bool link;

	if
	:: request = OPP_REQUEST_NIBBLE
	:: request = OPP_REQUEST_BYTE
	:: request = OPP_REQUEST_ECP
	:: request = OPP_REQUEST_EPP
	fi;
	if
	:: request >= OPP_REQUEST_ECP -> link = true
	:: true
	fi;
	do
	:: session(request, link);
		assert(status == OPP_SUCCESS || !in_order);
		assert(status == OPP_SUCCESS || status == OPP_UNSUCCESSFUL || disturbed || cancelled);
		if
		:: in_order -> break
		:: else -> mend()
		fi
	od;
	mend()
}
