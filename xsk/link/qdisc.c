// SPDX-License-Identifier: GPL-2.0-only
#include "link/qdisc.h"

#include <assert.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <string.h>
#include <time.h>

#include "base/errmsg.h"
#include "link/nlconn.h"

/* More packets than ever wait. fq's own limit of a flow is 100, and what forwards has one flow. */
#define NO_LIMIT (1u << 24)

/* ---- options ---- */

static int put_none(struct nl_msg *msg)
{
	(void)msg;
	return 0;
}

static int put_fq(struct nl_msg *msg)
{
	struct nlattr *nest = nla_nest_start(msg, TCA_OPTIONS);

	if (!nest || nla_put_u32(msg, TCA_FQ_PLIMIT, NO_LIMIT) ||
	    nla_put_u32(msg, TCA_FQ_FLOW_PLIMIT, NO_LIMIT))
		return -ENOMEM;
	return nla_nest_end(msg, nest);
}

/* Packets that come from another namespace have no socket that says which clock it uses. */
static int put_etf(struct nl_msg *msg)
{
	static const struct tc_etf_qopt etf = { .delta = QDISC_ETF_DELTA_NS,
						.clockid = CLOCK_TAI,
						.flags = TC_ETF_SKIP_SOCK_CHECK };
	struct nlattr *nest = nla_nest_start(msg, TCA_OPTIONS);

	if (!nest || nla_put(msg, TCA_ETF_PARMS, sizeof(etf), &etf))
		return -ENOMEM;
	return nla_nest_end(msg, nest);
}

static int put_pfifo(struct nl_msg *msg)
{
	static const struct tc_fifo_qopt pfifo = { .limit = NO_LIMIT };

	return nla_put(msg, TCA_OPTIONS, sizeof(pfifo), &pfifo);
}

static int put_netem(struct nl_msg *msg)
{
	static const struct tc_netem_qopt netem = { .limit = 1000 };

	return nla_put(msg, TCA_OPTIONS, sizeof(netem), &netem);
}

static const struct qdisc {
	const char *name;
	uint32_t parent, handle;
	int (*put_options)(struct nl_msg *msg);
} qdiscs[] = {
	{ "fq", TC_H_ROOT, 0, put_fq },
	{ "etf", TC_H_ROOT, 0, put_etf },
	{ "pfifo", TC_H_ROOT, 0, put_pfifo },
	{ "netem", TC_H_ROOT, 0, put_netem },
	{ "clsact", TC_H_CLSACT, TC_H_MAKE(TC_H_CLSACT, 0), put_none },
};

static const struct qdisc *find(const char *name)
{
	size_t k = 0;

	while (k < sizeof(qdiscs) / sizeof(qdiscs[0]) && strcmp(qdiscs[k].name, name))
		k++;
	assert(k < sizeof(qdiscs) / sizeof(qdiscs[0]));
	return &qdiscs[k];
}

/* ---- asking for one ---- */

static int request(struct nlconn *nl, int ifindex, const struct qdisc *q)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC,
			    .tcm_ifindex = ifindex,
			    .tcm_parent = q->parent,
			    .tcm_handle = q->handle };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
	int err = -ENOMEM;

	if (msg && !nlmsg_append(msg, &tc, sizeof(tc), NLMSG_ALIGNTO) &&
	    !nla_put_string(msg, TCA_KIND, q->name) && !q->put_options(msg))
		err = nlconn_tell(nl, msg);
	nlmsg_free(msg);
	return err;
}

int qdisc_set(struct nlconn *nl, int ifindex, enum qdisc_kind kind, const char *site,
	      struct errmsg *e)
{
	const char *name = qdisc_names[kind];
	int err = request(nl, ifindex, find(name));

	if (!err)
		return 0;
	errmsg_set(e, -err, "link: %s: set qdisc %s", site, name);
	if (err == -ENOENT)
		errmsg_hint(e, "the kernel has no sch_%s, or its module cannot be loaded", name);
	else
		nlconn_hint(nl, e);
	return err;
}

bool qdisc_try(struct nlconn *nl, int ifindex, const char *name)
{
	return !request(nl, ifindex, find(name));
}
