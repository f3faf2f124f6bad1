// SPDX-License-Identifier: GPL-2.0-only
/* Links and the probe of what the kernel can do. Needs root. */
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/link.h"
#include "link/probe.h"
#include "tests/test.h"

static const struct {
	struct link_plan plan;
	const char *expect_text;
} refused[] = {
	{ { .mtu = 70000, .n_queues = 1 },
	  "link: veth 'a0': create with mtu 70000, 1 queues: EINVAL" },
	{ { .mtu = 1500, .n_queues = 5000 }, "(Invalid number of transmit queues)" },
};

static void test_link_sentences(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct link link;
		struct errmsg e;
		int err = link_create(&link, &refused[i].plan, &e);

		CHECK(err == -EINVAL && strstr(e.text, refused[i].expect_text), "%s", e.text);
		CHECK(!link.home_fd && !link.ends[END_A].ns_fd, "nothing is left");
	}
}

static void test_lifetime(void)
{
	static const struct link_plan plan = { .mtu = 1500, .n_queues = 64 };
	struct link link = { 0 };
	struct errmsg e = { "" };

	link_destroy(&link);
	CHECK(!link_create(&link, &plan, &e), "%s", e.text);
	CHECK((int)if_nametoindex("a0") == link.ends[END_A].ifindex, "the thread is at a");
	CHECK(!link_enter(&link, END_B, &e), "%s", e.text);
	CHECK((int)if_nametoindex("b0") == link.ends[END_B].ifindex, "and now at b");
	link_destroy(&link);
	CHECK(!link.ends[END_A].ns_fd && !if_nametoindex("b0"), "back home");
	link_destroy(&link);
}

static void test_macs(void)
{
	static const uint8_t expect[N_ENDS][6] = { { 0x02, 0x78, 0x73, 0x6b, 0x0a, 0x00 },
						   { 0x02, 0x78, 0x73, 0x6b, 0x0b, 0x05 } };
	uint8_t mac[6];

	plan_mac(END_A, 0, mac);
	CHECK(!memcmp(mac, expect[END_A], sizeof(mac)), "socket 0 of a");
	plan_mac(END_B, 5, mac);
	CHECK(!memcmp(mac, expect[END_B], sizeof(mac)), "socket 5 of b");
}

static void test_probe(void)
{
	uint64_t start_ns = clock_ns();
	struct caps caps = { 0 };
	struct errmsg e = { "" };
	int err = probe_caps(&caps, &e);

	CHECK(!err, "%s", e.text);
	CHECK(caps.max_frags >= 2 && caps.rx_overhead >= XDP_PACKET_HEADROOM, "%u frags, %u bytes",
	      caps.max_frags, caps.rx_overhead);
	CHECK(clock_ns() - start_ns < 5000000000ull, "within its deadline");
	CHECK(!if_nametoindex("a0"), "the caller stays where it was");
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_link_sentences);
	RUN(test_lifetime);
	RUN(test_macs);
	RUN(test_probe);
	return test_end();
}
