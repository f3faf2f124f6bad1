// SPDX-License-Identifier: GPL-2.0-only
/* What the probe finds, held against what can be found out another way. Needs root. */
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "base/errmsg.h"
#include "link/probe.h"
#include "ring/sock.h"
#include "tests/test.h"

static unsigned long read_ulong(const char *path, unsigned long otherwise)
{
	FILE *f = fopen(path, "re");
	unsigned long n = otherwise;

	if (f) {
		if (fscanf(f, "%lu", &n) != 1)
			n = otherwise;
		fclose(f);
	}
	return n;
}

static size_t count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* With the header's own struct: what the kernel says to one registration. */
static int register_umem(uint32_t chunk_size, uint32_t headroom)
{
	void *mem = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct xdp_umem_reg reg;
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), err;

	memset(&reg, 0, sizeof(reg));
	reg.addr = (uintptr_t)mem;
	reg.len = 4096;
	reg.chunk_size = chunk_size;
	reg.headroom = headroom;
	err = setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)) ? errno : 0;
	close(fd);
	munmap(mem, 4096);
	return err;
}

static void test_report(void)
{
	static struct probe_report r;
	struct utsname u;

	probe_all(&r);
	CHECK(!r.err, "%s", r.why.text);
	uname(&u);
	CHECK(!strcmp(r.kernel.release, u.release) && strlen(r.kernel.boot_id) == 36, "%s %s",
	      r.kernel.release, r.kernel.boot_id);
	CHECK(r.system.has_af_xdp && !r.rights.missing[0], "%s", r.rights.missing);
	CHECK(r.system.has_btf == !access("/sys/kernel/btf/vmlinux", R_OK), "%d", r.system.has_btf);
	CHECK(!strcmp(r.veth.bind_no_queue, "EINVAL"), "%s", r.veth.bind_no_queue);
	CHECK(!strcmp(r.veth.bind_zerocopy, "EOPNOTSUPP"), "%s", r.veth.bind_zerocopy);
	CHECK(r.veth.headroom_4096 + r.caps.headroom_reserve == 4096, "%u", r.veth.headroom_4096);
	if (r.caps.has_tx_budget)
		CHECK(r.veth.tx_budget_min <= r.caps.tx_budget &&
			      r.veth.tx_budget_max >= r.caps.tx_budget,
		      "%u..%u", r.veth.tx_budget_min, r.veth.tx_budget_max);
	else
		CHECK(!r.veth.tx_budget_max, "%u", r.veth.tx_budget_max);
	CHECK(!register_umem(4096, r.veth.headroom_4096), "the largest is taken");
	CHECK(register_umem(4096, r.veth.headroom_4096 + 1) == EINVAL, "one more is not");
	CHECK(!register_umem(2048, r.veth.headroom_2048), "the largest is taken");
	CHECK(register_umem(2048, r.veth.headroom_2048 + 1) == EINVAL, "one more is not");
}

static void test_caps(void)
{
	unsigned long max = read_ulong("/proc/sys/net/core/max_skb_frags", 0);
	struct caps caps;
	struct errmsg e = { "" };
	int err = probe_caps(&caps, &e);

	CHECK(!err, "%s", e.text);
	if (max && caps.has_multi_buffer)
		CHECK(caps.max_frags == max + 1, "%u, sysctl %lu", caps.max_frags, max);
	CHECK(caps.has_multi_buffer || caps.max_frags == 1, "%u", caps.max_frags);
	CHECK(caps.rx_overhead >= 256 && caps.rx_overhead < 2048, "%u", caps.rx_overhead);
	CHECK(caps.tx_budget >= 16 && caps.tx_budget <= 200, "%u", caps.tx_budget);
	CHECK(!caps.has_sw_csum || caps.has_tx_metadata, "the one needs the other");
	CHECK(!caps.has_launch_time || caps.has_tx_metadata, "and so does this");
	CHECK(!caps.grows_frags[MODE_ZC], "veth has no zero-copy");
}

static void test_twice_the_same(void)
{
	struct caps first, second;
	struct errmsg e = { "" };

	CHECK(!probe_caps(&first, &e) && !probe_caps(&second, &e), "%s", e.text);
	for (const struct fact *f = caps_facts; f->name; f++)
		CHECK(fact_number(f, &first) == fact_number(f, &second), "%s", f->name);
}

static void test_leaves_nothing(void)
{
	size_t n_fds = count_fds();
	struct caps caps;
	struct errmsg e = { "" };

	CHECK(!probe_caps(&caps, &e), "%s", e.text);
	CHECK(count_fds() == n_fds, "%zu descriptors, %zu before", count_fds(), n_fds);
	CHECK(waitpid(-1, NULL, 0) < 0 && errno == ECHILD, "a child is left");
	CHECK(!if_nametoindex("a0"), "the caller stays where it was");
}

/* Its own process: what it gives up does not come back. */
static void ask_as_nobody(int fd)
{
	static struct probe_report r;

	if (!setresuid(65534, 65534, 65534))
		probe_all(&r);
	if (write(fd, &r, sizeof(r)) != sizeof(r))
		_exit(1);
	_exit(0);
}

static void test_without_rights(void)
{
	static struct probe_report r;
	int fds[2];
	pid_t pid;

	CHECK(!pipe(fds), "%s", strerror(errno));
	pid = fork();
	if (!pid)
		ask_as_nobody(fds[1]);
	CHECK(read(fds[0], &r, sizeof(r)) == sizeof(r), "an answer in one piece");
	waitpid(pid, NULL, 0);
	close(fds[0]);
	close(fds[1]);
	CHECK(r.err == -EPERM && strstr(r.why.text, "CAP_NET_ADMIN"), "%d %s", r.err, r.why.text);
	CHECK(strstr(r.rights.missing, "CAP_SYS_ADMIN"), "%s", r.rights.missing);
	CHECK(r.system.has_af_xdp && r.kernel.release[0], "what needs no rights is there");
}

static void test_nic(void)
{
	struct probe_nic nic;
	struct errmsg e = { "" };

	CHECK(!probe_read_nic("lo", &nic, &e), "%s", e.text);
	CHECK(nic.mtu == read_ulong("/sys/class/net/lo/mtu", 0), "%u", nic.mtu);
	CHECK(!strcmp(nic.programs, "none") && nic.rx_queues == 1, "%s, %u queues", nic.programs,
	      nic.rx_queues);
	CHECK(probe_read_nic("none0", &nic, &e) == -ENODEV && strstr(e.text, "'none0'"), "%s",
	      e.text);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_report);
	RUN(test_caps);
	RUN(test_twice_the_same);
	RUN(test_leaves_nothing);
	RUN(test_without_rights);
	RUN(test_nic);
	return test_end();
}
