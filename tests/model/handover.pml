/* SPDX-License-Identifier: MIT */
/*
 * Hand-over of the port among three files, an interrupt service routine and
 * everything that can come between: cancel, deadline, a dying client, an
 * administrator's kick, removal, wire work that fails, a loss of power.
 *
 * handover_port.pml follows src/core/port.c function by function. Every access to the
 * ownership word is a step of its own, because the interrupt-level pair may
 * come in before and after each; what only the lock's owner touches moves
 * together with the access beside it. State names and values are those of the C
 * enumerations, handover.py compares them.
 *
 * Who takes part is chosen by handover.py: -DFILES=n that many files instead of
 * three, -DWIRE the last file's request needs wire work, -DWORKS holders select a
 * device themselves, -DCANCELS -DEXPIRES -DDEATHS what may end a request early,
 * -DINTERRUPTS=n that many interrupts, -DDEFERRED routines, -DKICK, -DREMOVE, -DPOWER
 * the hardware loses its power once (src/contract/power.c), -DLENDS a system lends the
 * port, to another user of its own, too; -DLOSES and then the port goes.
 * -DBROKEN_x plants the fault of that name, which must be found.
 */

/* enum opp_port_state */
#define OPP_PORT_FREE		0
#define OPP_PORT_GRANTING	1
#define OPP_PORT_HELD		2
#define OPP_PORT_RELEASING	3

/* the flags of the ownership word */
#define STATE_MASK		3
#define AT_INTERRUPT		4
#define FREE_ASKED		8
#define IN_VAIN			16
#define GONE			32
#define LENT			64

/* enum opp_req_state */
#define OPP_REQ_IDLE		0
#define OPP_REQ_QUEUED		1
#define OPP_REQ_GRANTING	2
#define OPP_REQ_DROPPED		3
#define OPP_REQ_FINISHED	4

/* enum opp_status, as far as a request can end with it */
#define OPP_SUCCESS		0
#define OPP_PENDING		1
#define OPP_CANCELLED		3
#define OPP_DELETE_PENDING	4
#define OPP_DEVICE_BUSY		6
#define OPP_NO_SUCH_DEVICE	13
#define OPP_UNSUCCESSFUL	21
#define OPP_KICKED		22

#ifndef FILES
#define FILES	3
#endif
#define ANON	FILES
#define TAKER	(FILES + 1)		/* the second deferred routine */
#define NOBODY	(FILES + 2)

#define ROUTINES 2
#define UNTOLD	255
#define OVER	254			/* told, and nobody looks at the answer again */

#define STATE	(word & STATE_MASK)

#ifdef LENDS
#define STANDING	LENT
#else
#define STANDING	0
#endif
#define FREE_WORD	(OPP_PORT_FREE | STANDING)

/* the port; a file makes one request, which has the file's number */
byte word = FREE_WORD;
byte holder = NOBODY;
byte granting = NOBODY;
bool granting_dropped;
bool undo;
bool driven;				/* OPP_UNDO_TRANSFER: a caller of the holder's is on the wire */
#ifdef POWER
bool powerless;				/* OPP_UNDO_POWER */
bool asleep;
bool stepping;				/* the worker has work */
bool restoring;				/* then: to bring back what was lost */
#else
#define powerless	false
#endif
#ifdef LENDS
bool claimed;				/* OPP_UNDO_CLAIM */
bool elsewhere;				/* OPP_UNDO_ELSEWHERE */
#else
#define claimed		false
#endif
bool removed;
bool telling;
byte routine = ROUTINES;		/* deferred_next; ROUTINES: none */
bool running;
bool round_again;
byte taken;				/* allocates less frees: 1 in GRANTING and HELD */
byte line[FILES];
byte in_line;
byte finished[FILES];
byte to_tell;				/* in finished */
byte req_state[FILES];
byte req_status[FILES];
bool out[FILES];			/* kicked or dead */

/* the world */
bool locked;
byte owed;				/* deferred calls the interrupt level has asked for */
bool cancelling[FILES];			/* a cancel is on its way and will touch the request */
bool won[FILES];			/* the engine won the race against cancel */
byte told[FILES] = UNTOLD;
byte files_left = FILES;
bool left[FILES];			/* its process is over; it may still have to be told */

/* the wire */
bool on_wire;				/* somebody drives it at this moment */
bool selected;				/* a device of the daisy chain */
#ifdef POWER
bool off;				/* it has no power */
#else
#define off		false
#endif

