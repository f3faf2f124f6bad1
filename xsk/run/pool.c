// SPDX-License-Identifier: GPL-2.0-only
#include "run/pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "link/spares.h"
#include "run/case.h"
#include "run/kernel_log.h"
#include "run/signals.h"

/* A case ends by itself at its deadline; this long after it, something is stuck in the kernel or in us. */
#define GRACE_NS 5000000000ull
/* Cases that may be finished or running ahead of the first one that is not. */
#define MAX_AHEAD 256
/* Descriptors that are waited for beside those of processes. */
#define N_OWN 3
/* More of the kernel's log is not kept for a case. */
#define MAX_LOG 4096

/* One case on its way: not started, running (pid > 0), finished. */
struct slot {
	struct case_result *result; /* shared with the process */
	int pid, pid_fd, output_fd;
	uint64_t kill_at_ns;
	const struct prog *loaded[N_ENDS];
	struct strbuf log; /* what the kernel said of what ran at that time, one line each */
	uint32_t n_beside; /* cases that ran beside this one then */
	bool is_ending;	   /* judged, but still there */
	bool is_finished;
};

struct pool {
	const struct plan *plan;
	const struct pool_options *opts;
	const struct pool_listener *listener;
	struct slot *slots; /* of case k: slots[k % MAX_AHEAD] */
	size_t n_started, n_reported, n_finished;
	uint32_t n_running, n_ending;
	int signal_fd;
	int judged_fd; /* eventfd: some case was judged since it was read */
	sigset_t old_mask;
};

static struct slot *slot_of(struct pool *p, size_t k)
{
	return &p->slots[k % MAX_AHEAD];
}

struct child {
	const struct pool *pool;
	struct case_result *result;
};

static void tell_judged(void *ctx)
{
	const struct child *child = ctx;
	uint64_t one = 1;

	atomic_store(&child->result->is_judged, true);
	if (write(child->pool->judged_fd, &one, sizeof(one)) < 0)
		return; /* the end of the process tells it as well */
}

/* Everything that the case's process says by itself is caught: stdout carries TAP. */
static void run_child(const struct pool *p, const struct case_plan *c, const struct slot *s,
		      int parent)
{
	struct child me = { p, s->result };
	struct traffic_options opts = p->opts->traffic;

	for (enum end end = 0; end < N_ENDS; end++)
		opts.loaded[end] = s->loaded[end];
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	prctl(PR_SET_TIMERSLACK, 1000); /* naps of microseconds mean what they say */
	signals_forget();
	signal(SIGINT, SIG_IGN); /* ^C reaches the whole group: the parent decides */
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &p->old_mask, NULL);
	if (dup2(s->output_fd, STDOUT_FILENO) < 0 || dup2(s->output_fd, STDERR_FILENO) < 0)
		_exit(1);
	case_run(c, &opts, s->result, tell_judged, &me);
	exit(0); /* not _exit: sanitizers have their say at exit */
}

static int slot_open(struct slot *s, struct errmsg *e)
{
	s->output_fd = memfd_create("xskspec-output", MFD_CLOEXEC);
	if (s->output_fd < 0)
		return errmsg_set(e, errno, "run: a file for the output of a case");
	s->result = mmap(NULL, sizeof(*s->result), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->result != MAP_FAILED)
		return 0;
	s->result = NULL;
	close(s->output_fd);
	return errmsg_set(e, ENOMEM, "run: memory for the result of a case");
}

/* Where the program itself is the subject of the case, it has one of its own. */
static void borrow_programs(const struct pool *p, const struct case_plan *c, struct slot *s)
{
	if (!p->opts->spares || c->expect_error || c->n_occupies ||
	    is_sabotaged_by(c, SABOTEUR_XDP))
		return;
	for (enum end end = 0; end < N_ENDS; end++)
		if (c->ends[end].program == PROGRAM_REDIRECT)
			s->loaded[end] = spares_take(p->opts->spares, s);
}

/* ---- the kernel's log ---- */

/* All that ran when the kernel said it: which of them it was about nobody knows. */
static void blame(struct pool *p, const struct kernel_log_line *line)
{
	uint32_t n_there = p->n_running + p->n_ending;

	for (size_t k = p->n_reported; k < p->n_started; k++) {
		struct slot *s = slot_of(p, k);

		if (!s->pid || s->log.len > MAX_LOG)
			continue;
		if (!s->log.len)
			s->n_beside = n_there - 1;
		strbuf_add(&s->log, "%s\n", line->text);
		for (size_t i = p->n_reported; i < p->n_started && line->is_first; i++)
			if (i != k && slot_of(p, i)->pid)
				strbuf_add(&s->log, "  %s ran at that time too\n",
					   p->plan->cases[i].id);
	}
}

