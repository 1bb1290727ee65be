/* SPDX-License-Identifier: MIT */
/*
 * Included before a source file of the core: each of its accesses to the
 * ownership word is announced first, so that a test can let another processor
 * come in exactly there.
 */
#ifndef OPP_TEST_ATOMICS_HOOK_H
#define OPP_TEST_ATOMICS_HOOK_H

#include <stdatomic.h>

void before_access(void);

#undef atomic_load
#undef atomic_store
#undef atomic_exchange
#undef atomic_fetch_or
#undef atomic_fetch_and
#undef atomic_compare_exchange_strong
#undef atomic_compare_exchange_weak

#define atomic_load(word) (before_access(), atomic_load_explicit(word, memory_order_seq_cst))
#define atomic_store(word, to)                                                                     \
	(before_access(), atomic_store_explicit(word, to, memory_order_seq_cst))
#define atomic_exchange(word, to)                                                                  \
	(before_access(), atomic_exchange_explicit(word, to, memory_order_seq_cst))
#define atomic_fetch_or(word, bits)                                                                \
	(before_access(), atomic_fetch_or_explicit(word, bits, memory_order_seq_cst))
#define atomic_fetch_and(word, bits)                                                               \
	(before_access(), atomic_fetch_and_explicit(word, bits, memory_order_seq_cst))
#define atomic_compare_exchange_strong(word, from, to)                                             \
	(before_access(), atomic_compare_exchange_strong_explicit(                                 \
				  word, from, to, memory_order_seq_cst, memory_order_seq_cst))
#define atomic_compare_exchange_weak(word, from, to)                                               \
	(before_access(), atomic_compare_exchange_weak_explicit(                                   \
				  word, from, to, memory_order_seq_cst, memory_order_seq_cst))

#endif
