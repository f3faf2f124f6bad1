// SPDX-License-Identifier: GPL-2.0-only
/* What 'xskspec probe' shows and no expectation depends on. */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "base/errmsg.h"
#include "link/nlconn.h"
#include "link/probe.h"
#include "link/probe_lab.h"

/* ---- the bounds of the Tx budget ---- */

static bool takes_budget(const struct probe_station *s, uint32_t budget)
{
	return !setsockopt(s->sock.fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, &budget, sizeof(budget));
}

/* Between one that is taken and one that is not, on either side. */
static uint32_t search_bound(const struct probe_station *s, uint32_t taken, uint32_t refused)
{
	while (taken + 1 < refused || refused + 1 < taken) {
		uint32_t n = taken + refused;

		n /= 2;
		if (takes_budget(s, n))
			taken = n;
		else
			refused = n;
	}
	return taken;
}

static void try_tx_budget(const struct probe_lab *lab, uint32_t default_budget,
			  struct probe_veth *veth)
{
	const struct probe_station *tx = &lab->stations[END_A][PROBE_PLAIN_QUEUE];

	veth->tx_ring = PROBE_RING;
	if (!takes_budget(tx, default_budget))
		return;
	veth->tx_budget_min = search_bound(tx, default_budget, 0);
	veth->tx_budget_max = search_bound(tx, default_budget, 64 * PROBE_RING);
}

/* ---- bind ---- */

static void try_bind(struct probe_lab *lab, size_t spare, uint32_t queue, enum mode mode,
		     char answer[24])
{
	struct probe_station *s = &lab->spares[spare];
	enum sock_step step;
	int err;

	probe_station_plan(s, queue, 2048);
	err = probe_station_open(s, lab, END_B, mode, &step, NULL);
	snprintf(answer, 24, "%s", err ? errno_name(err) : "binds");
}

static void try_binds(struct probe_lab *lab, struct probe_veth *veth)
{
	char answer[24];

	try_bind(lab, 0, PROBE_FREE_QUEUE + 1, MODE_SKB, veth->bind_no_queue);
	try_bind(lab, 1, PROBE_FREE_QUEUE, MODE_ZC, veth->bind_zerocopy);
	try_bind(lab, 2, PROBE_FREE_QUEUE, MODE_SKB, answer);
	veth->binds_small_chunks = answer[0] == 'b';
}

/* ---- queueing disciplines ---- */

struct qdisc_try {
	const char *kind;
	uint32_t parent, handle;
	const void *options;
	int attr; /* of the options in their nest; 0: they are the options */
	size_t size;
};

static int put_options(struct nl_msg *msg, const struct qdisc_try *q)
{
	struct nlattr *nest;

	if (!q->attr)
		return nla_put(msg, TCA_OPTIONS, (int)q->size, q->options);
	nest = nla_nest_start(msg, TCA_OPTIONS);
	if (!nest || nla_put(msg, q->attr, (int)q->size, q->options))
		return -1;
	return nla_nest_end(msg, nest);
}

static struct nl_msg *qdisc_request(const struct qdisc_try *q, int ifindex)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC,
			    .tcm_ifindex = ifindex,
			    .tcm_parent = q->parent,
			    .tcm_handle = q->handle };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);

	if (!msg)
		return NULL;
	if (!nlmsg_append(msg, &tc, sizeof(tc), NLMSG_ALIGNTO) &&
	    !nla_put_string(msg, TCA_KIND, q->kind) && (!q->options || !put_options(msg, q)))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static bool takes_qdisc(struct nlconn *nl, const struct qdisc_try *q, int ifindex)
{
	struct nl_msg *msg = qdisc_request(q, ifindex);
	bool is_taken = false;

	if (!msg)
		return false;
	nlconn_begin(nl);
	is_taken = !nl_send_sync(nl->sk, msg); /* and frees it */
	return is_taken;
}

static int try_qdiscs(const struct probe_lab *lab, struct probe_veth *veth, struct errmsg *e)
{
	static const struct tc_netem_qopt netem = { .limit = 1000 };
	static const struct tc_etf_qopt etf = { .delta = 1000000, .clockid = CLOCK_TAI };
	const struct {
		struct qdisc_try q;
		bool *is_taken;
	} tries[] = {
		{ { "fq", TC_H_ROOT, 0, NULL, 0, 0 }, &veth->has_fq },
		{ { "netem", TC_H_ROOT, 0, &netem, 0, sizeof(netem) }, &veth->has_netem },
		{ { "etf", TC_H_ROOT, 0, &etf, TCA_ETF_PARMS, sizeof(etf) }, &veth->has_etf },
		{ { "clsact", TC_H_CLSACT, TC_H_MAKE(TC_H_CLSACT, 0), NULL, 0, 0 },
		  &veth->has_clsact },
	};
	struct nlconn nl = { 0 };
	int err = link_enter(&lab->link, END_B, e);

	if (!err)
		err = nlconn_open(&nl, e);
	for (size_t k = 0; k < sizeof(tries) / sizeof(tries[0]) && !err; k++)
		*tries[k].is_taken = takes_qdisc(&nl, &tries[k].q, lab->link.ends[END_B].ifindex);
	nlconn_close(&nl);
	return err;
}

/* ---- all of it ---- */

int probe_try_veth(struct probe_lab *lab, const struct caps *caps, struct probe_veth *veth,
		   struct errmsg *e)
{
	int err;

	*veth = (struct probe_veth){ 0 };
	err = probe_headroom(2048, &veth->headroom_2048, e);
	if (!err)
		err = probe_headroom(4096, &veth->headroom_4096, e);
	if (err)
		return err;
	try_tx_budget(lab, caps->tx_budget, veth);
	try_binds(lab, veth);
	return try_qdiscs(lab, veth, e);
}
