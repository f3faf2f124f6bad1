// SPDX-License-Identifier: GPL-2.0-only
/* What a machine tells without rights and without a link. */
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/userfaultfd.h>
#include <linux/xdp_diag.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "link/dev.h"
#include "link/probe.h"
#include "link/probe_lab.h"
#include "ring/hugepages.h"
#include "ring/meminfo.h"

#define DIAG_DEADLINE_MS 1000

/* ---- which kernel ---- */

static void read_line(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "re");

	out[0] = '\0';
	if (!f)
		return;
	if (fgets(out, (int)size, f))
		out[strcspn(out, "\n")] = '\0';
	fclose(f);
}

void probe_read_kernel(struct probe_kernel *kernel)
{
	long n_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct utsname u;

	*kernel = (struct probe_kernel){ .n_cpus = n_cpus > 0 ? (uint32_t)n_cpus : 0 };
	if (!uname(&u)) {
		snprintf(kernel->release, sizeof(kernel->release), "%s", u.release);
		snprintf(kernel->version, sizeof(kernel->version), "%s", u.version);
		snprintf(kernel->machine, sizeof(kernel->machine), "%s", u.machine);
	}
	read_line("/proc/sys/kernel/random/boot_id", kernel->boot_id, sizeof(kernel->boot_id));
}

/* ---- AF_XDP ---- */

/* Without rights the kernel says EPERM, if it has them. */
static bool has_af_xdp(void)
{
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno != EAFNOSUPPORT;
	close(fd);
	return true;
}

static bool ask_diag(int fd)
{
	struct {
		struct nlmsghdr hdr;
		struct xdp_diag_req req;
	} ask = { .hdr = { .nlmsg_len = sizeof(ask),
			   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		  .req = { .sdiag_family = AF_XDP } };
	union {
		struct nlmsghdr hdr;
		char bytes[8192];
	} answer;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (send(fd, &ask, sizeof(ask), 0) != sizeof(ask) || poll(&p, 1, DIAG_DEADLINE_MS) != 1)
		return false;
	if (recv(fd, &answer, sizeof(answer), 0) < (ssize_t)sizeof(answer.hdr))
		return false;
	return answer.hdr.nlmsg_type != NLMSG_ERROR;
}

static bool has_sock_diag(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	bool is_there = fd >= 0 && ask_diag(fd);

	if (fd >= 0)
		close(fd);
	return is_there;
}

/* ---- types ---- */

/* The wrapper is made for types that are registered, the types themselves are everywhere. */
static void look_for_ops(struct probe_system *s)
{
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return;
	s->has_btf = true;
	s->has_dummy_ops =
		btf__find_by_name_kind(btf, "bpf_struct_ops_bpf_dummy_ops", BTF_KIND_STRUCT) > 0;
	s->has_tcp_ops = btf__find_by_name_kind(btf, "bpf_struct_ops_tcp_congestion_ops",
						BTF_KIND_STRUCT) > 0;
	btf__free(btf);
}

/* ---- userfaultfd ---- */

/* UFFD_FEATURE_... by bit (include/uapi/linux/userfaultfd.h): Debian 12 knows the first 13. */
static const char *const uffd_feature_names[] = {
	"wp",
	"fork",
	"remap",
	"remove",
	"missing-hugetlbfs",
	"missing-shmem",
	"unmap",
	"sigbus",
	"thread-id",
	"minor-hugetlbfs",
	"minor-shmem",
	"exact-address",
	"wp-hugetlbfs-shmem",
	"wp-unpopulated",
	"poison",
	"wp-async",
	"move",
};
#define N_UFFD_FEATURES (sizeof(uffd_feature_names) / sizeof(uffd_feature_names[0]))

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1 /* 5.11 */
#endif

/* Faults of the kernel itself, in a system call, are only for the privileged. */
static int open_userfaultfd(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 && errno == EPERM)
		fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	return fd;
}

static void read_userfaultfd(char *out, size_t size)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = open_userfaultfd();

	if (fd >= 0 && !ioctl(fd, UFFDIO_API, &api))
		dev_format_features(api.features, uffd_feature_names, N_UFFD_FEATURES, out, size);
	else
		snprintf(out, size, "%s", errno_name(errno));
	if (fd >= 0)
		close(fd);
}

/* ---- all of it ---- */

static uint64_t count_free_hugepages(void)
{
	/* Lines without a unit are counts, which meminfo_bytes() does not read. */
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long long n = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "HugePages_Free: %llu", &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

void probe_system(struct probe_system *s)
{
	*s = (struct probe_system){
		.has_af_xdp = has_af_xdp(),
		.has_sock_diag = has_sock_diag(),
		.hugepage_bytes = hugepages_size(),
		.hugepages_free = count_free_hugepages(),
	};
	look_for_ops(s);
	read_userfaultfd(s->userfaultfd, sizeof(s->userfaultfd));
}
