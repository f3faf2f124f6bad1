// SPDX-License-Identifier: GPL-2.0-only
#include "link/link.h"

#include <assert.h>
#include <net/if.h>
#include <netlink/route/link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/bridge.h"
#include "link/feature.h"
#include "link/netns.h"
#include "link/nlconn.h"
#include "link/qdisc.h"
#include "link/stack.h"
#include "link/veth.h"

/* ---- what there is to be ---- */

/* Node of a port of the row. */
static uint32_t node_of_row(uint32_t port)
{
	return (port + 1) / 2;
}

static uint32_t node_of(const struct link *link, uint32_t port)
{
	if (port < 2 * PLAN_MAX_HOPS)
		return node_of_row(port);
	return port < LINK_RELAY(END_B) ? 0 : link->n_hops;
}

static int bridge_of(enum end end)
{
	return LINK_FIRST_IFINDEX + LINK_MAX_PORTS + (int)end;
}

/* Between the two devices of a node. */
static int hub_of(uint32_t node)
{
	return LINK_FIRST_IFINDEX + LINK_MAX_PORTS + N_ENDS + (int)node;
}

/* Of what is neither a's nor b's: beside the two numbers of plan_mac(). */
static struct link_end *describe_port(struct link *link, uint32_t port)
{
	struct link_end *p = &link->ports[port];

	p->ifindex = LINK_FIRST_IFINDEX + (int)port;
	p->ns_fd = link->ns_fds[node_of(link, port)];
	plan_mac(END_A, port, p->mac);
	p->mac[4] = 0x0c;
	return p;
}

/* a0, fwd-in, fwd-out, fwd2-in, ..., b0 */
static void describe_row(struct link *link, const struct link_plan *plan)
{
	uint32_t last = 2 * link->n_hops - 1;

	for (uint32_t port = 0; port <= last; port++) {
		struct link_end *p = describe_port(link, port);
		bool is_end = !port || port == last;
		char node[LINK_NODE_NAME];

		if (!is_end && plan->hub_mask >> node_of_row(port) & 1)
			p->master = hub_of(node_of_row(port));
		snprintf(p->ifname, sizeof(p->ifname), "%.11s%s",
			 link_node_name(link, node_of_row(port), node),
			 is_end	  ? "0" :
			 port % 2 ? "-in" :
				    "-out");
	}
}

/* b-relay and b1; b0 is at the other side of the bridge. */
static void describe_inner(struct link *link, enum end end, struct link_end *outer)
{
	struct link_end *relay = describe_port(link, LINK_RELAY(end));
	struct link_end *inner = describe_port(link, LINK_RELAY(end) + 1);

	relay->master = outer->master = bridge_of(end);
	snprintf(relay->ifname, sizeof(relay->ifname), "%c-relay", "ab"[end]);
	snprintf(inner->ifname, sizeof(inner->ifname), "%c1", "ab"[end]);
}

static void describe(struct link *link, const struct link_plan *plan)
{
	uint32_t last = 2 * link->n_hops - 1;

	describe_row(link, plan);
	for (enum end end = 0; end < N_ENDS; end++) {
		struct link_end *p = &link->ports[end == END_A ? 0 : last];

		if (plan->has_inner[end]) {
			describe_inner(link, end, p);
			p = &link->ports[LINK_RELAY(end) + 1];
		}
		plan_mac(end, plan->stack.mac[end], p->mac);
		link->ends[end] = *p;
	}
}

/* ---- making it ---- */

/* Each of its two devices joins when it is made. */
static int create_hub(const struct link *link, struct nlconn *nls, uint32_t node, struct errmsg *e)
{
	char name[LINK_NODE_NAME], ifname[IFNAMSIZ];

	snprintf(ifname, sizeof(ifname), "%.8s-bridge", link_node_name(link, node, name));
	return bridge_create(&nls[node], ifname, hub_of(node), e);
}

