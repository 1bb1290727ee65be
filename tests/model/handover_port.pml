/* SPDX-License-Identifier: MIT */
/*
 * What src/core/port.c does, function by function: part of handover.pml, which says what the
 * variables are. The caller has the lock, and its own seen, at, file, whom, answer and may.
 */

#define under_way	(running || routine < ROUTINES)

inline set_state(state)
{
	round_again = round_again || ((word & IN_VAIN) && under_way);
	word = state | STANDING | (removed -> GONE : 0)
}

inline become_free()
{
	set_state(OPP_PORT_FREE);
#ifdef DEFERRED
	if
	:: !removed && (!under_way || round_again) -> round_again = false; routine = 0
	:: else
	fi
#endif
}

inline leave_line(file)
{
	at = 0;
	do
	:: line[at] == file -> break
	:: else -> at++
	od;
	in_line--;
	do
	:: at < in_line ->
		line[at] = line[at + 1];
		before[line[at]] = before[line[at]] & ~(1 << file);
		at++
	:: else -> line[in_line] = 0; at = 0; break
	od
}

inline finish(file, status)
{
	assert(req_state[file] != OPP_REQ_FINISHED);	/* each request ends once */
	req_state[file] = OPP_REQ_FINISHED;
	req_status[file] = status;
	finished[to_tell] = file;
	to_tell++
}

/* Race against the front end's cancel: one of the two wins. */
inline take(file)
{
	leave_line(file);
	if
#ifndef BROKEN_NO_TAKE
	:: cancelling[file] -> req_state[file] = OPP_REQ_DROPPED; may = false
#endif
	:: else -> won[file] = true; may = true
	fi
}

inline begin_hold(who)
{
#ifdef LENDS
	assert(fresh);				/* others have had their turn */
	fresh = false;
#endif
	holder = who;
	taken++;
	assert(taken == 1)
}

inline grant(file)
{
	assert(before[file] == 0);			/* arrival order */
	assert(!powerless);				/* below D0 nothing is granted */
	if
	:: needs_wire(file) ->
		begin_hold(NOBODY);
		req_state[file] = OPP_REQ_GRANTING;
		granting = file;
		set_state(OPP_PORT_GRANTING)
	:: else ->
		assert(at_rest);
		begin_hold(file);
		set_state(OPP_PORT_HELD);
		finish(file, OPP_SUCCESS)
	fi
}

#ifdef LENDS
inline want_claim()
{
	elsewhere = true;
	set_state(OPP_PORT_RELEASING)
}
#endif

inline serve_next()
{
	may = false;
#ifdef BROKEN_TWO_STEPS
	d_step { set_state(OPP_PORT_FREE) };
	unlock();
	lock();
#endif
	do
#ifdef LENDS
	:: in_line > 0 && !claimed -> d_step { want_claim() }; break
#ifndef BROKEN_CLAIMED_FOR_NOBODY
	:: in_line == 0 && claimed -> d_step { set_state(OPP_PORT_RELEASING) }; break
#endif
	:: in_line > 0 && claimed ->
#else
	:: in_line > 0 ->
#endif
		d_step { file = line[0]; take(file) };
		if
		:: may -> d_step { grant(file) }; break
		:: else
		fi
	:: else -> d_step { become_free() }; break
	od
}

#ifdef BROKEN_CLAIM_HANDED_ON
#define must_give_back	(claimed && in_line == 0)
#else
#define must_give_back	claimed
#endif

inline release()
{
	holder = NOBODY;
	taken--;
	if
	:: undo || driven || powerless || must_give_back ->
		d_step { set_state(OPP_PORT_RELEASING) }
	:: else -> serve_next()
	fi
}

/* Leaves the settled word in @seen. */
inline settle()
{
	do
	:: atomic { !(word & (AT_INTERRUPT | FREE_ASKED)) -> seen = word }; break
	:: atomic { word & (AT_INTERRUPT | FREE_ASKED) -> seen = word };
		if
		:: seen & AT_INTERRUPT ->
			d_step {
				begin_hold(ANON);
#ifdef BROKEN_PLAIN_SETTLE
				word = seen & ~AT_INTERRUPT
#else
				seen = word;
				word = word & ~AT_INTERRUPT
#endif
			}
		:: else
		fi;
		if
		:: seen & FREE_ASKED -> release()
		:: else
		fi
	od
}

inline leave_free(state)
{
	d_step {
		if
#ifdef BROKEN_PLAIN_TAKE
		:: seen == OPP_PORT_FREE -> word = state; may = true
#else
		:: seen == OPP_PORT_FREE && word == OPP_PORT_FREE -> word = state; may = true
#endif
		:: else -> may = false
		fi
	}
}