static void read_log(struct pool *p)
{
	struct kernel_log_line line;

	while (p->opts->log && kernel_log_next(p->opts->log, &line))
		if (line.is_late || !(p->n_running + p->n_ending))
			p->listener->stray_log(p->listener->ctx, line.text);
		else
			blame(p, &line);
}

static void add_evidence(struct case_result *r, const char *text)
{
	size_t len = strnlen(r->evidence, sizeof(r->evidence) - 1);

	while (*text) {
		size_t n = strcspn(text, "\n");

		len += (size_t)snprintf(r->evidence + len, sizeof(r->evidence) - len,
					"kernel log: %.*s\n", (int)n, text);
		if (len >= sizeof(r->evidence))
			return;
		text += n + (text[n] == '\n');
	}
}

static void judge_log(const struct case_plan *c, struct slot *s)
{
	struct verdict v = { .kind = VERDICT_KERNEL_LOG, .pos = c->test->pos, .socket = -1 };
	const char *text = strbuf_text(&s->log);
	int len;

	if (!*text)
		return;
	len = snprintf(v.text, sizeof(v.text), "%.*s", (int)strcspn(text, "\n"), text);
	if (s->n_beside)
		snprintf(v.text + len, sizeof(v.text) - (size_t)len,
			 " (%u other case%s ran at that time)", s->n_beside,
			 s->n_beside > 1 ? "s" : "");
	verdict_add(&s->result->verdicts, &v);
	if (s->result->outcome == OUTCOME_PASS)
		s->result->outcome = OUTCOME_FAIL;
	add_evidence(s->result, text);
}

/* ---- processes ---- */

static void slot_close(const struct pool *p, struct slot *s)
{
	if (p->opts->spares)
		spares_give_back(p->opts->spares, s);
	strbuf_release(&s->log);
	munmap(s->result, sizeof(*s->result));
	close(s->output_fd);
	if (s->pid_fd > 0)
		close(s->pid_fd);
	*s = (struct slot){};
}

static int start_process(struct pool *p, const struct case_plan *c, struct slot *s,
			 struct errmsg *e)
{
	int parent = getpid();

	read_log(p); /* it is not to blame for what was there before */
	borrow_programs(p, c, s);
	fflush(NULL); /* or the child would write it again */
	s->pid = fork();
	if (s->pid < 0)
		return errmsg_set(e, errno, "run: process for case '%s'", c->id);
	if (!s->pid)
		run_child(p, c, s, parent);
	s->pid_fd = (int)syscall(SYS_pidfd_open, s->pid, 0);
	if (s->pid_fd < 0) {
		int err = errno;

		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
		return errmsg_set(e, err, "run: pidfd of case '%s'", c->id);
	}
	s->kill_at_ns = clock_ns() + c->deadline_ns + GRACE_NS;
	p->n_running++;
	return 0;
}

static int start_next(struct pool *p, struct errmsg *e)
{
	const struct case_plan *c = &p->plan->cases[p->n_started];
	struct slot *s = slot_of(p, p->n_started);
	int err = slot_open(s, e);

	if (err)
		return err;
	if (c->skip) {
		s->result->outcome = OUTCOME_SKIP;
		s->is_finished = true;
		p->n_finished++;
	} else {
		err = start_process(p, c, s, e);
	}
	if (err)
		slot_close(p, s);
	else
		p->n_started++;
	return err;
}

static bool can_start(const struct pool *p)
{
	return p->n_started < p->plan->n_cases && p->n_running < p->opts->n_jobs &&
	       p->n_ending <= p->opts->n_ending && p->n_started - p->n_reported < MAX_AHEAD;
}

/* How the process ended is part of the verdict: a crash is our bug, whatever it had said before. */
static void conclude(struct slot *s, int status)
{
	struct case_result *r = s->result;

	if (WIFEXITED(status) && !WEXITSTATUS(status) && r->outcome != OUTCOME_UNKNOWN)
		return;
	r->outcome = OUTCOME_BUG;
	if (WIFSIGNALED(status))
		errmsg_set(&r->err, 0, "the process of the case was ended by SIG%s",
			   sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status)) : "?");
	else
		errmsg_set(&r->err, 0, "the process of the case ended with status %d",
			   WEXITSTATUS(status));
}

static void reap(struct pool *p, size_t k)
{
	struct slot *s = slot_of(p, k);
	int status = 0;

	if (waitpid(s->pid, &status, 0) != s->pid)
		return;
	read_log(p);
	conclude(s, status);
	s->pid = 0;
	if (p->opts->spares)
		spares_give_back(p->opts->spares, s);
	s->is_finished = true;
	if (s->is_ending)
		p->n_ending--;
	else
		p->n_running--;
	judge_log(&p->plan->cases[k], s);
	p->n_finished++;
	if (p->listener->progress)
		p->listener->progress(p->listener->ctx, p->n_finished, p->plan->n_cases,
				      p->plan->cases[k].id);
}