/* From b back to a, which leaves the calling thread there; each netlink socket is made on the way. */
static int create_nodes(struct link *link, struct nlconn *nls, const struct link_plan *plan,
			struct errmsg *e)
{
	for (uint32_t node = link->n_hops + 1; node-- > 0;) {
		int err, fd = netns_create(e);

		if (fd < 0)
			return fd;
		link->ns_fds[node] = fd;
		err = nlconn_open(&nls[node], e);
		if (!err && !node && plan->has_inner[END_A])
			err = bridge_create(&nls[node], "a-bridge", bridge_of(END_A), e);
		if (!err && node == link->n_hops && plan->has_inner[END_B])
			err = bridge_create(&nls[node], "b-bridge", bridge_of(END_B), e);
		if (!err && plan->hub_mask >> node & 1)
			err = create_hub(link, nls, node, e);
		if (err)
			return err;
	}
	return 0;
}

static int create_pairs(struct link *link, struct nlconn *nls, const struct link_plan *plan,
			struct errmsg *e)
{
	for (uint32_t port = 0; port < LINK_MAX_PORTS; port += 2) {
		const struct link_end *left = &link->ports[port], *right = left + 1;
		int err;

		if (!left->ifindex)
			continue;
		err = veth_create(&nls[node_of(link, port)], left, right, plan, e);
		if (!err)
			err = veth_set_up(&nls[node_of(link, port + 1)], right, true, e);
		if (err)
			return err;
	}
	return 0;
}

/* Of a device that does nothing but send what its own end made, nothing is to be unlearnt. */
static bool does_forward(const struct link *link, uint32_t port)
{
	const struct link_end *p = &link->ports[port];

	return p->ifindex && p->ifindex != link->ends[END_A].ifindex &&
	       p->ifindex != link->ends[END_B].ifindex;
}

/* By which a device takes a VLAN tag beside the packet; off, it writes it into the packet. */
static const char *const vlan_offloads[] = { "tx-vlan-hw-insert", "tx-vlan-stag-hw-insert", NULL };

static int finish_ports(struct link *link, struct nlconn *nls, struct errmsg *e)
{
	struct features vlan = { .title = "tx-vlan-offload", .names = vlan_offloads };
	uint64_t start_ns = clock_ns();
	int err = 0;

	for (uint32_t port = 0; port < LINK_MAX_PORTS && !err; port++)
		if (does_forward(link, port))
			err = features_off(&vlan, &nls[node_of(link, port)], &link->ports[port], e);
	for (uint32_t port = LINK_MAX_PORTS; port-- > 0 && !err;)
		if (link->ports[port].ifindex)
			err = veth_await_carrier(&nls[node_of(link, port)], &link->ports[port], e);
	link->carrier_wait_ns = clock_ns() - start_ns;
	return err;
}

static int set_qdiscs(const struct link *link, struct nlconn *nls, const struct link_plan *plan,
		      struct errmsg *e)
{
	for (size_t k = 0; k < plan->n_qdiscs; k++) {
		const struct qdisc_plan *q = &plan->qdiscs[k];
		char node[LINK_NODE_NAME], site[LINK_NODE_NAME + 8];
		int err;

		snprintf(site, sizeof(site), "%s.egress", link_node_name(link, q->node, node));
		err = qdisc_set(&nls[q->node], link_port(link, q->node, LINK_EGRESS)->ifindex,
				q->kind, site, e);
		if (err)
			return err;
	}
	return 0;
}

/* From b to a, as above: a is where the calling thread is to be. */
static int set_up_stacks(const struct link *link, struct nlconn *nls, const struct link_plan *plan,
			 struct errmsg *e)
{
	int err = stack_set_up(link, END_B, &nls[link->n_hops], &plan->stack, e);

	return err ? err : stack_set_up(link, END_A, &nls[0], &plan->stack, e);
}

