// SPDX-License-Identifier: GPL-2.0-only
#include "run/tx_frames.h"

#include <stdlib.h>

#include "base/mem.h"

void tx_frames_init(struct tx_frames *tf, struct world_port *port)
{
	*tf = (struct tx_frames){ .port = port };
}

void tx_frames_release(struct tx_frames *tf)
{
	free(tf->listed);
	*tf = (struct tx_frames){};
}

bool tx_frames_take(struct tx_frames *tf, uint32_t n, uint64_t *bases)
{
	struct world_port *p = tf->port;
	const struct audit *book = &p->tx_book;

	if (n > p->n_free_slots)
		return false;
	for (uint32_t k = 0; k < n; k++) {
		bases[k] = (book->frame0 + p->free_slots[p->slot_head]) * book->frame_size;
		if (++p->slot_head == p->n_slots)
			p->slot_head = 0;
	}
	p->n_free_slots -= n;
	return true;
}

void tx_frames_give(struct tx_frames *tf, const struct desc *desc)
{
	audit_give(&tf->port->tx_book, desc_place(desc->addr) / tf->port->tx_book.frame_size,
		   desc->addr);
}

void tx_frames_list(struct tx_frames *tf, const struct desc *desc)
{
	if (tf->n_listed == tf->listed_cap) {
		tf->listed_cap = tf->listed_cap ? 2 * tf->listed_cap : 64;
		tf->listed = mem_realloc(tf->listed, tf->listed_cap * sizeof(*tf->listed));
	}
	tf->listed[tf->n_listed++] = *desc;
}

bool tx_frames_overlaps(const struct tx_frames *tf, const struct desc *desc)
{
	for (uint32_t k = 0; k < tf->n_listed; k++)
		if (desc_overlaps(desc, &tf->listed[k]))
			return true;
	return false;
}

static bool list_remove(struct tx_frames *tf, uint64_t addr)
{
	for (uint32_t k = 0; k < tf->n_listed; k++) {
		if (tf->listed[k].addr != addr)
			continue;
		tf->listed[k] = tf->listed[--tf->n_listed];
		return true;
	}
	return false;
}

static void slot_free(struct world_port *p, uint64_t frame)
{
	uint32_t tail = p->slot_head + p->n_free_slots;

	if (tail >= p->n_slots)
		tail -= p->n_slots;
	p->free_slots[tail] = (uint32_t)(frame - p->tx_book.frame0);
	p->n_free_slots++;
}

void tx_frames_return(struct tx_frames *tf, uint64_t addr)
{
	enum audit_fault fault;
	uint64_t frame;

	if (tf->n_listed && list_remove(tf, addr))
		return;
	fault = audit_return(&tf->port->tx_book, addr, &frame);
	if (!fault) {
		slot_free(tf->port, frame);
		return;
	}
	if (!tf->n_faults++) {
		tf->fault = fault;
		tf->fault_addr = addr;
	}
}
