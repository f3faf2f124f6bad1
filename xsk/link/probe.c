// SPDX-License-Identifier: GPL-2.0-only
#include "link/probe.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "link/link.h"
#include "link/probe_lab.h"
#include "ring/hugepages.h"

#define PROBE_DEADLINE_MS 5000

/* ---- in the child ---- */

/* net.core.max_skb_frags belongs to the first namespace: elsewhere it is not seen, nor changed. */
static uint32_t believe_max_frags(void)
{
	FILE *f = fopen("/proc/sys/net/core/max_skb_frags", "re");
	uint32_t n = 17;

	if (f) {
		if (fscanf(f, "%u", &n) != 1)
			n = 17;
		fclose(f);
	}
	return n + 1;
}

static int try_packets(struct probe_lab *lab, struct caps *caps, struct errmsg *e)
{
	int err = probe_lab_open(lab, e);

	if (!err)
		err = probe_invalid_descs(lab, caps, e);
	if (!err)
		err = probe_tx_budget(lab, caps, e);
	if (!err)
		err = probe_max_frags(lab, caps, e);
	if (!err)
		err = probe_growth(lab, caps, e);
	if (!err)
		err = probe_metadata(lab, caps, e);
	if (!err)
		err = probe_rx_metadata(lab, caps, e);
	if (!err)
		err = probe_qdiscs(lab, caps, e);
	return err;
}

/* veth NULL: only what plans need */
static int probe(struct caps *caps, struct probe_veth *veth, struct errmsg *e)
{
	struct probe_lab lab;
	char missing[128];
	int err;

	*caps = (struct caps){ .max_frags = believe_max_frags() };
	link_missing_rights(missing, sizeof(missing));
	if (missing[0])
		return errmsg_set(e, EPERM, "probe: missing rights: %s", missing);
	err = hugepages_probe(&caps->has_hugepages, e);
	if (err)
		return err;
	probe_clocks(caps);
	err = probe_registrations(caps, e);
	if (!err)
		err = try_packets(&lab, caps, e);
	if (!err && veth)
		err = probe_try_veth(&lab, caps, veth, e);
	return err;
}

/*
 * Closing a bound socket waits for RCU, ten milliseconds or more each, and so does the end of a
 * process that has some. A copy of the child inherits them all and ends when it is done with that,
 * while the caller goes on. It lets go at once of what somebody might wait for the end of.
 */
static void leave_sweeping_to_another(void)
{
	if (!fork()) {
		close_range(0, 2, 0);
		_exit(0);
	}
}

struct answer {
	struct caps caps;
	struct probe_veth veth;
	bool wants_veth;
	struct errmsg e;
	int err;
};

static void run_child(struct answer *answer, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_range(3, ~0u, 0);
	if (getppid() == parent) /* else it died before prctl() */
		answer->err =
			probe(&answer->caps, answer->wants_veth ? &answer->veth : NULL, &answer->e);
	leave_sweeping_to_another();
	_exit(0);
}

/* ---- in the caller ---- */

static int await_child(pid_t pid, struct errmsg *e)
{
	struct pollfd p = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	int status, n = 0;

	if (p.fd >= 0)
		do
			n = poll(&p, 1, PROBE_DEADLINE_MS);
		while (n < 0 && errno == EINTR);
	if (n <= 0)
		kill(pid, SIGKILL);
	if (p.fd >= 0)
		close(p.fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n <= 0)
		return errmsg_set(e, ETIMEDOUT, "probe: no answer within %d ms", PROBE_DEADLINE_MS);
	if (!WIFEXITED(status))
		return errmsg_set(e, EIO, "probe: died of signal %d", WTERMSIG(status));
	return 0;
}

static int ask_child(struct answer *answer, struct errmsg *e)
{
	pid_t self = getpid(), pid;
	int err;

	answer->err = -EIO;
	pid = fork();
	if (!pid)
		run_child(answer, self);
	err = pid < 0 ? errmsg_set(e, errno, "probe: fork") : await_child(pid, e);
	if (!err && answer->err) {
		err = answer->err;
		if (e)
			*e = answer->e;
	}
	return err;
}

static int probe_in_child(struct caps *caps, struct probe_veth *veth, struct errmsg *e)
{
	struct answer *answer = mmap(NULL, sizeof(*answer), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int err;

	if (answer == MAP_FAILED)
		return errmsg_set(e, errno, "probe: map a shared page");
	answer->wants_veth = veth;
	err = ask_child(answer, e);
	if (!err)
		*caps = answer->caps;
	if (!err && veth)
		*veth = answer->veth;
	munmap(answer, sizeof(*answer));
	return err;
}

int probe_caps(struct caps *caps, struct errmsg *e)
{
	return probe_in_child(caps, NULL, e);
}

void probe_all(struct probe_report *report)
{
	*report = (struct probe_report){ 0 };
	probe_read_kernel(&report->kernel);
	rights_read(&report->rights);
	probe_system(&report->system);
	report->err = probe_in_child(&report->caps, &report->veth, &report->why);
}
