// SPDX-License-Identifier: GPL-2.0-only
#include "run/trouble.h"

#include <errno.h>

#include "base/errmsg.h"
#include "link/dev.h"
#include "ring/diagnose.h"

static bool can_send(const struct end_plan *ep, const struct socket_plan *s)
{
	return s->tx_ring && ep->ports[s->port].completion_ring && !s->is_unbound;
}

static bool can_receive(const struct end_plan *ep, const struct socket_plan *s)
{
	return s->rx_ring && ep->ports[s->port].fill_ring && !s->is_unbound;
}

bool trouble_can_run(const struct case_plan *c, const struct phase *phase)
{
	for (size_t k = 0; k < phase->n_flows; k++) {
		const struct flow_plan *f = &c->flows[phase->flows[k]];
		const struct end_plan *from = &c->ends[f->from_end], *to = &c->ends[f->to_end];

		if (!can_send(from, &from->sockets[f->from_socket]) ||
		    (f->has_receiver && !can_receive(to, &to->sockets[f->to_socket])))
			return false;
	}
	return true;
}

void trouble_try_sends(struct world *w, const struct phase *phase, struct case_result *result)
{
	for (size_t k = 0; k < phase->n_flows && !result->send_err; k++) {
		const struct flow_plan *f = &w->c->flows[phase->flows[k]];

		result->send_err = -sock_kick_tx(&w->ends[f->from_end].socks[f->from_socket]);
		result->send_flow = phase->flows[k];
	}
}

int trouble_explain_send(struct world *w, const struct case_result *result, struct errmsg *e)
{
	const struct flow_plan *f = &w->c->flows[result->send_flow];
	const struct link_end *end = &w->link.ends[f->from_end];
	const struct sock *sock = &w->ends[f->from_end].socks[f->from_socket];

	w->failing_step = FAIL_SEND;
	if (result->send_e.text[0]) {
		*e = result->send_e;
		return -result->send_err;
	}
	errmsg_set(e, result->send_err, "sock: '%s' queue %u: send", end->ifname,
		   sock->plan->queue);
	if (!link_enter(&w->link, f->from_end, NULL))
		diagnose_send(sock, end, result->send_err, e);
	return -result->send_err;
}

int trouble_find_gone(struct world *w, struct errmsg *e)
{
	for (enum end end = 0; end < N_ENDS; end++) {
		const struct link_end *le = &w->link.ends[end];
		struct dev_info dev;

		if (link_enter(&w->link, end, NULL) ||
		    dev_read_index(le->ifindex, &dev, NULL) != -ENODEV)
			continue;
		w->failing_step = N_FAILING_STEPS;
		errmsg_set(e, ENODEV, "link: device '%s': look for it after the traffic",
			   le->ifname);
		errmsg_hint(e, "somebody removed it while the case ran");
		return -ENODEV;
	}
	return 0;
}
