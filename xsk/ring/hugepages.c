// SPDX-License-Identifier: GPL-2.0-only
#include "ring/hugepages.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "ring/meminfo.h"
#include "ring/overcommit.h"

uint64_t hugepages_size(void)
{
	return meminfo_bytes("Hugepagesize");
}

int hugepages_probe(bool *can_reserve, struct errmsg *e)
{
	uint64_t size;
	int err = meminfo_read("Hugepagesize", &size, e);

	*can_reserve = size && overcommit_can_change();
	return err;
}

/* HugePages_Total counts those that were made on demand (Surp) too. */
uint64_t hugepages_limit(void)
{
	return meminfo_number("HugePages_Total") - meminfo_number("HugePages_Surp") +
	       overcommit_read();
}

uint64_t hugepages_in_pool(void)
{
	return meminfo_number("HugePages_Free") - meminfo_number("HugePages_Rsvd");
}

uint64_t hugepages_left(void)
{
	uint64_t surplus = meminfo_number("HugePages_Surp"), more = overcommit_read();

	return hugepages_in_pool() + (more > surplus ? more - surplus : 0);
}

/* ---- the keeper: forked from a process that may have threads, so nothing here takes a lock ---- */

/*
 * A session of its own keeps ^C and a closing terminal away from the keeper,
 * and the signals that a whole group is killed with are ignored. Without any
 * other descriptor it cannot keep a pipe, a lock or a namespace open.
 */
static void hide(int fd)
{
	setsid();
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (fd > 0)
		close_range(0, (unsigned int)fd - 1, 0);
	close_range((unsigned int)fd + 1, ~0u, 0);
	if (chdir("/"))
		return; /* then it stays where it is: no harm but a busy mount */
}

static void keep(int fd, int64_t n_pages)
{
	struct overcommit oc;
	int err;
	char byte;

	hide(fd);
	err = overcommit_raise(&oc, n_pages);
	/* The caller may be gone already: then there is nobody to tell, and the read ends at once. */
	if (write(fd, &err, sizeof(err)) == sizeof(err))
		while (read(fd, &byte, 1) < 0 && errno == EINTR)
			;
	if (!err)
		overcommit_lower(&oc);
	_exit(0);
}

/* ---- its owner ---- */

static int await_keeper(struct hugepages *hp, uint64_t n_pages, struct errmsg *e)
{
	int err = 0;
	ssize_t len;

	do
		len = read(hp->keeper_fd, &err, sizeof(err));
	while (len < 0 && errno == EINTR);
	if (len != sizeof(err))
		return errmsg_set(e, EIO, "hugepages: the keeper process died");
	if (err)
		return errmsg_set(e, -err, "hugepages: raise %s by %" PRIu64, OVERCOMMIT, n_pages);
	return 0;
}

int hugepages_reserve(struct hugepages *hp, uint64_t n_pages, struct errmsg *e)
{
	int fds[2], err;

	*hp = (struct hugepages){ 0 };
	overcommit_recover();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return errmsg_set(e, errno, "hugepages: make a socket pair");
	hp->keeper_pid = fork();
	if (hp->keeper_pid < 0) {
		err = errmsg_set(e, errno, "hugepages: fork the keeper process");
		close(fds[0]);
		close(fds[1]);
		*hp = (struct hugepages){ 0 };
		return err;
	}
	if (!hp->keeper_pid)
		keep(fds[1], (int64_t)n_pages);
	close(fds[1]);
	hp->keeper_fd = fds[0];
	err = await_keeper(hp, n_pages, e);
	if (err)
		hugepages_give_back(hp);
	return err;
}

/* shutdown() reaches the keeper even while a forked child still holds the descriptor. */
void hugepages_give_back(struct hugepages *hp)
{
	if (hp->keeper_pid > 0) {
		shutdown(hp->keeper_fd, SHUT_RDWR);
		close(hp->keeper_fd);
		while (waitpid(hp->keeper_pid, NULL, 0) < 0 && errno == EINTR)
			;
		overcommit_recover(); /* it may have been killed */
	}
	*hp = (struct hugepages){ 0 };
}

void hugepages_recover(void)
{
	overcommit_recover();
}
