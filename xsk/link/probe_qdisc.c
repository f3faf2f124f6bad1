// SPDX-License-Identifier: GPL-2.0-only
/* Which queueing disciplines the kernel has. */
#include "link/nlconn.h"
#include "link/probe.h"
#include "link/probe_lab.h"
#include "link/qdisc.h"

static int open_netlink(const struct probe_lab *lab, struct nlconn *nl, struct errmsg *e)
{
	int err = link_enter(&lab->link, END_B, e);

	return err ? err : nlconn_open(nl, e);
}

int probe_qdiscs(struct probe_lab *lab, struct caps *caps, struct errmsg *e)
{
	struct nlconn nl;
	int err = open_netlink(lab, &nl, e);

	if (err)
		return err;
	for (int kind = 0; kind < N_QDISC_KINDS; kind++)
		caps->has_qdisc[kind] = qdisc_try(&nl, PROBE_IDLE_IFINDEX, qdisc_names[kind]);
	nlconn_close(&nl);
	return 0;
}

int probe_other_qdiscs(struct probe_lab *lab, struct probe_veth *veth, struct errmsg *e)
{
	struct nlconn nl;
	int err = open_netlink(lab, &nl, e);

	if (err)
		return err;
	veth->has_netem = qdisc_try(&nl, PROBE_IDLE_IFINDEX, "netem");
	veth->has_clsact = qdisc_try(&nl, PROBE_IDLE_IFINDEX, "clsact");
	nlconn_close(&nl);
	return 0;
}