#ifdef LENDS
/* the system */
#define ITS_OWN		0
#define OURS		1
#define ANOTHERS	2
byte lent_to = ITS_OWN;
bool lost;				/* the port is gone */
bool fresh;				/* claimed since the last of us had it */
#define is_ours		(lent_to == OURS)
#else
#define is_ours		true
#endif

/* what is to be proved */
byte before[FILES];			/* a bit for each file that came earlier and still waits */
byte users;				/* those who believe the port is theirs */
bool believes[FILES + 2];
bool missed;				/* an interrupt found the port taken and hopes to be called */

#ifdef WIRE
#define needs_wire(file)	((file) == FILES - 1)
#else
#define needs_wire(file)	false
#endif

inline believe(who)
{
	believes[who] = true;
	users++;
	assert(users <= 1);		/* at most one holder */
	assert(is_ours)
}

/* Who drives the wire does so alone, however long it takes. */
inline drive(result)
{
	atomic { assert(!on_wire && !off && is_ours); on_wire = true };
	atomic { assert(!off && is_ours); selected = result; on_wire = false }
}

/* A holder who did not ask for a device finds the one at the end of the chain. */
#define at_rest		(!selected && !on_wire)

inline believe_no_more(who)
{
	if
	:: believes[who] -> believes[who] = false; users--
	:: else
	fi
}

inline lock()
{
	atomic { !locked -> locked = true }
}

inline unlock()
{
	atomic {
		assert(in_line == 0 || STATE != OPP_PORT_FREE);
		assert((word & AT_INTERRUPT) ||
		       taken == (STATE == OPP_PORT_GRANTING || STATE == OPP_PORT_HELD));
		seen = 0; file = 0; may = false;	/* fewer states: nobody looks at them again */
		locked = false
	}
}

#include "handover_port.pml"

/* ---- front end ----------------------------------------------------------------- */

/* What stays of a file that left, the same however it ended: fewer states. */
inline over(file)
{
	left[file] = true;
	if
	:: told[file] != UNTOLD || answer != OPP_PENDING ->
		told[file] = OVER;
		req_status[file] = 0;
		won[file] = false;
		out[file] = false
	:: else
	fi
}

inline tell(file)
{
	d_step {
		assert(told[file] == UNTOLD);
		assert(!cancelling[file]);	/* from now on its storage may be gone */
		told[file] = req_status[file];
		if
		:: left[file] -> over(file)
		:: !left[file] && !out[file] && told[file] == OPP_SUCCESS -> believe(file)
		:: else
		fi;
		whom = 0
	}
}

/* The first routine is the interrupt's, the second has another use for the port. */
inline call(which)
{
	if
	:: which == 0 -> missed = false
	:: else ->
		lock();
		try_allocate(TAKER);
		if
		:: may ->
			unlock();
			lock();
			believe_no_more(TAKER);
			free_port(TAKER)
		:: else
		fi;
		unlock()
	fi;
	whom = 0
}

inline expire()
{
	if
	:: told[me] == UNTOLD && req_state[me] == OPP_REQ_QUEUED ->
		finish_waiter(me, OPP_DEVICE_BUSY)
	:: else
	fi
}

inline die()
{
	d_step { believe_no_more(me); out[me] = true };
	drop_client(me)
}

/* opp_port_free_at_interrupt, by who still has the port. */
inline ask_release(who)
{
	d_step {
		if
		:: believes[who] ->
			believe_no_more(who);
			assert(STATE == OPP_PORT_HELD);
			if
			:: word & FREE_ASKED
			:: else ->
				word = word | FREE_ASKED;
#ifndef BROKEN_FREE_NOT_SETTLED
				owed++
#endif
			fi
		:: else
		fi
	}
}

/*
 * seen: the settled word; may: the answer to the last question; at: a place in a
 * list; file, whom, answer: files and a status on their way.
 */
#define LOCALS	byte seen, at, file, whom, answer; bool may

#define waits	(answer == OPP_PENDING && told[me] == UNTOLD)
#define has	(answer == OPP_SUCCESS || told[me] == OPP_SUCCESS)