/* Stuck beyond its own deadline: what it knows so far stays in the result. */
static void overrun(struct pool *p, size_t k)
{
	struct slot *s = slot_of(p, k);
	const struct case_plan *c = &p->plan->cases[k];

	kill(s->pid, SIGKILL);
	reap(p, k);
	s->result->outcome = OUTCOME_FAIL;
	verdict_add(&s->result->verdicts, &(struct verdict){
						  .kind = VERDICT_DEADLINE,
						  .expect = (int64_t)c->deadline_ns,
						  .pos = c->test->pos,
						  .text = ", and its process did not end by itself",
					  });
}

static int read_signal(const struct pool *p)
{
	struct signalfd_siginfo info;

	return read(p->signal_fd, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}

/* Cases that were judged make room for others, unless too many of them linger. */
static void note_judged(struct pool *p)
{
	uint64_t n;

	if (read(p->judged_fd, &n, sizeof(n)) < 0)
		return;
	for (size_t k = p->n_reported; k < p->n_started && p->opts->n_ending; k++) {
		struct slot *s = slot_of(p, k);

		if (!s->pid || s->is_ending || !atomic_load(&s->result->is_judged))
			continue;
		s->is_ending = true;
		p->n_running--;
		p->n_ending++;
	}
}

/* Sleeps until a case ends, a deadline passes or a signal comes: its number for the last. */
static int wait_for_some(struct pool *p)
{
	struct pollfd fds[MAX_AHEAD + N_OWN];
	size_t cases[MAX_AHEAD + N_OWN], n = N_OWN;

	fds[0] = (struct pollfd){ .fd = p->signal_fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = p->judged_fd, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = p->opts->log ? p->opts->log->fd : -1, .events = POLLIN };
	for (size_t k = p->n_reported; k < p->n_started; k++) {
		if (!slot_of(p, k)->pid)
			continue;
		fds[n] = (struct pollfd){ .fd = slot_of(p, k)->pid_fd, .events = POLLIN };
		cases[n++] = k;
	}
	if (n == N_OWN)
		return 0;
	if (poll(fds, n, 500) < 0 && errno != EINTR)
		return -errno;
	if (fds[0].revents)
		return read_signal(p);
	if (fds[1].revents)
		note_judged(p);
	if (fds[2].revents)
		read_log(p);
	for (size_t k = N_OWN; k < n; k++)
		if (fds[k].revents)
			reap(p, cases[k]);
		else if (clock_ns() > slot_of(p, cases[k])->kill_at_ns)
			overrun(p, cases[k]);
	return 0;
}

static void report(struct pool *p, size_t k)
{
	struct slot *s = slot_of(p, k);
	char output[8192];
	ssize_t len = pread(s->output_fd, output, sizeof(output) - 1, 0);

	output[len > 0 ? len : 0] = '\0';
	p->listener->finished(p->listener->ctx, &p->plan->cases[k], s->result, output);
	slot_close(p, s);
	p->n_reported++;
}

static int run_loop(struct pool *p, struct errmsg *e)
{
	int err = 0;

	while (p->n_reported < p->plan->n_cases && !err) {
		while (can_start(p) && !err)
			err = start_next(p, e);
		if (!err)
			err = wait_for_some(p);
		while (p->n_reported < p->n_started && slot_of(p, p->n_reported)->is_finished)
			report(p, p->n_reported);
	}
	return err;
}

static void end_all(struct pool *p)
{
	for (size_t k = p->n_reported; k < p->n_started; k++) {
		struct slot *s = slot_of(p, k);

		if (s->pid) {
			kill(s->pid, SIGKILL);
			waitpid(s->pid, NULL, 0);
		}
		slot_close(p, s);
	}
}

int pool_run(const struct plan *plan, const struct pool_options *opts,
	     const struct pool_listener *listener, struct errmsg *e)
{
	struct pool p = { .plan = plan, .opts = opts, .listener = listener };
	sigset_t mask;
	int err;

	signals_of_run(&mask);
	sigprocmask(SIG_BLOCK, &mask, &p.old_mask);
	p.signal_fd = signalfd(-1, &mask, SFD_CLOEXEC);
	if (p.signal_fd < 0) {
		err = errmsg_set(e, errno, "run: signalfd");
		goto out_mask;
	}
	p.judged_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p.judged_fd < 0) {
		err = errmsg_set(e, errno, "run: eventfd");
		goto out_signals;
	}
	p.slots = mem_zalloc(MAX_AHEAD * sizeof(*p.slots));
	err = run_loop(&p, e);
	end_all(&p);
	free(p.slots);
	close(p.judged_fd);
out_signals:
	close(p.signal_fd);
out_mask:
	sigprocmask(SIG_SETMASK, &p.old_mask, NULL);
	return err;
}
