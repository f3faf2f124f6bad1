// SPDX-License-Identifier: GPL-2.0-only
/* Addresses for the kernel's own sockets at both ends of a link. Needs root. */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include "base/errmsg.h"
#include "link/link.h"
#include "tests/test.h"

#define N_TRIES 20

static struct link_plan plan_of(int family, const char *a, const char *b)
{
	struct link_plan plan = { .mtu = 1500, .n_queues = 1, .stack.family = family };

	CHECK(inet_pton(family, a, plan.stack.addr[END_A]) == 1, "%s", a);
	CHECK(inet_pton(family, b, plan.stack.addr[END_B]) == 1, "%s", b);
	plan.stack.mac[END_A] = 7;
	return plan;
}

/* A datagram from an end to the other, which has a socket for it or has not. */
static void check_send(const struct link *link, enum end end, const struct link_plan *plan)
{
	enum end other = end == END_A ? END_B : END_A;
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	bool is_v4 = plan->stack.family == AF_INET;
	struct errmsg e = { "" };
	int fd;

	memcpy(&in.sin_addr, plan->stack.addr[other], 4);
	memcpy(&in6.sin6_addr, plan->stack.addr[other], 16);
	CHECK(!link_enter(link, end, &e), "%s", e.text);
	fd = socket(plan->stack.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK_EQ(1, sendto(fd, "x", 1, 0, is_v4 ? (void *)&in : (void *)&in6,
			   is_v4 ? sizeof(in) : sizeof(in6)));
	close(fd);
}

static void check_received(const struct link *link, uint64_t most, const char *when)
{
	struct errmsg e = { "" };
	uint64_t n = 0;

	for (enum end end = 0; end < N_ENDS; end++) {
		CHECK(!link_rx_packets(link, end, &n, &e), "%s", e.text);
		CHECK(n <= most, "%s: %c has received %llu", when, end_names[end],
		      (unsigned long long)n);
	}
}

/* From the first moment on there is a way, and nobody has said anything before. */
static void check_ways(const struct link_plan *plan)
{
	struct errmsg e = { "" };
	struct link link;

	CHECK(!link_create(&link, plan, &e), "%s", e.text);
	if (test_state.is_failed)
		return;
	CHECK_EQ(7, link.ends[END_A].mac[5]);
	check_received(&link, 0, "at first");
	check_send(&link, END_A, plan);
	check_received(&link, 1, "after a packet, and word that nobody waits for it");
	check_send(&link, END_B, plan);
	link_destroy(&link);
}

static void test_ways(void)
{
	const struct link_plan v4 = plan_of(AF_INET, "192.0.2.1", "10.7.7.7");
	const struct link_plan v6 = plan_of(AF_INET6, "2001:db8::1", "fd00::9");

	for (int k = 0; k < N_TRIES && !test_state.is_failed; k++) {
		check_ways(&v4);
		check_ways(&v6);
	}
}

static void test_refused(void)
{
	const struct link_plan plan = plan_of(AF_INET6, "2001:db8::1", "ff02::1");
	struct errmsg e = { "" };
	struct link link;

	CHECK_EQ(-EADDRNOTAVAIL, link_create(&link, &plan, &e));
	CHECK(strstr(e.text, "link: veth 'b0': add address ff02::1: EADDRNOTAVAIL"), "%s", e.text);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_ways);
	RUN(test_refused);
	return test_end();
}
