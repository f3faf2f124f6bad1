// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machines that lack something, made out of this one: a seccomp filter gives the
 * answer of a kernel without AF_XDP, a smaller bounding set that of a container.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

static const char spec_text[] = "test t { send stream { packets 1 } }\n";

/* socket(AF_XDP, ...) fails with EAFNOSUPPORT, everything else works. */
static int forbid_af_xdp(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_XDP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

#define CAP_NET_ADMIN 12

/* exec drops what is not in the bounding set, also for root. */
static int drop_net_admin(void)
{
	return prctl(PR_CAPBSET_DROP, CAP_NET_ADMIN);
}

static char *write_spec(void)
{
	const char *scratch = getenv("SCRATCH");
	char *path = NULL;
	FILE *f;

	if (asprintf(&path, "%s/t.spec", scratch ? scratch : "/tmp") < 0)
		abort();
	f = fopen(path, "w");
	if (!f || fputs(spec_text, f) < 0 || fclose(f))
		abort();
	return path;
}

/* Runs the specification after prepare() and reads what it prints; its exit status, -1: none. */
static int run_prepared(int (*prepare)(void), char *out, size_t size)
{
	char *path = write_spec();
	int fds[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	if (pipe(fds))
		abort();
	pid = fork();
	if (!pid) {
		dup2(fds[1], STDOUT_FILENO);
		if (prepare())
			_exit(99);
		execl(getenv("XSKSPEC"), "xskspec", "run", path, NULL);
		_exit(98);
	}
	close(fds[1]);
	while (len + 1 < size && (n = read(fds[0], out + len, size - 1 - len)) > 0)
		len += (size_t)n;
	out[len] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	unlink(path);
	free(path);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void check_bails_out(int (*prepare)(void), const char *expect)
{
	char out[4096];

	if (geteuid() || !getenv("XSKSPEC"))
		SKIP("needs root, and XSKSPEC in the environment");
	CHECK_EQ(3, run_prepared(prepare, out, sizeof(out)));
	CHECK(strstr(out, "Bail out! ") && strstr(out, expect), "actual: %s", out);
}

static void test_no_af_xdp(void)
{
	check_bails_out(forbid_af_xdp, "this kernel has no AF_XDP (CONFIG_XDP_SOCKETS)");
}

static void test_no_net_admin(void)
{
	check_bails_out(drop_net_admin, "CAP_NET_ADMIN");
}

int main(void)
{
	RUN(test_no_af_xdp);
	RUN(test_no_net_admin);
	return test_end();
}
