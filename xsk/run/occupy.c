// SPDX-License-Identifier: GPL-2.0-only
#include "run/occupy.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "link/prog.h"
#include "ring/sock.h"
#include "ring/umem.h"

#define OCCUPY_DEADLINE_MS 5000
#define OCCUPY_NAME "xskspec-occupy" /* 15 characters at most */

#define FRAME_SIZE 4096u
#define RING 8u

/* What the child has to say when it is there. */
struct answer {
	int err;
	struct errmsg e;
};

/* ---- in the child; all it makes goes with it ---- */

static int take_queue(uint32_t queue, const struct link_end *end, struct errmsg *e)
{
	static struct umem_plan umem_plan = { .frame_size = FRAME_SIZE,
					      .n_frames = RING,
					      .size = (uint64_t)RING * FRAME_SIZE };
	static struct port_plan port_plan = { .fill_ring = RING, .completion_ring = RING };
	static struct socket_plan sock_plan = { .rx_ring = RING, .does_rx = true };
	static struct umem umem;
	static struct port port = { .plan = &port_plan, .umem = &umem };
	static struct sock sock;
	enum sock_step step;
	int err = umem_create(&umem, &umem_plan, e);

	sock_plan.queue = port_plan.queue = queue;
	return err ? err :
		     sock_create(&sock, &sock_plan, &port, end, MODE_SKB, WAKEUP_SOFTIRQ, &step, e);
}

static int take_device(enum mode mode, const struct link_end *end, struct errmsg *e)
{
	static const struct end_plan pass = { .program = PROGRAM_PASS };
	static struct prog prog;

	return prog_attach(&prog, end, &pass, mode, e);
}

static void run_child(int fd, const struct occupy_plan *plan, const struct link *link, int parent)
{
	const struct link_end *end = &link->ends[plan->end];
	struct answer answer = { 0 };
	char byte;

	prctl(PR_SET_NAME, OCCUPY_NAME);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	answer.err = link_enter(link, plan->end, &answer.e);
	if (!answer.err)
		answer.err = plan->is_program ? take_device(plan->mode, end, &answer.e) :
						take_queue(plan->queue, end, &answer.e);
	if (write(fd, &answer, sizeof(answer)) == sizeof(answer))
		while (read(fd, &byte, 1) < 0 && errno == EINTR)
			;
	_exit(0);
}

/* ---- in the case ---- */

static int await_answer(const struct occupant *o, struct errmsg *e)
{
	struct pollfd p = { .fd = o->fd, .events = POLLIN };
	struct answer answer;
	int n;

	do
		n = poll(&p, 1, OCCUPY_DEADLINE_MS);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return errmsg_set(e, ETIMEDOUT, "run: occupy: no answer within %d ms",
				  OCCUPY_DEADLINE_MS);
	if (read(o->fd, &answer, sizeof(answer)) != sizeof(answer))
		return errmsg_set(e, EIO, "run: occupy: the process died");
	if (answer.err && e)
		*e = answer.e;
	return answer.err;
}

int occupy_start(struct occupant *o, const struct occupy_plan *plan, const struct link *link,
		 struct errmsg *e)
{
	int fds[2], self = getpid(), err;

	*o = (struct occupant){ 0 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return errmsg_set(e, errno, "run: occupy: make a socket pair");
	o->pid = fork();
	if (!o->pid) {
		close(fds[0]);
		run_child(fds[1], plan, link, self);
	}
	err = errno;
	close(fds[1]);
	o->fd = fds[0];
	if (o->pid < 0) {
		close(o->fd);
		*o = (struct occupant){ 0 };
		return errmsg_set(e, err, "run: occupy: fork");
	}
	err = await_answer(o, e);
	if (err)
		occupy_end(o);
	return err;
}

void occupy_end(struct occupant *o)
{
	if (o->pid > 0) {
		close(o->fd);
		kill(o->pid, SIGKILL);
		while (waitpid(o->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	*o = (struct occupant){ 0 };
}
