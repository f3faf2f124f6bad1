// SPDX-License-Identifier: GPL-2.0-only
/* Memory for UMEMs: what is refused, and hugepages that are always given back. Needs root. */
#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "ring/hugepages.h"
#include "ring/memlock.h"
#include "ring/meminfo.h"
#include "ring/umem.h"
#include "tests/test.h"

#define DEADLINE_NS 2000000000ull
#define OVERCOMMIT "/proc/sys/vm/nr_overcommit_hugepages"

static void test_no_memory(void)
{
	struct umem_plan plan = { .frame_size = 4096, .n_frames = 1ull << 36, .size = 1ull << 48 };
	struct umem umem;
	struct errmsg e;

	CHECK(umem_create(&umem, &plan, &e) == -ENOMEM, "more than there is");
	CHECK(strstr(e.text, "MiB of memory are available"), "%s", e.text);
	umem_destroy(&umem);
}

static long read_overcommit(void)
{
	FILE *f = fopen(OVERCOMMIT, "re");
	long n = -1;

	if (f) {
		if (fscanf(f, "%ld", &n) != 1)
			n = -1;
		fclose(f);
	}
	return n;
}

/*
 * Runs side by side change the limit as well, by a few pages each. Those of this
 * test stand out: it is only a limit, nobody makes that many.
 */
#define MANY 1000000

static bool await_few(void)
{
	uint64_t deadline_ns = clock_ns() + DEADLINE_NS;

	while (read_overcommit() >= MANY) {
		if (clock_ns() > deadline_ns)
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

static void test_hugepages(void)
{
	struct hugepages hp = { 0 };
	struct errmsg e;

	hugepages_give_back(&hp);
	CHECK(!hugepages_reserve(&hp, MANY, &e), "%s", e.text);
	CHECK(read_overcommit() >= MANY, "raised");
	kill(hp.keeper_pid, SIGTERM);
	kill(hp.keeper_pid, SIGINT);
	kill(hp.keeper_pid, SIGHUP);
	CHECK(!kill(hp.keeper_pid, 0) && read_overcommit() >= MANY,
	      "signals do not end the keeper");
	hugepages_give_back(&hp);
	CHECK(await_few(), "given back");
}

static void test_hugepages_killed(void)
{
	struct hugepages hp;
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		if (hugepages_reserve(&hp, MANY, NULL) || read_overcommit() < MANY)
			_exit(1);
		raise(SIGKILL);
	}
	waitpid(pid, &status, 0);
	CHECK(WIFSIGNALED(status), "reserved, then killed");
	CHECK(await_few(), "given back by the keeper");
}

/* With its keeper, which then cannot: the next one to come does. */
static void test_hugepages_all_killed(void)
{
	long before = read_overcommit();
	uint64_t deadline_ns;
	int status = 0;
	struct hugepages hp;
	pid_t pid = fork();

	if (!pid) {
		if (hugepages_reserve(&hp, MANY, NULL))
			_exit(1);
		kill(hp.keeper_pid, SIGKILL);
		raise(SIGKILL);
	}
	waitpid(pid, &status, 0);
	CHECK(WIFSIGNALED(status), "reserved, then killed");
	CHECK(read_overcommit() >= before + MANY, "still raised");
	/* The keeper is dying still. */
	for (deadline_ns = clock_ns() + DEADLINE_NS; clock_ns() < deadline_ns; poll(NULL, 0, 1)) {
		hugepages_recover();
		if (read_overcommit() < MANY)
			break;
	}
	CHECK(read_overcommit() <= before + MANY / 2, "lowered by the next");
}

/* The owner goes on: it hears nothing of its keeper's end, and lowers the limit itself. */
static void test_hugepages_keeper_killed(void)
{
	struct hugepages hp;
	struct errmsg e;

	CHECK(!hugepages_reserve(&hp, MANY, &e), "%s", e.text);
	kill(hp.keeper_pid, SIGKILL);
	hugepages_give_back(&hp);
	CHECK(await_few(), "given back by its owner");
}

/* More than the machine's memory is refused before a page of it is taken. */
static void test_hugepages_absurd(void)
{
	uint64_t page = hugepages_size(), start_ns;
	struct umem_plan plan = { .frame_size = 4096, .has_hugepages = true };
	struct hugepages hp = { 0 };
	struct umem umem;
	struct errmsg e;

	if (!page)
		SKIP("this kernel has no hugepages");
	plan.size = meminfo_bytes("MemTotal") / page * page + 64 * page;
	plan.n_frames = plan.size / plan.frame_size;
	CHECK(!hugepages_reserve(&hp, plan.size / page, &e), "%s", e.text);
	start_ns = clock_ns();
	CHECK(umem_create(&umem, &plan, &e) == -ENOMEM, "more than there is");
	CHECK(clock_ns() - start_ns < 300000000ull, "at once");
	CHECK(strstr(e.text, "MiB of memory are available"), "%s", e.text);
	umem_destroy(&umem);
	hugepages_give_back(&hp);
}

/* A child that still holds the descriptor does not keep the pages from being given back. */
static void test_hugepages_inherited(void)
{
	struct hugepages hp = { 0 };
	struct errmsg e;
	pid_t pid;

	CHECK(!hugepages_reserve(&hp, MANY, &e), "%s", e.text);
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	hugepages_give_back(&hp);
	CHECK(await_few(), "given back");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Effective capabilities of this process without CAP_SYS_RESOURCE. */
static void drop_sys_resource(void)
{
	struct __user_cap_header_struct hdr = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	syscall(SYS_capget, &hdr, data);
	data[0].effective &= ~(1u << CAP_SYS_RESOURCE);
	syscall(SYS_capset, &hdr, data);
}

static bool is_limit(uint64_t soft, uint64_t hard)
{
	struct rlimit now;

	return !getrlimit(RLIMIT_MEMLOCK, &now) && now.rlim_cur == soft && now.rlim_max == hard;
}

/* In a process of its own, as a hard limit may not be raised again; which step went wrong. */
static int try_memlock(void)
{
	struct rlimit limit = { 65536, 65536 }, more = { 65536, 1 << 20 };
	struct errmsg e = { "" };
	struct memlock m;

	if (setrlimit(RLIMIT_MEMLOCK, &limit))
		return 1;
	/* Root of a container may not have the right. */
	if (!setrlimit(RLIMIT_MEMLOCK, &more)) {
		setrlimit(RLIMIT_MEMLOCK, &limit);
		if (memlock_lower(&m, 1 << 20, &e) || !is_limit(1 << 20, 1 << 20))
			return 2;
		memlock_restore(&m);
		if (!is_limit(65536, 65536))
			return 3;
	}
	drop_sys_resource();
	if (memlock_lower(&m, 1 << 20, &e) != -EPERM)
		return 4;
	return strstr(e.text, "the hard limit is 65536") && is_limit(65536, 65536) ? 0 : 5;
}

/* The wish is met or refused, never cut to what the hard limit allows. */
static void test_memlock_hard_limit(void)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(try_memlock());
	waitpid(pid, &status, 0);
	CHECK(!status, "status %#x", status);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_no_memory);
	RUN(test_memlock_hard_limit);
	RUN(test_hugepages);
	RUN(test_hugepages_killed);
	RUN(test_hugepages_all_killed);
	RUN(test_hugepages_keeper_killed);
	RUN(test_hugepages_absurd);
	RUN(test_hugepages_inherited);
	return test_end();
}