proctype client(byte me)
{
	LOCALS;
	bool tried, done;

	lock();
	submit(me);
said:
	tell_events();
	if
#ifdef EXPIRES
	:: atomic { waits && !locked && !tried && !done -> locked = true; tried = true };
		expire();
		goto said
#endif
#ifdef DEATHS
	:: atomic { (waits || has) && !locked && !done -> locked = true; done = true };
		die();
		goto said
#endif
#ifdef WORKS
	:: atomic { has && !locked && !done && !tried -> locked = true; tried = true };
		work(me);
		goto said
#endif
	:: atomic { has && !locked && !done -> locked = true; done = true };
		believe_no_more(me);
		free_port(me);
		goto said
	:: atomic { has && !done -> ask_release(me) }
	:: atomic { done || !(waits || has) }
	fi;
	atomic {
		over(me);
		answer = 0; tried = false; done = false;
		files_left--
	}
}

#ifdef CANCELS
/* A cancel routine runs only when it, not the engine, has the request. */
proctype canceller(byte me)
{
	LOCALS;

	if
	:: d_step { req_state[me] == OPP_REQ_QUEUED && !won[me] -> cancelling[me] = true };
		lock();
		d_step { cancel(me); cancelling[me] = false };
		tell_events()
	:: d_step { won[me] || req_state[me] == OPP_REQ_FINISHED }
	fi
}
#endif

#ifdef INTERRUPTS
active proctype interrupt()
{
	byte count;

	do
	:: count < INTERRUPTS ->
		count++;
		if
		:: d_step { word == OPP_PORT_FREE ->
				assert(at_rest);
				word = OPP_PORT_HELD | AT_INTERRUPT;
				believe(ANON)
			};
			ask_release(ANON)
		:: d_step { word != OPP_PORT_FREE ->
#ifndef BROKEN_NOTHING_LEFT_IN_VAIN
				word = word | (word & GONE || word == FREE_WORD -> 0 : IN_VAIN);
#endif
				missed = true
			}
		fi
	:: else -> break
	od
}
#endif

active proctype deferred_call()
{
	LOCALS;

end:	do
	:: owed > 0 ->
		lock();
		owed--;
		settle();
		tell_events()
	od
}

#if defined(WIRE) || defined(DEATHS) || defined(KICK) || defined(WORKS) || defined(POWER) || \
	defined(LENDS)
#ifdef BROKEN_WORKER_HEEDS_NOBODY
#define is_free		true
#else
#define is_free		!driven
#endif
#define in_between	(STATE == OPP_PORT_GRANTING || STATE == OPP_PORT_RELEASING)

#ifdef POWER
#ifdef BROKEN_WORKER_HEEDS_NO_SLEEP
#define sleeps		false
#else
#define sleeps		(asleep && !removed)
#endif
#define to_restore	(powerless && !asleep)
#define wants_wire	((in_between || to_restore) && is_free && !sleeps)
#ifdef BROKEN_WORK_OUTLIVES_POWER
#define is_void		false
#else
#define is_void		(sleeps || (to_restore && !restoring))
#endif

inline begin_work()
{
	stepping = true;
	restoring = to_restore;
	back = restoring;
	gone = asleep			/* and removed: the wire is left alone */
}

#ifdef LENDS
#define forget_claim()	elsewhere = false
#else
#define forget_claim()
#endif

inline end_work()
{
	stepping = false;
	if
	:: is_void
	:: !is_void && restoring -> d_step { powerless = false; undo = false; forget_claim() }
	:: else -> done()
	fi
}
#else
#define back		false
#define gone		false
#define wants_wire	(in_between && is_free)
#define begin_work()
#define end_work()	done()
#endif
#define selects		(whom != NOBODY && !back && !gone)

/* src/core/step.c: a system is asked until it lends the port, or nobody waits any more. */
#ifdef LENDS
#ifdef BROKEN_ASKS_FOR_NOBODY
#define is_wanted	true
#else
#ifdef POWER
#define is_wanted	(in_line > 0 && !sleeps)
#else
#define is_wanted	(in_line > 0)
#endif
#endif

inline claim()
{
	if
	:: atomic { lost -> answer = OPP_NO_SUCH_DEVICE }
	:: atomic { !lost && lent_to == ITS_OWN -> lent_to = OURS; fresh = true }
	:: atomic { !locked && !is_wanted }
	fi
}

inline unclaim()
{
	atomic {
		assert(!on_wire && !selected);
		lent_to = (lent_to == OURS -> ITS_OWN : lent_to)
	}
}

