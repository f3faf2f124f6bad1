// SPDX-License-Identifier: GPL-2.0-only
/* Links of several veth pairs in a row: what there is and where. Needs root. */
#include <net/if.h>
#include <string.h>
#include <sys/stat.h>

#include "base/errmsg.h"
#include "link/dev.h"
#include "link/link.h"
#include "tests/test.h"

static const struct {
	struct link_plan plan;
	const char *expect_ports; /* all of them, from a to b */
} rows[] = {
	{ { .n_hops = 0 }, "a0 b0" },
	{ { .n_hops = 1 }, "a0 b0" },
	{ { .n_hops = 1, .has_inner = { false, true } }, "a0 b0 b-relay b1" },
	{ { .n_hops = 1, .has_inner = { true, false } }, "a0 b0 a-relay a1" },
	{ { .n_hops = 2 }, "a0 fwd-in fwd-out b0" },
	{ { .n_hops = 2, .hub_mask = 2 }, "a0 fwd-in fwd-out b0" },
	{ { .n_hops = 3, .has_inner = { true, true }, .hub_mask = 4 },
	  "a0 fwd-in fwd-out fwd2-in fwd2-out b0 a-relay a1 b-relay b1" },
	{ { .n_hops = 8, .n_rx_queues = 2 },
	  "a0 fwd-in fwd-out fwd2-in fwd2-out fwd3-in fwd3-out fwd4-in fwd4-out fwd5-in fwd5-out "
	  "fwd6-in fwd6-out fwd7-in fwd7-out b0" },
};

static ino_t namespace_of(int fd)
{
	struct stat st = { 0 };

	fstat(fd, &st);
	return st.st_ino;
}

/* Every device is where its struct says, ready to send, with queues and MTU as planned. */
static void check_port(const struct link *link, uint32_t port, const struct link_plan *plan)
{
	const struct link_end *p = &link->ports[port];
	uint32_t node = port < LINK_RELAY(END_A) ? (port + 1) / 2 :
			port < LINK_RELAY(END_B) ? 0 :
						   link->n_hops;
	struct dev_info dev = { 0 };
	struct errmsg e = { "" };

	CHECK(!link_enter_node(link, node, &e) && !dev_read(p->ifname, &dev, &e), "%s", e.text);
	CHECK_EQ(p->ifindex, dev.ifindex);
	CHECK_EQ(LINK_FIRST_IFINDEX + port, dev.ifindex);
	CHECK(dev.is_up && dev.has_carrier, "%s: flags %#x", p->ifname, dev.flags);
	CHECK((dev.flags & IFF_NOARP) && !(dev.flags & IFF_MULTICAST), "%s: flags %#x", p->ifname,
	      dev.flags);
	CHECK_EQ(plan->mtu, dev.mtu);
	CHECK_EQ(plan->n_queues, dev_tx_queues(&dev));
	CHECK_EQ(plan->n_rx_queues ? plan->n_rx_queues : plan->n_queues, dev_rx_queues(&dev));
	CHECK_EQ(link->ports[port ^ 1].ifindex, dev.peer_ifindex);
}

static void check_names(const struct link *link, const char *expect)
{
	char all[256] = "";

	for (uint32_t port = 0; port < LINK_MAX_PORTS; port++)
		if (link->ports[port].ifindex)
			snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s",
				 port ? " " : "", link->ports[port].ifname);
	CHECK_STR(expect, all);
}

static void check_nodes(const struct link *link)
{
	for (uint32_t k = 0; k <= link->n_hops; k++)
		for (uint32_t j = 0; j < k; j++)
			CHECK(namespace_of(link->ns_fds[j]) != namespace_of(link->ns_fds[k]),
			      "nodes %u and %u are in one namespace", j, k);
}

static void check_ends(const struct link *link, const bool has_inner[N_ENDS])
{
	uint8_t a_mac[6], b_mac[6];

	plan_mac(END_A, 0, a_mac);
	plan_mac(END_B, 0, b_mac);
	CHECK(!memcmp(a_mac, link->ends[END_A].mac, 6) && !memcmp(b_mac, link->ends[END_B].mac, 6),
	      "addresses of the ends");
	CHECK_STR(has_inner[END_A] ? "a1" : "a0", link->ends[END_A].ifname);
	CHECK_STR(has_inner[END_B] ? "b1" : "b0", link->ends[END_B].ifname);
	CHECK_STR("a0", link_port(link, 0, LINK_EGRESS)->ifname);
	CHECK_STR("b0", link_port(link, link->n_hops, LINK_INGRESS)->ifname);
	for (enum end end = 0; end < N_ENDS; end++)
		CHECK(!link_relay(link, end) == !has_inner[end], "relay of %c", "ab"[end]);
}

