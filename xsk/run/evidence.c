// SPDX-License-Identifier: GPL-2.0-only
#include "run/evidence.h"

#include <stdio.h>

#include "base/strbuf.h"
#include "link/drops.h"
#include "link/stats.h"

static void add_queue(const struct world *w, enum end end, unsigned int queue, struct strbuf *out)
{
	struct prog_stats s;

	if (prog_read_queue(&w->progs[end], queue, &s, NULL) || !s.n_seen)
		return;
	/* Of a single queue without strangers the program's total tells everything. */
	if (w->c->link.n_queues == 1 && s.n_seen == s.n_ours)
		return;
	strbuf_add(
		out,
		"%c queue %u: %llu frames, %llu of them ours: redirected %llu, passed up %llu, dropped %llu\n",
		end_names[end], queue, (unsigned long long)s.n_seen, (unsigned long long)s.n_ours,
		(unsigned long long)s.n_redirected, (unsigned long long)s.n_passed,
		(unsigned long long)s.n_dropped);
}

/* Entries between the two ends of a ring, as the kernel sees them. */
static uint32_t n_entries(const uint32_t *producer, const uint32_t *consumer)
{
	return __atomic_load_n(producer, __ATOMIC_ACQUIRE) -
	       __atomic_load_n(consumer, __ATOMIC_ACQUIRE);
}

static void add_socket(const struct world *w, enum end end, size_t k, struct strbuf *out)
{
	const struct sock *s = &w->ends[end].socks[k];

	if (!s->plan || !s->port->fill_map)
		return;
	strbuf_add(out, "%c[%zu] on queue %u:", end_names[end], k, s->plan->queue);
	if (s->rx_map)
		strbuf_add(out, " rx ring %u of %u,", n_entries(s->rx.producer, s->rx.consumer),
			   s->rx.size);
	if (s->tx_map)
		strbuf_add(out, " tx ring %u of %u,", n_entries(s->tx.producer, s->tx.consumer),
			   s->tx.size);
	strbuf_add(out, " fill ring %u of %u, completion ring %u of %u\n",
		   n_entries(s->port->fill.producer, s->port->fill.consumer), s->port->fill.size,
		   n_entries(s->port->completion.producer, s->port->completion.consumer),
		   s->port->completion.size);
}

/* How many packets came by, place by place: what is lost on the way is lost between two of them. */
static void add_checkpoint(const struct world *w, uint32_t k, struct strbuf *out)
{
	const struct edt_site *site = &w->c->edt.sites[k];
	const struct edt_record *records = w->edt.records[k];
	char node[LINK_NODE_NAME];
	uint64_t n = 0;

	for (uint32_t place = 0; place < w->edt.n_places; place++)
		n += records[place].n;
	strbuf_add(out, "%s.%s%s: %llu packets came by\n",
		   link_node_name(&w->link, site->node, node),
		   site->is_egress ? "egress" : "ingress", site->is_blind ? " (type unread)" : "",
		   (unsigned long long)n);
}

static void add_drops(const struct world *w, const struct traffic_options *opts, uint32_t node,
		      struct strbuf *out)
{
	struct strbuf reasons = {};
	char name[LINK_NODE_NAME];

	if (opts->drops && !link_enter_node(&w->link, node, NULL))
		drops_format(opts->drops, &reasons);
	if (reasons.len)
		strbuf_add(out, "%s: dropped by the kernel: %s\n",
			   link_node_name(&w->link, node, name), strbuf_text(&reasons));
	strbuf_release(&reasons);
}

void evidence_gather(struct world *w, const struct traffic_options *opts,
		     struct case_result *result)
{
	struct strbuf out = {};

	for (enum end end = 0; end < N_ENDS; end++)
		for (unsigned int q = 0; q < w->c->link.n_queues; q++)
			add_queue(w, end, q, &out);
	for (enum end end = 0; end < N_ENDS; end++)
		for (size_t k = 0; w->ends[end].socks && k < w->c->ends[end].n_sockets; k++)
			add_socket(w, end, k, &out);
	for (enum end end = 0; end < N_ENDS; end++) {
		strbuf_add(&out, "%s: ", w->link.ends[end].ifname);
		stats_format(&w->link, end, &out);
		strbuf_add(&out, "\n");
	}
	for (uint32_t k = 0; k < w->edt.n_sites; k++)
		add_checkpoint(w, k, &out);
	for (uint32_t node = 0; w->link.n_hops && node <= w->link.n_hops; node++)
		add_drops(w, opts, node, &out);
	snprintf(result->evidence, sizeof(result->evidence), "%s", strbuf_text(&out));
	strbuf_release(&out);
}