/* Whether it is ours by now is known to who drives the wire, and told in the next step. */
inline learn_claim()
{
	d_step {
		claimed = lent_to == OURS;
		if
		:: answer == OPP_NO_SUCH_DEVICE && !removed -> may = true
		:: else -> may = false
		fi
	};
	if
	:: may -> remove()
	:: else
	fi
}

#define touches		(claimed && !asking)

/* First of all, or after all else. */
inline turn_to_system()
{
	if
	:: asking -> claim()
	:: !asking && whom == NOBODY && !back && claimed -> unclaim()
	:: else
	fi
}
#else
#define touches		true
#define learn_claim()
#define turn_to_system()
#endif

inline done()
{
#ifndef BROKEN_SELECTION_NOT_LEFT
	undo = undo || granting != NOBODY;
#endif
	wire_done(answer)
}

active proctype worker()
{
	LOCALS;
#ifdef LENDS
	bool asking;
#endif
#ifdef POWER
	bool back, gone;
#endif

end:	do
	:: atomic { wants_wire && !locked -> locked = true };
		begin_work();
		whom = granting;
#ifdef LENDS
		asking = elsewhere && whom == NOBODY && !back && !gone;
#endif
		unlock();
		if
#ifdef POWER
		:: gone
#endif
		:: selects -> drive(true); answer = OPP_SUCCESS
		:: selects -> drive(false); answer = OPP_UNSUCCESSFUL
		:: !selects && !gone && touches -> drive(false)
#ifdef LENDS
		:: !selects && !gone && !touches
#endif
		fi;
		turn_to_system();
		lock();
		learn_claim();
		end_work();
		atomic { answer = OPP_SUCCESS; whom = 0 };
#ifdef LENDS
		asking = false;
#endif
#ifdef POWER
		atomic { back = false; gone = false };
#endif
		tell_events()
	od
}
#endif

#ifdef POWER
/* The wire is quiet; what was on it goes, also what was in the middle of something. */
active proctype power()
{
	LOCALS;

	lock();
	if
	:: !removed -> suspend()
	:: else
	fi;
	tell_events();
#ifdef BROKEN_SLEEP_BEFORE_QUIET
	atomic { !locked -> off = asleep; selected = selected && !off };
#else
	atomic { !locked && !driven && !stepping -> off = asleep; selected = selected && !off };
#endif
	atomic { off = false };
	lock();
	if
	:: !removed -> asleep = false
	:: else
	fi;
	tell_events()
}
#endif

#ifdef LENDS
/* Another user: takes the port twice if it can, and lets go when one of us waits, at last. */
active proctype another()
{
	byte turns;

end:	do
	:: atomic { turns < 2 && lent_to == ITS_OWN -> lent_to = ANOTHERS; turns++ }
	:: atomic { lent_to == ANOTHERS && in_line > 0 -> lent_to = ITS_OWN }
#ifdef LOSES
	:: atomic { !lost -> lost = true }
#endif
	od
}
#endif

#ifdef KICK
active proctype administrator()
{
	LOCALS;

	lock();
	settle();
	if
	:: (seen & STATE_MASK) == OPP_PORT_HELD ->
		d_step {
			believe_no_more(holder);
			if
			:: holder < FILES -> out[holder] = true
			:: else
			fi;
			undo = true
		};
		release()
	:: else
	fi;
	tell_events()
}
#endif

#ifdef REMOVE
active proctype remover()
{
	LOCALS;

	lock();
	remove();
	tell_events()
}
#endif

/* When nothing more can happen: nobody waits, nobody holds, each was told. */
active proctype quiescence()
{
	timeout;
	assert(files_left == 0);
	assert(in_line == 0 && to_tell == 0);
	assert(STATE == OPP_PORT_FREE && taken == 0 && users == 0);
	assert(!selected && !driven);
#ifdef DEFERRED
	assert(!missed || removed);
#endif
	assert(!locked && !telling && owed == 0);
#ifdef LENDS
	assert(lent_to != OURS && !claimed && !elsewhere);
#endif
#ifdef POWER
	assert(!stepping && (removed || (!asleep && !powerless)))
#endif
}

init
{
	atomic {
		run client(0);
		run client(1);
#if FILES > 2
		run client(2);
#endif
#ifdef CANCELS
#if FILES > 2
		run canceller(2);
#endif
		run canceller(1)
#endif
	}
}
