/* SPDX-License-Identifier: MIT */
/*
 * Memory: pool and lookaside lists. What is allocated holds rubbish; what was freed is kept
 * for a while, filled, and looked at again, unless AddressSanitizer watches it. See kernel.h.
 *
 * Paged pool, in turns, has pages of its own: nobody can touch them while who runs is at
 * DISPATCH_LEVEL or above, nor ever again once they were freed.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "private.h"

#define RUBBISH 0xa5
#define GONE    0xdd
#define KEPT    256

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED true
#endif
#endif
#ifndef WATCHED
#define WATCHED false
#endif

struct block {
	void *memory;
	size_t bytes;
	ULONG tag;
	bool is_paged;
	const char *by;
	struct block *next;
};

static struct {
	struct block *blocks;
	uint32_t paged_count;
	bool hides_paged;
	uint32_t fail_at;
	bool failed;
	struct {
		uint8_t *memory;
		size_t bytes;
	} kept[KEPT];
	uint32_t next_kept;
} pool;

/* ---- what was freed ------------------------------------------------------------------- */

static void let_go(uint32_t place)
{
	uint8_t *memory = pool.kept[place].memory;

	for (size_t i = 0; memory && i < pool.kept[place].bytes; i++) {
		if (memory[i] != GONE)
			kernel_fatal("memory was written, at %zu of %zu, after it had gone", i,
				     pool.kept[place].bytes);
	}
	free(memory);
	pool.kept[place].memory = NULL;
}

void kernel_free(void *memory, size_t bytes)
{
	const uint32_t place = pool.next_kept++ % KEPT;

	if (WATCHED || kernel.freely) {
		free(memory);
		return;
	}
	let_go(place);
	memset(memory, GONE, bytes);
	pool.kept[place].memory = memory;
	pool.kept[place].bytes = bytes;
}

void *kernel_must_alloc(size_t bytes)
{
	void *memory = malloc(bytes);

	MUST(memory);
	memset(memory, RUBBISH, bytes);
	return memory;
}

bool no_memory(void)
{
	if (!pool.fail_at || --pool.fail_at)
		return false;
	pool.failed = true;
	return true;
}

void *kernel_alloc(size_t bytes)
{
	return no_memory() ? NULL : kernel_must_alloc(bytes);
}

void kernel_fail_allocation(uint32_t nth)
{
	pool.fail_at = nth;
	pool.failed = false;
}

bool kernel_failed_allocation(void)
{
	return pool.failed;
}

/* ---- paged pool -------------------------------------------------------------------------- */

#define PAGE 4096u

static size_t pages_of(size_t bytes)
{
	return (bytes + PAGE - 1) / PAGE * PAGE;
}

/* From the first byte to the last one's page: blocks begin with their page. */
static void protect(void *memory, size_t bytes, int protection)
{
	MUST(mprotect(memory, pages_of(bytes), protection) == 0);
}