inline submit(file)
{
	if
	:: removed ->
		d_step { req_state[file] = OPP_REQ_FINISHED; answer = OPP_DELETE_PENDING }
	:: else ->
		settle();
		if
		:: needs_wire(file) -> leave_free(OPP_PORT_GRANTING)
		:: else -> leave_free(OPP_PORT_HELD)
		fi;
		d_step {
			if
			:: may && needs_wire(file) ->
				won[file] = true;
				grant(file);
				answer = OPP_PENDING
			:: may && !needs_wire(file) ->
				assert(in_line == 0);
				assert(at_rest && !powerless);
				begin_hold(file);
				req_state[file] = OPP_REQ_FINISHED;
				believe(file);
				answer = OPP_SUCCESS
			:: else ->
				req_state[file] = OPP_REQ_QUEUED;
				do
				:: at < in_line ->
					before[file] = before[file] | (1 << line[at]);
					at++
				:: else -> at = 0; break
				od;
				line[in_line] = file;
				in_line++;
				answer = OPP_PENDING;
#if defined(LENDS) && !defined(BROKEN_NOT_ASKED_FOR)
				if
				:: seen == FREE_WORD -> want_claim()
				:: else
				fi
#endif
			fi
		}
	fi
}

inline try_allocate(who)
{
	settle();
	leave_free(OPP_PORT_HELD);
	if
	:: may -> d_step { assert(at_rest && !powerless); begin_hold(who); believe(who) }
	:: else -> round_again = round_again || under_way
	fi
}

#define kept_out(who)	((who) < FILES -> out[who] : false)
#define may_use(who)	((seen & STATE_MASK) == OPP_PORT_HELD && !kept_out(who) && \
			 (holder == who || holder == ANON))

inline free_port(who)
{
	settle();
	if
	:: may_use(who) -> release()
	:: else
	fi
}

inline cancel(file)
{
	d_step {
		if
		:: req_state[file] == OPP_REQ_QUEUED ->
			leave_line(file);
			finish(file, OPP_CANCELLED)
		:: req_state[file] == OPP_REQ_DROPPED -> finish(file, OPP_CANCELLED)
		:: else
		fi
	}
}

inline finish_waiter(file, status)
{
	d_step {
		take(file);
		if
		:: may -> finish(file, status)
		:: else
		fi
	}
}

inline drop_client(file)
{
	settle();
	if
	:: req_state[file] == OPP_REQ_QUEUED -> finish_waiter(file, OPP_CANCELLED)
#ifndef BROKEN_DROP_FORGETS_GRANTING
	:: granting == file -> granting_dropped = true
#endif
	:: (seen & STATE_MASK) == OPP_PORT_HELD && holder == file ->
		undo = true;
		release()
	:: else
	fi
}

inline remove()
{
	settle();
	removed = true;
	word = word | GONE;
	do
	:: in_line > 0 -> file = line[0]; finish_waiter(file, OPP_DELETE_PENDING)
	:: else -> break
	od
}

#ifdef POWER
inline suspend()
{
	asleep = true;
	powerless = true;
	settle();
#ifndef BROKEN_SLEEP_LEAVES_FREE
#ifdef BROKEN_PLAIN_SLEEP
	if
	:: seen == OPP_PORT_FREE -> word = OPP_PORT_RELEASING
	:: else
	fi
#else
	leave_free(OPP_PORT_RELEASING)
#endif
#ifdef LENDS
	d_step {
		if
		:: seen == FREE_WORD -> set_state(OPP_PORT_RELEASING)
		:: else
		fi
	}
#endif
#endif
}
#endif

/* src/contract/wire.c: the holder's own work, the lock given back meanwhile. */
inline work(who)
{
	settle();
	if
	:: may_use(who) && !driven && !powerless ->
		d_step { driven = true; undo = true; seen = 0 };
		unlock();
		if
		:: drive(true)
		:: drive(false)
		fi;
		lock();
		driven = false
	:: else
	fi
}

inline wire_done(status)
{
	if
	:: granting != NOBODY ->
		d_step {
			file = granting;
			granting = NOBODY;
			answer = status;
			if
			:: removed -> answer = OPP_DELETE_PENDING
			:: !removed && granting_dropped -> answer = OPP_CANCELLED
			:: else
			fi;
			granting_dropped = false;
			if
			:: answer == OPP_SUCCESS ->
				assert(!powerless);
				holder = file;
				set_state(OPP_PORT_HELD)
			:: else
			fi;
			finish(file, answer)
		};
		if
		:: answer != OPP_SUCCESS -> release()
		:: else
		fi
	:: else ->
		undo = false;
#ifdef LENDS
		elsewhere = false;
#endif
		serve_next()
	fi
}

inline next_finished()
{
	d_step {
		to_tell--;
		whom = finished[0];
		do
		:: at < to_tell -> finished[at] = finished[at + 1]; at++
		:: else -> finished[to_tell] = 0; at = 0; break
		od
	}
}

/* The lock is held before and not after. */
inline tell_events()
{
	if
	:: telling || (to_tell == 0 && routine == ROUTINES) -> unlock()
	:: else ->
		telling = true;
		do
		:: settle();
			running = false;
			if
			:: to_tell > 0 ->
				next_finished();
				unlock();
				tell(whom);
				lock()
#ifdef DEFERRED
			:: to_tell == 0 && routine < ROUTINES && seen == FREE_WORD ->
				atomic { whom = routine; routine++; running = true };
				unlock();
				call(whom);
				lock()
#endif
			:: else ->
				routine = ROUTINES;
#ifdef BROKEN_TELLER_LEAVES_LATE
				unlock();
				telling = false;
#else
				telling = false;
				unlock();
#endif
				break
			fi
		od
	fi
}