int link_create(struct link *link, const struct link_plan *plan, struct errmsg *e)
{
	struct nlconn nls[PLAN_MAX_HOPS + 1] = { 0 };
	int err;

	assert(plan->n_hops <= PLAN_MAX_HOPS);
	*link = (struct link){ .n_hops = plan->n_hops ? plan->n_hops : 1 };
	link->home_fd = netns_open(e);
	if (link->home_fd < 0) {
		err = link->home_fd;
		*link = (struct link){ 0 };
		return err;
	}
	err = create_nodes(link, nls, plan, e);
	if (!err) {
		describe(link, plan);
		err = create_pairs(link, nls, plan, e);
	}
	if (!err)
		err = finish_ports(link, nls, e);
	if (!err)
		err = set_qdiscs(link, nls, plan, e);
	if (!err && plan->stack.family)
		err = set_up_stacks(link, nls, plan, e);
	for (uint32_t node = 0; node <= link->n_hops; node++)
		nlconn_close(&nls[node]);
	if (err)
		link_destroy(link);
	return err;
}

/*
 * Closing the last descriptor of a namespace is all it takes, as long as no
 * thread is in it: the kernel removes the devices with it. That this may cost
 * tens of milliseconds of RCU grace periods is not waited for.
 */
void link_destroy(struct link *link)
{
	link_leave(link);
	if (link->home_fd > 0)
		close(link->home_fd);
	for (uint32_t node = 0; node <= link->n_hops; node++)
		if (link->ns_fds[node] > 0)
			close(link->ns_fds[node]);
	*link = (struct link){ 0 };
}

void link_leave(const struct link *link)
{
	if (link->home_fd > 0)
		netns_enter(link->home_fd, NULL);
}

/* ---- where things are ---- */

const char *link_node_name(const struct link *link, uint32_t node, char name[LINK_NODE_NAME])
{
	if (!node || node == link->n_hops)
		snprintf(name, LINK_NODE_NAME, "%c", node ? 'b' : 'a');
	else if (node == 1)
		snprintf(name, LINK_NODE_NAME, "fwd");
	else
		snprintf(name, LINK_NODE_NAME, "fwd%u", node);
	return name;
}

const struct link_end *link_port(const struct link *link, uint32_t node,
				 enum link_direction direction)
{
	assert(node <= link->n_hops);
	if (!node)
		return &link->ports[0];
	if (node == link->n_hops || direction == LINK_INGRESS)
		return &link->ports[2 * node - 1];
	return &link->ports[2 * node];
}

const struct link_end *link_relay(const struct link *link, enum end end)
{
	const struct link_end *relay = &link->ports[LINK_RELAY(end)];

	return relay->ifindex ? relay : NULL;
}

int link_enter(const struct link *link, enum end end, struct errmsg *e)
{
	return netns_enter(link->ends[end].ns_fd, e);
}

int link_enter_node(const struct link *link, uint32_t node, struct errmsg *e)
{
	assert(node <= link->n_hops);
	return netns_enter(link->ns_fds[node], e);
}

/* ---- later on ---- */

int link_set_up(struct link *link, enum end end, bool is_up, struct errmsg *e)
{
	struct nlconn nl = { 0 };
	int err = link_enter(link, end, e);

	if (!err)
		err = nlconn_open(&nl, e);
	if (!err)
		err = veth_set_up(&nl, &link->ends[end], is_up, e);
	nlconn_close(&nl);
	return err;
}

int link_rx_packets(const struct link *link, enum end end, uint64_t *n, struct errmsg *e)
{
	struct nlconn nl = { 0 };
	struct rtnl_link *dev;
	int err;

	err = link_enter(link, end, e);
	if (!err)
		err = nlconn_open(&nl, e);
	if (!err)
		err = veth_query(&nl, &link->ends[end], &dev, e);
	if (!err) {
		*n = rtnl_link_get_stat(dev, RTNL_LINK_RX_PACKETS);
		rtnl_link_put(dev);
	}
	nlconn_close(&nl);
	return err;
}
