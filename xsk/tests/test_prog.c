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
	const char *expect_text;
} pairs[] = {
	{ MODE_DRV, MODE_DRV, EBUSY, "'b0' natively: EBUSY (another program is attached" },
	{ MODE_SKB, MODE_SKB, EBUSY, "'b0' generically: EBUSY (another program is attached" },
	{ MODE_DRV, MODE_SKB, EEXIST, "native and generic XDP exclude each other" },
	{ MODE_SKB, MODE_DRV, EEXIST, "native and generic XDP exclude each other" },
};

static void check_pair(const struct link_end *b, size_t i)
{
	struct prog first = { 0 }, second = { 0 };
	struct errmsg e = { "" };
	int err = prog_attach(&first, b, &redirect, pairs[i].first, &e);

	CHECK(!err, "pair %zu: %s", i, e.text);
	err = prog_attach(&second, b, &redirect, pairs[i].second, &e);
	CHECK(err == -pairs[i].expect_err, "pair %zu: expect %s, actual %s", i,
	      errno_name(pairs[i].expect_err), errno_name(err));
	CHECK(strstr(e.text, pairs[i].expect_text), "pair %zu: expect \"%s\", actual \"%s\"", i,
	      pairs[i].expect_text, e.text);
	CHECK(!second.skel && !second.link_fd, "pair %zu: nothing is left", i);
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

static void test_no_program(void)
{
	static const struct end_plan none = { .program = PROGRAM_NONE };
	static const struct end_plan file = { .program = PROGRAM_FILE };
	static const struct link_end nowhere;
	struct prog_stats stats;
	struct errmsg e = { "" };
	struct prog prog;

	CHECK(!prog_attach(&prog, &nowhere, &none, MODE_DRV, &e) && !prog.skel, "%s", e.text);
	CHECK(!prog_add_socket(&prog, 0, 0, -1, &e) && !prog_clear_sockets(&prog, &e), "%s",
	      e.text);
	CHECK(!prog_read_stats(&prog, &stats, &e) && !stats.n_seen, "%s", e.text);
	prog_detach(&prog);
	CHECK(prog_attach(&prog, &nowhere, &file, MODE_DRV, &e) == -EOPNOTSUPP, "%s", e.text);
	prog_detach(&prog);
}

/* The sentence names program, device and way. */
static void test_no_device(void)
{
	static const struct link_end nowhere = { .ifindex = 0x7fffffff, .ifname = "nowhere" };
	struct errmsg e = { "" };
	struct prog prog;

	CHECK(prog_attach(&prog, &nowhere, &redirect, MODE_DRV, &e) == -EINVAL, "%s", e.text);
	CHECK(strstr(e.text, "prog: 'redirect': attach to 'nowhere' natively: EINVAL"), "%s",
	      e.text);
	prog_detach(&prog);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_attach);
	RUN(test_no_program);
	RUN(test_no_device);
	return test_end();
}
