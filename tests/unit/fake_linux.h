/* SPDX-License-Identifier: MIT */
/*
 * A made-up Linux with one port: what src/backend/ppdev asks of a kernel goes here (the
 * linker's --wrap), and what it must never do is counted.
 */
#ifndef OPP_TEST_FAKE_LINUX_H
#define OPP_TEST_FAKE_LINUX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_PATH  "/dev/parport0"
#define FAKE_FILES 64 /* that are ever opened in a case */

struct fake_linux {
	pthread_mutex_t lock;
	_Atomic bool is_linux;   /* the file's major is that of Linux's ppdev */
	_Atomic int modes;       /* PPGETMODES of a served file */
	_Atomic bool excluded;   /* somebody is registered who wants to be alone */
	char holder[16];         /* "none", "lp", "ppdev0"; "us" while one of our files has it */
	_Atomic int sleeper;     /* a file in PPCLAIM; -1 */
	_Atomic int open_fails;  /* errno of open */
	_Atomic int ioctl_fails; /* errno of every ioctl from now on */
	_Atomic int stat_fails;  /* errno of a look at the path */
	_Atomic int rises;       /* interrupts that a served file makes up */
	uint32_t others;         /* drivers that are registered besides us */
	_Atomic uint8_t status;
	uint8_t control, data;
	int reverse, mode;
	size_t printed;
	uint8_t paper[4096];
	_Atomic size_t takes;     /* a write() takes so many at most */
	_Atomic uint32_t byte_ms; /* and so long over each */
	size_t longest_write;

	/* what happened */
	_Atomic uint32_t opened, closed, claims, interrupted, cancelled, releases, writes;
	_Atomic bool is_exclusive; /* who claimed last has the port to himself */

	/* what must not */
	uint32_t slept_behind_program; /* all of ppdev stood still */
	uint32_t slept_with_irq;
	uint32_t claimed_twice;    /* a file that was in line */
	uint32_t excluded_in_vain; /* with somebody registered: Linux writes that to its log */
	uint32_t born_hearing;     /* threads that a signal of the program's could run in */
	uint32_t write_blocks;     /* could have given the port away */
	uint32_t write_heard_signals;
};

extern struct fake_linux fake;

/* A fresh one with a port that nobody has. @irq: as /proc shows it. */
void fake_start(const char *irq);
void fake_end(void);

/* Somebody gets the port, or it becomes free: who sleeps in PPCLAIM gets it then. */
void fake_give(const char *holder);
/* So many drivers are registered besides us from now on. */
void fake_register(uint32_t others);
void fake_unregister(void);
/* The port leaves. */
void fake_unplug(void);
/* Nobody may see who has it. */
void fake_hide(void);
/* nAck has risen @times. */
void fake_interrupt(uint32_t times);

bool fake_is_ours(void);
uint32_t fake_open_files(void);

#endif
