// SPDX-License-Identifier: GPL-2.0-only
/* Programs at tc: refused, replaced, and gone with their process. Needs root. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/edt.h"
#include "link/link.h"
#include "link/tc.h"
#include "tests/test.h"

#include "bpf/edt.skel.h"

#define DEADLINE_NS 5000000000ull

static const struct link_plan two_hops = {
	.mtu = 1500, .n_queues = 1, .n_hops = 2, .has_inner = { true, true }
};
static const struct edt_plan forwards = { .shifts_queue = true };

/* The sentence names program, hook, device and way. */
static void test_refused(void)
{
	struct tc tc = { 0 };
	struct errmsg e = { "" };
	struct link link;

	CHECK(!link_create(&link, &two_hops, &e), "%s", e.text);
	CHECK(tc_attach(&tc, link_port(&link, 0, LINK_EGRESS), LINK_EGRESS, 0, -1, "nothing", &e) <
		      0,
	      "no program");
	CHECK(strstr(e.text, "tc: 'nothing': attach to egress of 'a0' by "), "%s", e.text);
	tc_detach(&tc);
	edt_close(&(struct edt){ 0 });
	link_destroy(&link);
}

/* What others have left at a hook is in nobody's way. */
static void test_again(void)
{
	struct errmsg e = { "" };
	struct link link;

	CHECK(!link_create(&link, &two_hops, &e), "%s", e.text);
	for (int k = 0; k < 3; k++) {
		struct edt edt = { 0 };

		CHECK(!edt_open(&edt, &link, &forwards, &e), "%s", e.text);
		edt_close(&edt);
	}
	link_destroy(&link);
}

/* Makes all there is, says which program forwards, and waits to be killed. */
static void live(int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	struct edt edt = { 0 };
	struct errmsg e = { "" };
	struct link link;

	if (!link_create(&link, &two_hops, &e) && !edt_open(&edt, &link, &forwards, &e))
		bpf_obj_get_info_by_fd(bpf_program__fd(edt.skel->progs.edt_forward), &info, &size);
	if (write(fd, &info.id, sizeof(info.id)) > 0)
		pause();
	_exit(1);
}

/* A program lives as long as anything that it is attached to. */
static int await_end(__u32 id)
{
	uint64_t deadline_ns = clock_ns() + DEADLINE_NS;
	int fd;

	while ((fd = bpf_prog_get_fd_by_id(id)) > 0 && clock_ns() < deadline_ns) {
		close(fd);
		poll(NULL, 0, 10);
	}
	return fd;
}

/* With the process, however it ends, filters, devices and namespaces go. */
static void test_killed(void)
{
	__u32 id = 0;
	pid_t child;
	int fds[2];

	CHECK(!pipe(fds), "pipe");
	child = fork();
	if (!child)
		live(fds[1]);
	close(fds[1]);
	CHECK(read(fds[0], &id, sizeof(id)) == sizeof(id) && id, "the child is not there");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	CHECK_EQ(-ENOENT, await_end(id));
	close(fds[0]);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_refused);
	RUN(test_again);
	RUN(test_killed);
	return test_end();
}
