// SPDX-License-Identifier: GPL-2.0-only
/* Sockets that the kernel refuses: which step it was, and the cause in words. Needs root. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "link/link.h"
#include "ring/sock.h"
#include "ring/umem.h"
#include "tests/test.h"

#define RING 64u
#define N_FRAMES 16u

static const struct {
	const char *name;
	enum mode mode;
	uint32_t frame_size, headroom, queue, rx_ring, fill_ring; /* 0: what works */
	int expect_err;
	enum sock_step expect_step;
	const char *expect_text;
} rows[] = {
	{ .name = "chunk of 3000",
	  .frame_size = 3000,
	  .expect_err = EINVAL,
	  .expect_step = SOCK_STEP_UMEM,
	  .expect_text =
		  "(aligned chunks have a power of two as their size, not 3000 ('umem { frame_size 4096 }'" },
	{ .name = "chunk of 1024",
	  .frame_size = 1024,
	  .expect_err = EINVAL,
	  .expect_step = SOCK_STEP_UMEM,
	  .expect_text = "(a chunk has at least 2048 bytes, not 1024 (" },
	{ .name = "chunk of 8192",
	  .frame_size = 8192,
	  .expect_err = EINVAL,
	  .expect_step = SOCK_STEP_UMEM,
	  .expect_text = "(a chunk of 8192 bytes is larger than a page" },
	{ .name = "headroom of 4000",
	  .headroom = 4000,
	  .expect_err = EINVAL,
	  .expect_step = SOCK_STEP_UMEM,
	  .expect_text =
		  "headroom 4000: EINVAL (a headroom of 4000 leaves too little of a chunk of 4096: "
		  "this kernel takes at most 3" },
	{ .name = "rx ring of 100",
	  .rx_ring = 100,
	  .expect_err = EINVAL,
	  .expect_step = SOCK_STEP_RINGS,
	  .expect_text =
		  "make a rx ring of 100: EINVAL (the size of a ring is a power of two: 64 or 128)" },
	{ .name = "fill ring of 3",
	  .fill_ring = 3,
	  .expect_err = EINVAL,
	  .expect_step = SOCK_STEP_RINGS,
	  .expect_text =
		  "make a fill ring of 3: EINVAL (the size of a ring is a power of two: 2 or 4)" },
	{ .name = "queue 7",
	  .queue = 7,
	  .expect_err = EINVAL,
	  .expect_step = SOCK_STEP_BIND,
	  .expect_text = "sock: 'a0' queue 7: bind with XDP_COPY: EINVAL (queue 7 does not exist: "
			 "'a0' has 1 rx and 1 tx queue in use" },
	{ .name = "zero-copy",
	  .mode = MODE_ZC,
	  .expect_err = EOPNOTSUPP,
	  .expect_step = SOCK_STEP_BIND,
	  .expect_text = "bind with XDP_ZEROCOPY: EOPNOTSUPP (driver veth" },
};

static uint32_t either(uint32_t value, uint32_t otherwise)
{
	return value ? value : otherwise;
}

static void check_row(const struct link_end *a, size_t i)
{
	uint32_t frame_size = either(rows[i].frame_size, 4096);
	struct umem_plan umem_plan = { .frame_size = frame_size,
				       .n_frames = N_FRAMES,
				       .size = (uint64_t)N_FRAMES * frame_size,
				       .headroom = rows[i].headroom };
	struct port_plan port_plan = { .fill_ring = either(rows[i].fill_ring, RING),
				       .completion_ring = RING };
	struct socket_plan sock_plan = { .queue = rows[i].queue,
					 .rx_ring = either(rows[i].rx_ring, RING),
					 .does_rx = true };
	struct umem umem;
	struct port port = { .plan = &port_plan, .umem = &umem };
	struct sock sock;
	enum sock_step step;
	struct errmsg e = { "" };
	int err;

	CHECK(!umem_create(&umem, &umem_plan, &e), "%s: %s", rows[i].name, e.text);
	err = sock_create(&sock, &sock_plan, &port, a, rows[i].mode, WAKEUP_SOFTIRQ, &step, &e);
	CHECK(err == -rows[i].expect_err && step == rows[i].expect_step,
	      "%s: expect %s at step %d, actual %s at step %d", rows[i].name,
	      errno_name(rows[i].expect_err), rows[i].expect_step, errno_name(err), step);
	CHECK(strstr(e.text, rows[i].expect_text), "%s: expect \"%s\", actual \"%s\"", rows[i].name,
	      rows[i].expect_text, e.text);
	CHECK(umem.fd == -1 && !port.fill_map && !port.fd && !sock.plan, "%s: nothing is left",
	      rows[i].name);
	sock_destroy(&sock);
	port_release(&port);
	umem_destroy(&umem);
}

static void test_refused(void)
{
	struct link link;
	struct errmsg e = { "" };
	int err = link_create(&link, &(struct link_plan){ .mtu = 1500, .n_queues = 1 }, &e);

	CHECK(!err, "%s", e.text);
	for (size_t i = 0; !err && i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&link.ends[END_A], i);
	link_destroy(&link);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_refused);
	return test_end();
}
