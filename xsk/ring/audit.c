// SPDX-License-Identifier: GPL-2.0-only
#include "ring/audit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plan/desc.h"

const char *const audit_fault_names[4] = { "ok", "stranger", "duplicate", "shifted" };

void audit_init(struct audit *a, uint64_t frame0, uint64_t n_frames, uint32_t frame_size,
		bool has_addrs)
{
	*a = (struct audit){ .frame0 = frame0, .n_frames = n_frames, .frame_size = frame_size };
	if (!n_frames)
		return;
	a->owner = mem_realloc(NULL, n_frames);
	memset(a->owner, FRAME_FREE, n_frames);
	if (has_addrs)
		a->addr = mem_realloc(NULL, n_frames * sizeof(*a->addr));
}

void audit_release(struct audit *a)
{
	free(a->owner);
	free(a->addr);
	*a = (struct audit){ 0 };
}

void audit_give(struct audit *a, uint64_t frame, uint64_t addr)
{
	uint64_t i = frame - a->frame0;

	assert(i < a->n_frames);
	assert(a->owner[i] == FRAME_FREE);
	a->owner[i] = FRAME_KERNEL;
	if (a->addr)
		a->addr[i] = addr;
	a->n_out++;
	a->n_given++;
}

static enum audit_fault judge(const struct audit *a, uint64_t addr, uint64_t i)
{
	if (i >= a->n_frames)
		return AUDIT_STRANGER;
	if (a->owner[i] != FRAME_KERNEL)
		return AUDIT_DUPLICATE;
	if (a->addr && a->addr[i] != addr)
		return AUDIT_SHIFTED;
	return AUDIT_OK;
}

enum audit_fault audit_return(struct audit *a, uint64_t addr, uint64_t *frame)
{
	/* Below frame0 this wraps around and is out of range as well. */
	uint64_t i = desc_place(addr) / a->frame_size - a->frame0;
	enum audit_fault fault = judge(a, addr, i);

	a->n_faults[fault]++;
	if (fault != AUDIT_OK) {
		if (a->first_fault == AUDIT_OK) {
			a->first_fault = fault;
			a->first_fault_addr = addr;
		}
		return fault;
	}
	a->owner[i] = FRAME_FREE;
	a->n_out--;
	a->n_returned++;
	*frame = i + a->frame0;
	return AUDIT_OK;
}

bool audit_is_conserved(const struct audit *a)
{
	uint64_t n_kernel = 0;

	for (uint64_t i = 0; i < a->n_frames; i++) {
		if (a->owner[i] > FRAME_HELD)
			return false;
		n_kernel += a->owner[i] == FRAME_KERNEL;
	}
	return n_kernel == a->n_out && a->n_given - a->n_returned == a->n_out;
}
