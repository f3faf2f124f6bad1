// SPDX-License-Identifier: GPL-2.0-only
/* What attaching a program says when it is refused. What programs do: test_ring.c. Needs root. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "link/link.h"
#include "link/prog.h"
#include "tests/test.h"

static const struct end_plan redirect = { .program = PROGRAM_REDIRECT };

/* A second program is refused by the kernel, with a cause that is ours to name. */
static const struct {
	enum mode first, second;
	int expect_err;
	const char *expect_texts[3];
} pairs[] = {
	{ MODE_DRV,
	  MODE_DRV,
	  EBUSY,
	  { "attach to 'b0' natively: EBUSY (program ",
	    " is attached to 'b0' in native mode, kept by this process: end it first",
	    "kernel: \"Can't replace active BPF XDP link\"" } },
	{ MODE_SKB,
	  MODE_SKB,
	  EBUSY,
	  { "attach to 'b0' generically: EBUSY (program ", "generic mode" } },
	{ MODE_DRV,
	  MODE_SKB,
	  EEXIST,
	  { "in native mode, kept by this process, and native and generic XDP exclude each other",
	    "('mode drv')" } },
	{ MODE_SKB, MODE_DRV, EEXIST, { "in generic mode", "('mode skb')" } },
};

static bool has_all(const char *text, const char *const *parts, size_t n)
{
	for (size_t i = 0; i < n && parts[i]; i++)
		if (!strstr(text, parts[i]))
			return false;
	return true;
}

static void check_pair(const struct link_end *b, size_t i)
{
	struct prog first = { 0 }, second = { 0 };
	struct errmsg e = { "" };
	int err = prog_attach(&first, b, &redirect, pairs[i].first, &e);

	CHECK(!err, "pair %zu: %s", i, e.text);
	err = prog_attach(&second, b, &redirect, pairs[i].second, &e);
	CHECK(err == -pairs[i].expect_err, "pair %zu: expect %s, actual %s", i,
	      errno_name(pairs[i].expect_err), errno_name(err));
	CHECK(has_all(e.text, pairs[i].expect_texts, 3), "pair %zu: %s", i, e.text);
	CHECK(!second.obj && !second.link_fd, "pair %zu: nothing is left", i);
	prog_detach(&second);
	prog_detach(&first);
}

/* An MTU above what native veth takes without frags is no obstacle: the programs know frags. */
static void check_modes(const struct link_end *b)
{
	struct errmsg e = { "" };
	struct prog prog;

	for (int mode = MODE_SKB; mode <= MODE_ZC; mode++) {
		CHECK(!prog_attach(&prog, b, &redirect, (enum mode)mode, &e), "%s", e.text);
		prog_detach(&prog);
	}
}

static void test_attach(void)
{
	struct link link;
	struct errmsg e = { "" };
	int err = link_create(&link, &(struct link_plan){ .mtu = 9000, .n_queues = 2 }, &e);

	CHECK(!err, "%s", e.text);
	if (err)
		return;
	CHECK(!link_enter(&link, END_B, &e), "%s", e.text);
	check_modes(&link.ends[END_B]);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		check_pair(&link.ends[END_B], i);
	link_destroy(&link);
}

/* What the two halves of a veth have to fulfil: numbers of both are named. */
static const struct {
	struct link_plan link;
	enum program_id program;
	int expect_err;
	const char *expect_texts[3];
} refused[] = {
	{ { .mtu = 1500, .n_queues = 3, .n_rx_queues = 2 },
	  PROGRAM_REDIRECT,
	  ENOSPC,
	  { "'b0' has 2 rx queues and its peer 'a0' 3 tx queues", "('link { rx_queues 3 }')",
	    "kernel: \"veth: XDP expects number of rx queues not less than peer tx queues\"" } },
	{ { .mtu = 9000, .n_queues = 1 },
	  PROGRAM_SINGLE_BUFFER,
	  ERANGE,
	  { "'b0' has MTU 9000, its peer 'a0' 9000: too large for native XDP in single buffers",
	    "('program redirect')", "kernel: \"veth: Peer MTU is too large to set XDP\"" } },
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct end_plan plan = { .program = refused[i].program };
		struct errmsg e = { "" };
		struct link link;
		struct prog prog;

		CHECK(!link_create(&link, &refused[i].link, &e), "%s", e.text);
		CHECK(!link_enter(&link, END_B, &e), "%s", e.text);
		CHECK_EQ(-refused[i].expect_err,
			 prog_attach(&prog, &link.ends[END_B], &plan, MODE_DRV, &e));
		CHECK(has_all(e.text, refused[i].expect_texts, 3), "row %zu: %s", i, e.text);
		/* Generic XDP cares for neither. */
		CHECK(!prog_attach(&prog, &link.ends[END_B], &plan, MODE_SKB, &e), "%s", e.text);
		prog_detach(&prog);
		link_destroy(&link);
	}
}

static void test_no_program(void)
{
	static const struct end_plan none = { .program = PROGRAM_NONE };
	static const struct end_plan file = {
		.program = PROGRAM_FILE,
		.object = { .file = "x.o", .paths = { "/no/such/x.o" } },
	};
	static const struct link_end nowhere;
	struct prog_stats stats;
	struct errmsg e = { "" };
	struct prog prog;

	CHECK(!prog_attach(&prog, &nowhere, &none, MODE_DRV, &e) && !prog.obj, "%s", e.text);
	CHECK(!prog_add_socket(&prog, 0, 0, -1, &e) && !prog_clear_sockets(&prog, &e), "%s",
	      e.text);
	CHECK(!prog_read_stats(&prog, &stats, &e) && !stats.n_seen, "%s", e.text);
	prog_detach(&prog);
	CHECK(prog_attach(&prog, &nowhere, &file, MODE_DRV, &e) == -ENOENT, "%s", e.text);
	prog_detach(&prog);
}

/* The sentence names program, device and way. */
static void test_no_device(void)
{
	static const struct link_end nowhere = { .ifindex = 0x7fffffff, .ifname = "nowhere" };
	struct errmsg e = { "" };
	struct prog prog;

	CHECK(prog_attach(&prog, &nowhere, &redirect, MODE_DRV, &e) == -EINVAL, "%s", e.text);
	CHECK(strstr(e.text, "prog: 'redirect': attach to 'nowhere' natively: EINVAL (the device "
			     "'nowhere' is gone"),
	      "%s", e.text);
	prog_detach(&prog);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_attach);
	RUN(test_refused);
	RUN(test_no_program);
	RUN(test_no_device);
	return test_end();
}
