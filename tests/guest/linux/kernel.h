/* SPDX-License-Identifier: MIT */
/*
 * What Linux's parallel port code expects of Linux, for one thread in virtual
 * time: no locks, no signals, memory and texts of libc. linux_source.py includes
 * it before all else, in place of Linux's own headers but those of the port.
 */
#ifndef TESTS_GUEST_LINUX_KERNEL_H
#define TESTS_GUEST_LINUX_KERNEL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "bench.h"

typedef uint8_t u8;
typedef uint64_t dma_addr_t;
typedef int irqreturn_t;

/* ---- what has no meaning here ------------------------------------------------------ */

#define __inline__ inline
#define __must_check
#define fallthrough         __attribute__((fallthrough))
#define EXPORT_SYMBOL(name) struct opp_unused_##name
#define THIS_MODULE         NULL
#define KBUILD_MODNAME      "linux"

struct module;

struct device_driver {
	const char *name;
};

struct device {
	struct device_driver *driver;
};

struct platform_device {
	struct device dev;
};

struct resource {
	int unused;
};

#define IS_ERR(pointer)                   (!(pointer))
#define request_region(...)               ((struct resource *)1)
#define release_region(...)               ((void)0)
#define DMA_BIT_MASK(bits)                0
#define dma_coerce_mask_and_coherent(...) 0
#define platform_device_unregister(...)   ((void)0)

static inline struct platform_device *platform_device_register_simple(const char *name, int id,
								      const void *resources,
								      unsigned count)
{
	static struct platform_device device;

	(void)name, (void)id, (void)resources, (void)count;
	return &device;
}

typedef int spinlock_t, rwlock_t, wait_queue_head_t, atomic_t;

#define DEFINE_SPINLOCK(name) spinlock_t name
#define spin_lock(lock)       ((void)(lock))
#define spin_unlock(lock)     ((void)(lock))
#define read_lock(lock)       ((void)(lock))
#define read_unlock(lock)     ((void)(lock))

#define signal_pending(task) false
#define need_resched()       false
#define schedule()           ((void)0)

/* ---- lists, memory, texts -------------------------------------------------------------- */

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD(name)      struct list_head name = { &(name), &(name) }
#define INIT_LIST_HEAD(list) ((list)->next = (list)->prev = (list))

static inline void list_add(struct list_head *entry, struct list_head *list)
{
	*entry = (struct list_head){ list->next, list };
	list->next->prev = entry;
	list->next = entry;
}

static inline void list_del_init(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	INIT_LIST_HEAD(entry);
}

#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#define kmalloc(bytes, how) malloc(bytes)
#define kfree(memory)       free((void *)(memory))
#define kstrdup(text, how)  strdup(text)
#define min(a, b)           ((a) < (b) ? (a) : (b))
#define max(a, b)           ((a) > (b) ? (a) : (b))
#define min_t(type, a, b)   min((type)(a), (type)(b))

static inline void string_upper(char *to, const char *from)
{
	do
		*to++ = *from >= 'a' && *from <= 'z' ? *from - 'a' + 'A' : *from;
	while (*from++);
}

/* ---- what it says: for users, not for developers ------------------------------------------ */

#define KERN_DEBUG    ""
#define printk(...)   ((void)0)
#define pr_debug(...) ((void)0)
#define dev_err(...)  ((void)0)
#define pr_info(...)  bench_say(__VA_ARGS__)
#define pr_cont(...)  bench_say(__VA_ARGS__)
#define pr_warn(...)  bench_say(__VA_ARGS__)
#define pr_err(...)   bench_say(__VA_ARGS__)

/* ---- registers ------------------------------------------------------------------------- */

#define inb(address)         bench_in(address)
#define outb(value, address) bench_out(value, address)

static inline void insb(unsigned long address, void *bytes, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		((u8 *)bytes)[i] = inb(address);
}

static inline void outsb(unsigned long address, const void *bytes, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		outb(((const u8 *)bytes)[i], address);
}

#define insl(address, words, count)  insb(address, words, 4 * (count))
#define outsl(address, words, count) outsb(address, words, 4 * (count))

/* ---- interrupts, which are counted and not delivered ----------------------------------------- */

#define IRQ_HANDLED        1
#define probe_irq_on()     bench_interrupts()
#define probe_irq_off(was) (bench_interrupts() != (was) ? BENCH_IRQ : 0)
#define request_irq(...)   0
#define free_irq(...)      ((void)0)

/* ---- time ------------------------------------------------------------------------------- */

#define HZ                                    250
#define jiffies                               ((unsigned long)(bench_now_us() * HZ / 1000000))
#define msecs_to_jiffies(ms)                  (((ms)*HZ + 999) / 1000)
#define time_before(a, b)                     ((long)((a) - (b)) < 0)
#define time_after_eq(a, b)                   (!time_before(a, b))
#define udelay(us)                            bench_wait_us(us)
#define schedule_timeout_interruptible(ticks) bench_wait_us((ticks)*UINT64_C(1000000) / HZ)

struct timer_list {
	void (*ring)(struct timer_list *timer);
	unsigned long expires;
	bool pending;
};

struct semaphore {
	int count;
};

#define from_timer(owner, timer, member)    container_of(timer, typeof(*owner), member)
#define timer_setup(timer, function, flags) (*(timer) = (struct timer_list){ .ring = (function) })

void mod_timer(struct timer_list *timer, unsigned long expires);
int del_timer_sync(struct timer_list *timer);
void up(struct semaphore *semaphore);
int down_interruptible(struct semaphore *semaphore);

#endif