static void *page_alloc(size_t bytes)
{
	void *memory = mmap(NULL, pages_of(bytes), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(memory != MAP_FAILED);
	memset(memory, RUBBISH, bytes);
	pool.paged_count++;
	return memory;
}

/* The addresses are nobody else's from now on. */
static void page_free(void *memory, size_t bytes)
{
	pool.paged_count--;
	protect(memory, bytes, PROT_NONE);
}

void pool_show_paged(bool show)
{
	if (pool.hides_paged == !show)
		return;
	pool.hides_paged = !show;
	for (struct block *block = pool.paged_count ? pool.blocks : NULL; block;
	     block = block->next) {
		if (block->is_paged)
			protect(block->memory, block->bytes,
				show ? PROT_READ | PROT_WRITE : PROT_NONE);
	}
}

static void fault(int signal, siginfo_t *information, void *context)
{
	(void)signal;
	(void)context;
	if (pool.hides_paged)
		kernel_fatal("%p is touched, paged pool perhaps", information->si_addr);
	kernel_fatal("%p is touched: paged pool after it was freed perhaps", information->si_addr);
}

void pool_begin(void)
{
	struct sigaction action = { .sa_sigaction = fault, .sa_flags = SA_SIGINFO };

	MUST(kernel.freely || sigaction(SIGSEGV, &action, NULL) == 0);
}

/* ---- pool -------------------------------------------------------------------------------- */

static void *block_new(size_t bytes, ULONG tag, bool is_paged)
{
	void *memory = is_paged ? page_alloc(bytes) : kernel_must_alloc(bytes);
	struct block *block = malloc(sizeof(*block));

	MUST(block);
	*block = (struct block){ memory, bytes, tag, is_paged, self()->call, pool.blocks };
	pool.blocks = block;
	return memory;
}

void *pool_alloc(size_t bytes, ULONG tag)
{
	return no_memory() ? NULL : block_new(bytes, tag, false);
}

void *pool_must_alloc(size_t bytes, ULONG tag)
{
	void *memory;

	ENTER(APC_LEVEL);
	memory = block_new(bytes, tag, !kernel.freely);
	leave();
	return memory;
}

/* A Windows 10, which has pool that is not executable, and wants it used. */
NTSTATUS RtlGetVersion(RTL_OSVERSIONINFOW *version)
{
	ENTER(PASSIVE_LEVEL);
	MUST(version->dwOSVersionInfoSize == sizeof(*version));
	version->dwMajorVersion = 10;
	version->dwMinorVersion = 0;
	leave();
	return STATUS_SUCCESS;
}

PVOID ExAllocatePoolWithTag(POOL_TYPE type, SIZE_T bytes, ULONG tag)
{
	void *memory;

	ENTER(type == PagedPool ? APC_LEVEL : DISPATCH_LEVEL);
	if (type == NonPagedPool)
		kernel_fatal("%zu bytes of executable pool", bytes);
	if (!bytes || !tag)
		kernel_fatal("%zu bytes of pool with tag %#x", bytes, tag);
	memory = no_memory() ? NULL : block_new(bytes, tag, type == PagedPool && !kernel.freely);
	leave();
	return memory;
}

static void free_block(void *memory, ULONG tag)
{
	struct block **place = &pool.blocks;
	struct block *block;

	while (*place && (*place)->memory != memory)
		place = &(*place)->next;
	block = *place;
	if (!block)
		kernel_fatal("pool is freed that is not allocated");
	if (tag && block->tag != tag)
		kernel_fatal("pool of tag %#x is freed with tag %#x", block->tag, tag);
	if (block->is_paged && self()->irql >= DISPATCH_LEVEL)
		kernel_fatal("paged pool is freed at level %d", self()->irql);
	*place = block->next;
	if (block->is_paged)
		page_free(memory, block->bytes);
	else
		kernel_free(memory, block->bytes);
	free(block);
}

VOID ExFreePoolWithTag(PVOID memory, ULONG tag)
{
	ENTER(DISPATCH_LEVEL);
	free_block(memory, tag);
	leave();
}

VOID ExFreePool(PVOID memory)
{
	ExFreePoolWithTag(memory, 0);
}

/* ---- lookaside lists: each item is allocated and freed -------------------------------------- */

static void must_be_list(const NPAGED_LOOKASIDE_LIST *list)
{
	if (list->Type != TYPE_LOOKASIDE)
		kernel_fatal("not a lookaside list, or not initialised, or deleted");
}

VOID ExInitializeNPagedLookasideList(NPAGED_LOOKASIDE_LIST *list, PVOID allocate, PVOID free,
				     ULONG flags, SIZE_T size, ULONG tag, USHORT depth)
{
	ENTER(DISPATCH_LEVEL);
	MUST(!allocate && !free && flags == NonPagedPoolNx && !depth && size && tag);
	*list = (NPAGED_LOOKASIDE_LIST){ TYPE_LOOKASIDE, size, tag, 0 };
	leave();
}

VOID ExDeleteNPagedLookasideList(NPAGED_LOOKASIDE_LIST *list)
{
	ENTER(DISPATCH_LEVEL);
	must_be_list(list);
	if (list->Out)
		kernel_fatal("a lookaside list is deleted, %d items are out", list->Out);
	list->Type = 0;
	leave();
}

PVOID ExAllocateFromNPagedLookasideList(NPAGED_LOOKASIDE_LIST *list)
{
	void *memory;

	must_be_list(list);
	memory = ExAllocatePoolWithTag(NonPagedPoolNx, list->Size, list->Tag);
	if (memory)
		InterlockedIncrement(&list->Out);
	return memory;
}

VOID ExFreeToNPagedLookasideList(NPAGED_LOOKASIDE_LIST *list, PVOID memory)
{
	must_be_list(list);
	InterlockedDecrement(&list->Out);
	ExFreePoolWithTag(memory, list->Tag);
}

void pool_end(void)
{
	for (const struct block *block = pool.blocks; block; block = block->next)
		printf("%zu bytes of tag %#x, by %s\n", block->bytes, block->tag, block->by);
	if (pool.blocks)
		kernel_fatal("pool is left");
	for (uint32_t i = 0; i < KEPT; i++)
		let_go(i);
}
