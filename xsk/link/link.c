// SPDX-License-Identifier: GPL-2.0-only
#include "link/link.h"

#include <assert.h>
#include <netlink/route/link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/netns.h"
#include "link/nlconn.h"
#include "link/veth.h"

/* ---- what there is to be ---- */

/* Of what is neither a's nor b's: beside the two numbers of plan_mac(). */
static void inner_mac(uint32_t port, uint8_t mac[6])
{
	plan_mac(END_A, port, mac);
	mac[4] = 0x0c;
}

/* a0, fwd-in, fwd-out, fwd2-in, ..., b0; behind it b-relay and b1. */
static void name_port(const struct link *link, uint32_t port, char ifname[16])
{
	char node[LINK_NODE_NAME];
	const char *side = port % 2 ? "in" : "out";

	if (!port)
		snprintf(ifname, 16, "a0");
	else if (port + 1 == 2 * link->n_hops)
		snprintf(ifname, 16, "b0");
	else if (port >= 2 * link->n_hops)
		snprintf(ifname, 16, port % 2 ? "b1" : "b-relay");
	else
		snprintf(ifname, 16, "%.11s-%s", link_node_name(link, (port + 1) / 2, node), side);
}

static uint32_t node_of(const struct link *link, uint32_t port)
{
	uint32_t node = (port + 1) / 2;

	return node < link->n_hops ? node : link->n_hops;
}

static void describe_ports(struct link *link)
{
	for (uint32_t port = 0; port < link->n_ports; port++) {
		struct link_end *p = &link->ports[port];

		p->ifindex = LINK_FIRST_IFINDEX + (int)port;
		p->ns_fd = link->ns_fds[node_of(link, port)];
		name_port(link, port, p->ifname);
		inner_mac(port, p->mac);
	}
	plan_mac(END_A, 0, link->ports[0].mac);
	plan_mac(END_B, 0, link->ports[link->n_ports - 1].mac);
	link->ends[END_A] = link->ports[0];
	link->ends[END_B] = link->ports[link->n_ports - 1];
}

/* ---- making it ---- */

/* From b back to a, which leaves the calling thread there; each netlink socket is made on the way. */
static int create_nodes(struct link *link, struct nlconn *nls, struct errmsg *e)
{
	for (uint32_t node = link->n_hops + 1; node-- > 0;) {
		int err, fd = netns_create(e);

		if (fd < 0)
			return fd;
		link->ns_fds[node] = fd;
		err = nlconn_open(&nls[node], e);
		if (err)
			return err;
	}
	return 0;
}

static int create_pairs(struct link *link, struct nlconn *nls, const struct link_plan *plan,
			struct errmsg *e)
{
	for (uint32_t port = 0; port < link->n_ports; port += 2) {
		const struct link_end *left = &link->ports[port], *right = left + 1;
		int err = veth_create(&nls[node_of(link, port)], left, right, plan, e);

		if (!err)
			err = veth_set_up(&nls[node_of(link, port + 1)], right, true, e);
		if (err)
			return err;
	}
	return 0;
}

static int await_carriers(struct link *link, struct nlconn *nls, struct errmsg *e)
{
	uint64_t start_ns = clock_ns();
	int err = 0;

	for (uint32_t port = link->n_ports; port-- > 0 && !err;)
		err = veth_await_carrier(&nls[node_of(link, port)], &link->ports[port], e);
	link->carrier_wait_ns = clock_ns() - start_ns;
	return err;
}

int link_create(struct link *link, const struct link_plan *plan, struct errmsg *e)
{
	struct nlconn nls[PLAN_MAX_HOPS + 1] = { 0 };
	int err;

	assert(plan->n_hops <= PLAN_MAX_HOPS);
	*link = (struct link){ .n_hops = plan->n_hops ? plan->n_hops : 1 };
	link->n_ports = 2 * (link->n_hops + plan->has_inner_b);
	link->home_fd = netns_open(e);
	if (link->home_fd < 0) {
		err = link->home_fd;
		*link = (struct link){ 0 };
		return err;
	}
	err = create_nodes(link, nls, e);
	if (!err) {
		describe_ports(link);
		err = create_pairs(link, nls, plan, e);
	}
	if (!err)
		err = await_carriers(link, nls, e);
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

const struct link_end *link_relay(const struct link *link)
{
	return link->n_ports > 2 * link->n_hops ? &link->ports[2 * link->n_hops] : NULL;
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
