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
#define OPP_AT_BROKEN_OFF			7

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
#define N_51		7
#define N_EXT2		8
#define N_54		9
#define R_WAIT		10
#define B_HBDA		11
#define B_HBDNA		12
#define B_LO		13
#define B_LO2		14
#define B_HI		15
#define B_RIDLE		16
#define B_18		17
#define B_INT		18
#define Y_HBDA		19
#define Y_D		20
#define Y_ACK		21
#define E_SETUP		22
#define E_FWD		23
#define E_REV		24
#define E_RB		25
#define E_RA		26
#define E_48		27
#define P_IDLE		28
#define P_CYC		29
#define T_23		30
#define T_24		31
#define T_26		32
#define T_27		33

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
bool lost;				/* something did not: what the fault record tells */
bool aborted;				/* it has ended the mode without asking */
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
/* What hardware does, which does not stall: it latches the byte of a request, and resets. */
#define latches		(!vanished && at == N_2 && nSelectIn && !nStrobe)
#define latches_link	(!vanished && at == N_EXT && nSelectIn && !nStrobe)
#define resets		(!vanished && (at == P_IDLE || at == P_CYC) && !nInit)

#define at_idle	(at == R_WAIT || at == N_EXT || at == B_HBDA || at == B_HBDNA || at == B_RIDLE || at == B_18 || \
		 at == B_INT || at == Y_HBDA || at == Y_ACK || at == E_SETUP || at == E_FWD)