/* Both devices of a node with a bridge are its ports. */
static void check_hubs(const struct link *link, uint32_t hub_mask)
{
	for (uint32_t node = 1; node < link->n_hops; node++) {
		int in = link_port(link, node, LINK_INGRESS)->master;
		int out = link_port(link, node, LINK_EGRESS)->master;
		char name[IF_NAMESIZE], node_name[LINK_NODE_NAME], expect[32];

		CHECK(in == out && !in == !(hub_mask >> node & 1), "node %u: %d, %d", node, in,
		      out);
		if (!in)
			continue;
		CHECK(!link_enter_node(link, node, NULL), "enter");
		snprintf(expect, sizeof(expect), "%s-bridge",
			 link_node_name(link, node, node_name));
		CHECK_STR(expect, if_indextoname((unsigned int)in, name));
	}
	CHECK(!link_enter_node(link, 0, NULL), "back to a");
}

static void check_row(size_t i)
{
	struct link_plan plan = rows[i].plan;
	struct errmsg e = { "" };
	struct link link;
	int err;

	plan.mtu = 3000;
	plan.n_queues = 3;
	err = link_create(&link, &plan, &e);
	CHECK(!err, "row %zu: %s", i, e.text);
	if (err)
		return;
	CHECK_EQ(link.ends[END_A].ifindex, if_nametoindex(link.ends[END_A].ifname));
	check_names(&link, rows[i].expect_ports);
	check_nodes(&link);
	check_ends(&link, plan.has_inner);
	check_hubs(&link, plan.hub_mask);
	for (uint32_t port = 0; port < LINK_MAX_PORTS; port++)
		if (link.ports[port].ifindex)
			check_port(&link, port, &plan);
	link_destroy(&link);
	CHECK(!if_nametoindex("a0") && !if_nametoindex("b0") && !link.n_hops, "row %zu: home", i);
}

static void test_hops(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(i);
}

static void test_places(void)
{
	static const struct link_plan plan = { .mtu = 1500, .n_queues = 1, .n_hops = 3 };
	char name[LINK_NODE_NAME];
	struct errmsg e = { "" };
	struct link link;

	CHECK(!link_create(&link, &plan, &e), "%s", e.text);
	CHECK_STR("a", link_node_name(&link, 0, name));
	CHECK_STR("fwd", link_node_name(&link, 1, name));
	CHECK_STR("fwd2", link_node_name(&link, 2, name));
	CHECK_STR("b", link_node_name(&link, 3, name));
	CHECK_STR("a0", link_port(&link, 0, LINK_EGRESS)->ifname);
	CHECK_STR("fwd-in", link_port(&link, 1, LINK_INGRESS)->ifname);
	CHECK_STR("fwd-out", link_port(&link, 1, LINK_EGRESS)->ifname);
	CHECK_STR("fwd2-in", link_port(&link, 2, LINK_INGRESS)->ifname);
	CHECK_STR("b0", link_port(&link, 3, LINK_EGRESS)->ifname);
	link_destroy(&link);
}

/* The namespaces are there when the first pair fails: nothing of them may be left. */
static void test_refused(void)
{
	static const struct link_plan plan = { .mtu = 70000, .n_queues = 1, .n_hops = 2 };
	struct errmsg e = { "" };
	struct link link;

	CHECK(link_create(&link, &plan, &e) < 0, "an MTU that no veth has");
	CHECK(strstr(e.text, "link: veth 'a0': create with mtu 70000, 1 queues: EINVAL"), "%s",
	      e.text);
	CHECK(!link.home_fd && !link.ns_fds[0] && !link.n_hops, "nothing is left");
}

/* Up and down is about the end; the way there stays. */
static void test_down(void)
{
	static const struct link_plan plan = { .mtu = 1500, .n_queues = 1, .n_hops = 2 };
	struct dev_info dev = { 0 };
	struct errmsg e = { "" };
	struct link link;

	CHECK(!link_create(&link, &plan, &e), "%s", e.text);
	CHECK(!link_set_up(&link, END_B, false, &e) && !dev_read("b0", &dev, &e), "%s", e.text);
	CHECK(!dev.is_up, "b0 is down");
	CHECK(!link_enter_node(&link, 1, &e) && !dev_read("fwd-out", &dev, &e), "%s", e.text);
	CHECK(dev.is_up && !dev.has_carrier, "its peer has no carrier");
	CHECK(!link_set_up(&link, END_B, true, &e) && !dev_read("b0", &dev, &e), "%s", e.text);
	CHECK(dev.is_up, "b0 is up");
	link_destroy(&link);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_hops);
	RUN(test_places);
	RUN(test_refused);
	RUN(test_down);
	return test_end();
}
