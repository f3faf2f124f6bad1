// SPDX-License-Identifier: GPL-2.0-only
/* Links and the probe of what the kernel can do. Needs root. */
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/dev.h"
#include "link/link.h"
#include "link/probe.h"
#include "link/prog.h"
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

/* veth tells everything but ring sizes; what is attached later is seen at the next look. */
static void test_dev(void)
{
	static const struct link_plan plan = { .mtu = 2000, .n_queues = 3 };
	struct dev_info info = { 0 }, by_index = { 0 };
	struct errmsg e = { "" };
	struct link link;

	CHECK(!link_create(&link, &plan, &e), "%s", e.text);
	CHECK(!dev_read("a0", &info, &e), "%s", e.text);
	CHECK(!dev_read_index(link.ends[END_A].ifindex, &by_index, &e), "%s", e.text);
	CHECK_STR("a0", by_index.name);
	CHECK_EQ(link.ends[END_A].ifindex, info.ifindex);
	CHECK_STR("veth", info.driver);
	CHECK_EQ(2000, info.mtu);
	CHECK(info.is_up && info.has_carrier, "flags %#x", info.flags);
	CHECK(info.has_channels, "veth has channels");
	CHECK_EQ(3, dev_rx_queues(&info));
	CHECK_EQ(3, dev_tx_queues(&info));
	CHECK_EQ(3, info.max_channels.rx);
	CHECK(!info.prog_ids[DEV_XDP_DRV] && !info.prog_ids[DEV_XDP_SKB], "no program yet");
	/* A kernel before 6.3 cannot tell; one that can knows that veth has no zero-copy. */
	CHECK(!(info.xdp_features & DEV_XDP_XSK_ZEROCOPY) && !info.has_zc_max_segs, "no zero-copy");
	CHECK(!info.has_xdp_features || info.xdp_features & DEV_XDP_REDIRECT, "features %#llx",
	      (unsigned long long)info.xdp_features);
	link_destroy(&link);
}

static void test_dev_peer(void)
{
	static const struct link_plan plan = { .mtu = 2000, .n_queues = 3 };
	struct dev_info info = { 0 }, peer = { 0 };
	struct errmsg e = { "" };
	struct link link;

	CHECK(!link_create(&link, &plan, &e), "%s", e.text);
	CHECK(!dev_read("a0", &info, &e), "%s", e.text);
	CHECK_EQ(0, dev_read_peer(&info, &peer));
	CHECK_STR("b0", peer.name);
	CHECK_EQ(2000, peer.mtu);
	CHECK_EQ(3, dev_tx_queues(&peer));
	info.peer_ifindex = 0;
	CHECK_EQ(-ENODEV, dev_read_peer(&info, &peer));
	link_destroy(&link);
}

static void test_dev_absent(void)
{
	struct dev_info info = { 0 };
	struct errmsg e = { "" };

	CHECK_EQ(-ENODEV, dev_read("nosuch0", &info, &e));
	CHECK_STR("link: device 'nosuch0': look it up: ENODEV", e.text);
	CHECK_EQ(-ENODEV, dev_read_index(1 << 30, &info, &e));
	CHECK_STR("link: device index 1073741824: look it up: ENODEV", e.text);
}

static void test_dev_attached(void)
{
	static const struct end_plan pass = { .program = PROGRAM_PASS };
	static const struct link_plan plan = { .mtu = 1500, .n_queues = 1 };
	static const enum mode modes[N_DEV_XDP] = {
		[DEV_XDP_DRV] = MODE_DRV, [DEV_XDP_SKB] = MODE_SKB
	};
	struct dev_info info = { 0 };
	struct errmsg e = { "" };
	struct link link;

	CHECK(!link_create(&link, &plan, &e), "%s", e.text);
	for (enum dev_xdp at = DEV_XDP_DRV; at <= DEV_XDP_SKB; at++) {
		struct prog prog;

		CHECK(!prog_attach(&prog, &link.ends[END_A], &pass, modes[at], &e), "%s", e.text);
		CHECK(!dev_read("a0", &info, &e), "%s", e.text);
		CHECK(info.prog_ids[at] && !info.prog_ids[!at], "%s: ids %u and %u",
		      dev_xdp_names[at], info.prog_ids[0], info.prog_ids[1]);
		prog_detach(&prog);
	}
	link_destroy(&link);
}

static void test_dev_features(void)
{
	char text[64];

	dev_format_features(0, dev_xdp_feature_names, N_DEV_XDP_FEATURES, text, sizeof(text));
	CHECK_STR("none", text);
	dev_format_features(DEV_XDP_BASIC | DEV_XDP_RX_SG | 1ull << 40, dev_xdp_feature_names,
			    N_DEV_XDP_FEATURES, text, sizeof(text));
	CHECK_STR("basic rx-sg bit40", text);
	dev_format_features(~0ull, dev_xdp_feature_names, N_DEV_XDP_FEATURES, text, 8);
	CHECK_STR("basic r", text);
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
	CHECK(caps.max_frags > caps.has_multi_buffer && caps.rx_overhead >= XDP_PACKET_HEADROOM,
	      "%u frags, %u bytes", caps.max_frags, caps.rx_overhead);
	CHECK(clock_ns() - start_ns < 5000000000ull, "within its deadline");
	CHECK(!if_nametoindex("a0"), "the caller stays where it was");
}

int main(void)
{
	RUN(test_dev_features);
	RUN(test_dev_absent);
	if (test_skips_without_root())
		return test_end();
	RUN(test_link_sentences);
	RUN(test_lifetime);
	RUN(test_dev);
	RUN(test_dev_attached);
	RUN(test_dev_peer);
	RUN(test_macs);
	RUN(test_probe);
	return test_end();
}