#define reversed (at == E_REV || at == E_RB || at == E_RA)

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
	assert(disturbed || aborted);
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
	:: atomic { there && at == N_5 && nSelectIn -> nAck = true; enter(next); next = 0 }	/* ev 6 */
	:: atomic { there && at == N_5 && !nSelectIn -> idle_lines(); next = 0 }
	:: atomic { latches_link -> ext = data; at = N_51 }		/* ev 51 */
	:: atomic { there && at == N_51 && nSelectIn -> nAck = false; at = N_EXT2 }	/* ev 52 */
	:: atomic { there && (at == N_51 || at == N_EXT2) && !nSelectIn -> drop_to_compat() }
	:: atomic { there && at == N_EXT2 && nSelectIn && nStrobe ->	/* ev 53, 54 */
		assert(ext != OPP_REQUEST_LINK);
		answer(next);
		at = N_54 }
	:: atomic { there && at == N_54 && !nSelectIn -> drop_to_compat(); next = 0 }
	:: atomic { there && at == N_54 && nSelectIn -> nAck = true; enter(next); next = 0 }	/* ev 55 */

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
		at = P_CYC }
	:: atomic { resets ->						/* ev 68 */
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

#define HIGH		true
#define LOW		false

/* One control write: nSelectIn, nAutoFd, nStrobe, nInit. */
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

inline fail_with(reason)
{
	status = (status == OPP_SUCCESS -> reason : status)
}

/* The peripheral does no more, except what hardware does. */
#define gone_quiet	((stalled || vanished) && !latches && !latches_link && !resets)

/* OPP_EXPECT: goes on without it. */
inline expect(condition)
{
	if
	:: atomic { (condition) -> came = true }
#ifndef BROKEN_WAITS_FOR_EVER
	:: atomic { gone_quiet && !(condition) -> came = false; lost = true }
	:: atomic { timeout -> came = false; lost = true }
#endif
	fi
}

/* OPP_OWED: fails without it. */
inline owed(condition)
{
	expect(condition);
	if
	:: !came -> fail_with(OPP_DEVICE_PROTOCOL_ERROR)
	:: else
	fi
}

/* OPP_AWAIT: is not waited for when the transfer shall end, either. */
inline await(condition)
{
	if
	:: atomic { (condition) -> came = true }
	:: atomic { !(condition) && cancelled -> came = false; fail_with(OPP_CANCELLED) }
	:: atomic { gone_quiet && !(condition) -> came = false; lost = true }
	:: atomic { timeout -> came = false; lost = true }
	fi;
	if
	:: !came -> fail_with(OPP_DEVICE_PROTOCOL_ERROR)
	:: else
	fi
}

/* A pulse is long enough for what a living peripheral does in it. */
#define hold(done)	(done) || gone_quiet

inline come_home()
{
	d_step {
		mode = OPP_MODE_COMPAT;
		position = OPP_AT_COMPAT_IDLE
	}
}

/* A peripheral that keeps the bus keeps it. */
inline leave_ecp_reverse()
{
	drive(HIGH, LOW, HIGH, HIGH);				/* ev 47 */
#ifdef BROKEN_DRIVES_BEFORE_49
	drive_bus(true);
#endif
	expect(PError);						/* ev 49 */
	if
	:: came -> drive_bus(true); position = OPP_AT_ECP_FORWARD	/* ev 50 */
	:: else -> position = OPP_AT_BROKEN_OFF
	fi
}

inline handshake_out()
{
#ifdef BROKEN_22_IN_TWO_WRITES
	drive(LOW, nAutoFd, HIGH, HIGH);
	timeout;
#endif
	drive(LOW, HIGH, HIGH, HIGH);				/* ev 22 */
#ifdef BROKEN_18_TAKEN_FOR_24
	expect(!nAck);
#else
	expect(!nAck && nFault);				/* ev 24; at ev 18 nFault is low */
#endif
	drive(LOW, LOW, HIGH, HIGH);				/* ev 25 */
	expect(nAck);						/* ev 27 */
#ifndef BROKEN_28_FORGOTTEN
	drive(LOW, HIGH, HIGH, HIGH);				/* ev 28 */
#endif
	drive_bus(true)
}

/* Immediate termination: nSelectIn falls with nAutoFd low, which nobody answers. */
inline drop_out()
{
	aborted = true;
#ifdef BROKEN_ABORT_IN_TWO_WRITES
	drive(HIGH, LOW, HIGH, nInit);
#endif
	drive(LOW, LOW, HIGH, HIGH);
	hold(at == C_IDLE);					/* TR */
	drive(LOW, HIGH, HIGH, HIGH);
	drive_bus(true)
}

inline reset_out()
{
	drive(HIGH, HIGH, HIGH, LOW);				/* ev 68 */
#ifndef BROKEN_68_TOO_SHORT
	hold(at != P_IDLE && at != P_CYC);
#endif
	drive(LOW, HIGH, HIGH, HIGH);				/* ev 69 */
	drive_bus(true)
}

inline terminate()
{
	if
#ifndef BROKEN_22_FROM_REVERSE
	:: position == OPP_AT_ECP_REVERSE -> leave_ecp_reverse()
#endif
	:: else
	fi;
	if
	:: mode == OPP_MODE_COMPAT
	:: position == OPP_AT_BROKEN_OFF -> drop_out()
#ifndef BROKEN_22_IN_EPP
	:: mode == OPP_MODE_EPP -> reset_out()
#endif
	:: else -> handshake_out()
	fi;
	come_home()
}

inline stop()
{
	if
	:: mode == OPP_MODE_COMPAT
	:: mode == OPP_MODE_EPP -> reset_out()
	:: else -> drop_out()
	fi;
	come_home()
}

inline heed_xflag()
{
	if
#ifndef BROKEN_XFLAG_NOT_READ
	:: status == OPP_SUCCESS && !Select && data != OPP_REQUEST_NIBBLE ->
		fail_with(OPP_UNSUCCESSFUL)
#endif
	:: else
	fi
}

/* From event 3 on the peripheral owes an answer, and only that says which way out is safe. */
#ifdef BROKEN_CANCEL_HEEDED_AT_6
#define answered(condition)	await(condition)
#else
#define answered(condition)	owed(condition)
#endif

inline ask()
{
	drive(HIGH, LOW, LOW, HIGH);				/* ev 3 */
	hold(at != N_2);
	drive(HIGH, HIGH, HIGH, HIGH);				/* ev 4 */
	answered(nAck);						/* ev 6 */
	heed_xflag()
}

inline ask_linked(request)
{
	data = request;
	drive(HIGH, HIGH, LOW, HIGH);				/* ev 51 */
	answered(!nAck);					/* ev 52 */
	if
	:: came ->
		drive(HIGH, HIGH, HIGH, HIGH);			/* ev 53 */
		answered(nAck);					/* ev 55 */
		heed_xflag()
	:: else
	fi
}

inline set_up_ecp()
{
	drive(HIGH, LOW, HIGH, HIGH);				/* ev 30 */
#ifdef BROKEN_31_NOT_AWAITED
	expect(PError)
#else
	await(PError)						/* ev 31 */
#endif
}

/* After event 6: the mode is the peripheral's, and so is its way out. */
inline enter_mode(request)
{
	if
	:: request == OPP_REQUEST_NIBBLE -> mode = OPP_MODE_NIBBLE
	:: request == OPP_REQUEST_BYTE -> mode = OPP_MODE_BYTE
	:: request == OPP_REQUEST_EPP -> mode = OPP_MODE_EPP; position = OPP_AT_EPP_IDLE
	:: request == OPP_REQUEST_ECP ->
		mode = OPP_MODE_ECP;
		position = OPP_AT_ECP_FORWARD;
		set_up_ecp()
	fi;
	if
	:: request <= OPP_REQUEST_BYTE -> position = (nFault -> OPP_AT_HBDNA : OPP_AT_HBDA)
	:: else
	fi;
	if
	:: status == OPP_SUCCESS ->
		assert(mode == accepted || vanished)	/* the high lines of an empty socket agree */
	:: else -> terminate()
	fi
}

inline negotiate(request, link)
{
	data = (link -> OPP_REQUEST_LINK : request);		/* ev 0 */
	drive(HIGH, LOW, HIGH, HIGH);				/* ev 1 */
	await(!nAck && PError && Select && nFault);		/* ev 2 */
	if
	:: !came ->
		status = (status == OPP_CANCELLED -> status : OPP_NO_SUCH_DEVICE);
#ifndef BROKEN_NO_ABORT
		drive(LOW, HIGH, HIGH, HIGH)
#endif
	:: else ->
		ask();
		if
		:: link && status == OPP_SUCCESS -> ask_linked(request)
		:: else
		fi;
		if
		:: status == OPP_SUCCESS -> enter_mode(request)
#ifdef BROKEN_REFUSAL_NOT_TERMINATED
		:: else -> drive(LOW, HIGH, HIGH, HIGH)
#else
		:: else -> handshake_out()
#endif
		fi
	fi
}

/* A nibble, or a byte in byte mode. What is cut short is not known to be whole. */
inline one_cycle()
{
	drive(HIGH, LOW, HIGH, HIGH);				/* ev 7, 12 */
	await(!nAck);						/* ev 9 */
	drive(HIGH, HIGH, HIGH, HIGH);				/* ev 10 */
	if
	:: came -> await(nAck)					/* ev 11 */
	:: else
	fi
}

/* Two nibbles or a byte. */
inline read_byte()
{
	if
	:: mode == OPP_MODE_BYTE -> drive_bus(false)		/* ev 14 */
	:: else -> one_cycle()					/* the low nibble */
	fi;
	if
	:: status == OPP_SUCCESS -> one_cycle()
	:: else
	fi;
	if
	:: status != OPP_SUCCESS -> position = OPP_AT_BROKEN_OFF
	:: else ->
		if
		:: mode == OPP_MODE_BYTE ->
			drive(HIGH, HIGH, LOW, HIGH);		/* ev 16 */
			hold(at != Y_ACK);
			drive(HIGH, HIGH, HIGH, HIGH)		/* ev 17 */
		:: else
		fi;
		position = (nFault -> OPP_AT_HBDNA : OPP_AT_HBDA)
	fi
}

/* Without a byte: to reverse idle, and perhaps out of it again. */
inline wait_for_byte()
{
	drive(HIGH, LOW, HIGH, HIGH);				/* ev 7 */
	position = OPP_AT_REVERSE_IDLE;
	if
	:: true
	:: !nFault && nAck ->					/* ev 19 */
		drive(HIGH, HIGH, HIGH, HIGH);			/* ev 20 */
		await(!PError);					/* ev 21 */
		position = (came -> OPP_AT_HBDA : OPP_AT_BROKEN_OFF)
	fi
}

inline read_ecp()
{
	drive(HIGH, LOW, HIGH, HIGH);
	drive_bus(false);					/* ev 38 */
	drive(HIGH, LOW, HIGH, LOW);				/* ev 39 */
	owed(!PError);						/* ev 40 */
	position = OPP_AT_ECP_REVERSE;
	if
	:: !came -> leave_ecp_reverse()
	:: came
	:: came && !nAck ->					/* ev 43 */
		drive(HIGH, HIGH, HIGH, LOW);			/* ev 44 */
		owed(nAck);					/* ev 45 */
		drive(HIGH, LOW, HIGH, LOW)			/* ev 46 */
	fi
}

inline use()
{
	if
	:: true							/* not at all */
	:: position == OPP_AT_HBDA -> read_byte()
	:: position == OPP_AT_HBDNA -> wait_for_byte()
	:: mode == OPP_MODE_ECP -> read_ecp()
	fi
}

/* Between operations the lines are at the idle of the mode, which is the peripheral's too. */
inline assert_at_rest()
{
	d_step {
		assert(mode == OPP_MODE_COMPAT || mode == accepted || disturbed);
		assert(!lost || disturbed);
		if
		:: position == OPP_AT_COMPAT_IDLE ->
			assert(mode == OPP_MODE_COMPAT && !nSelectIn && nAutoFd && nStrobe && nInit &&
			       host_drives)
		:: position == OPP_AT_HBDA || position == OPP_AT_HBDNA ->
			assert(nSelectIn && nAutoFd && nStrobe && nInit)
		:: position == OPP_AT_BROKEN_OFF ->
			assert(nSelectIn && nStrobe && nInit && nAutoFd == (mode != OPP_MODE_ECP))
		:: position == OPP_AT_REVERSE_IDLE ->
			assert(nSelectIn && !nAutoFd && nStrobe && nInit)
		:: position == OPP_AT_ECP_FORWARD ->
			assert(mode == OPP_MODE_ECP && nSelectIn && nStrobe && nInit && host_drives)
		:: position == OPP_AT_ECP_REVERSE ->
			assert(nSelectIn && !nAutoFd && nStrobe && !nInit && !host_drives)
		:: position == OPP_AT_EPP_IDLE ->
			assert(mode == OPP_MODE_EPP && nSelectIn && nAutoFd && nStrobe && nInit &&
			       host_drives)
		fi
	}
}

inline session(request, link)
{
	negotiate(request, link);
	assert((status == OPP_SUCCESS) == (mode != OPP_MODE_COMPAT));
	assert_at_rest();
	use();
	assert_at_rest();
	if
	:: true -> terminate()
	:: true -> stop()
	fi;
	assert_at_rest()
}

/* What was wrong is over, and the peripheral has had its second. */
inline mend()
{
	session_over = true;
	d_step {
		stalled = false;
		if
		:: vanished -> vanished = false; idle_lines()
		:: lost && (at == P_IDLE || at == P_CYC) ->
			idle_lines()	/* it agreed to EPP as the host gave up: somebody resets it */
		:: else
		fi
	};
	timeout && !(at == T_24 || at == T_27);
	assert(at == C_IDLE && nAck && !PError && Select && nFault && !Busy && !peer_drives);
	d_step {
		cancelled = false; disturbed = false; aborted = false; lost = false;
		status = OPP_SUCCESS; came = false; writes = 0;
		in_order = true; session_over = false
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
