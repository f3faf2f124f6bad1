// SPDX-License-Identifier: GPL-2.0-only
#include "ring/overcommit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define LOCK_DEADLINE_NS 2000000000ull
#define ENTRY_PREFIX "hugepages."
#define MAX_TRIES 64

/*
 * What an entry says: it is written before the limit is changed, with the limit as it was, so that
 * whoever finds the entry of a dead process knows whether the change was still made.
 */
enum state { STATE_RAISING = 'r', STATE_HELD = 'h', STATE_LOWERING = 'l' };

struct entry {
	enum state state;
	int64_t n_pages, before;
};

#define ENTRY_FORMAT "%c %20" PRId64 " %20" PRId64 "\n"
#define ENTRY_LEN 44

/* ---- the limit ---- */

uint64_t overcommit_read(void)
{
	FILE *f = fopen(OVERCOMMIT, "re");
	uint64_t n = 0;

	if (f) {
		if (fscanf(f, "%" SCNu64, &n) != 1)
			n = 0;
		fclose(f);
	}
	return n;
}

bool overcommit_can_change(void)
{
	return !access(OVERCOMMIT, W_OK);
}

/* A lock is held for microseconds; who holds it for seconds is not one of us. */
static int lock(int fd)
{
	uint64_t deadline_ns = clock_ns() + LOCK_DEADLINE_NS;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK || clock_ns() > deadline_ns)
			return -errno;
		poll(NULL, 0, 1);
	}
	return 0;
}

/* A descriptor of the limit's file, locked until it is closed, or a negative errno. */
static int open_locked(void)
{
	int fd = open(OVERCOMMIT, O_RDWR | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = lock(fd);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int read_limit(int fd, int64_t *n)
{
	char text[32];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);

	if (len < 0)
		return -errno;
	text[len] = '\0';
	*n = strtoll(text, NULL, 10);
	return 0;
}

static int write_limit(int fd, int64_t n)
{
	char text[32];
	ssize_t len = snprintf(text, sizeof(text), "%" PRId64, n < 0 ? 0 : n);

	return pwrite(fd, text, (size_t)len, 0) == len ? 0 : -errno;
}

/* ---- entries of the journal; the limit's file is locked all the while ---- */

/* A journal is not worth failing for: without one the limit is still lowered at the end. */
static void entry_create(struct overcommit *oc)
{
	oc->fd = -1;
	if (mkdir(OVERCOMMIT_JOURNAL, 0755) && errno != EEXIST)
		return;
	/* Another PID namespace may have our number. */
	for (int k = 0; k < MAX_TRIES; k++) {
		snprintf(oc->path, sizeof(oc->path), "%s/" ENTRY_PREFIX "%d.%d", OVERCOMMIT_JOURNAL,
			 (int)getpid(), k);
		oc->fd = open(oc->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (oc->fd >= 0 || errno != EEXIST)
			break;
	}
	if (oc->fd >= 0)
		flock(oc->fd, LOCK_EX | LOCK_NB);
}

static void entry_remove(struct overcommit *oc)
{
	if (oc->fd < 0)
		return;
	unlink(oc->path);
	close(oc->fd);
	oc->fd = -1;
}

static void entry_write(const struct overcommit *oc, enum state state, int64_t before)
{
	char text[ENTRY_LEN + 1];

	if (oc->fd < 0)
		return;
	snprintf(text, sizeof(text), ENTRY_FORMAT, state, oc->n_pages, before);
	if (pwrite(oc->fd, text, ENTRY_LEN, 0) != ENTRY_LEN)
		unlink(oc->path); /* a full disk: better none than half of one */
}

static bool entry_read(int fd, struct entry *entry)
{
	char text[ENTRY_LEN + 1], state;

	if (pread(fd, text, ENTRY_LEN, 0) != ENTRY_LEN)
		return false;
	text[ENTRY_LEN] = '\0';
	if (sscanf(text, "%c %" SCNd64 " %" SCNd64, &state, &entry->n_pages, &entry->before) != 3)
		return false;
	entry->state = state;
	return entry->n_pages > 0;
}

/* ---- its owner ---- */

int overcommit_raise(struct overcommit *oc, int64_t n_pages)
{
	int64_t before;
	int fd = open_locked(), err;

	*oc = (struct overcommit){ .fd = -1, .n_pages = n_pages };
	if (fd < 0)
		return fd;
	err = read_limit(fd, &before);
	if (!err) {
		entry_create(oc);
		entry_write(oc, STATE_RAISING, before);
		err = write_limit(fd, before + n_pages);
	}
	if (err)
		entry_remove(oc);
	else
		entry_write(oc, STATE_HELD, before + n_pages);
	close(fd); /* and so unlocks */
	return err;
}

static int lower_locked(struct overcommit *oc, int fd)
{
	int64_t before;
	int err = read_limit(fd, &before);

	if (!err) {
		entry_write(oc, STATE_LOWERING, before);
		err = write_limit(fd, before - oc->n_pages);
	}
	entry_remove(oc);
	return err;
}

int overcommit_lower(struct overcommit *oc)
{
	int fd = open_locked(), err;

	if (fd < 0)
		return fd;
	err = lower_locked(oc, fd);
	close(fd);
	return err;
}

/* ---- whoever comes after one that was killed ---- */

/* Is the change of a dead process still in the limit? */
static bool is_in_force(const struct entry *entry, int64_t limit)
{
	switch (entry->state) {
	case STATE_RAISING: /* nobody else of us has changed it since: the lock was never free */
		return limit == entry->before + entry->n_pages;
	case STATE_LOWERING:
		return limit == entry->before;
	default:
		return true;
	}
}

static void recover_entry(const char *name, int limit_fd)
{
	struct overcommit oc;
	struct entry entry;
	int64_t limit;

	snprintf(oc.path, sizeof(oc.path), "%s/%.32s", OVERCOMMIT_JOURNAL, name);
	oc.fd = open(oc.path, O_RDWR | O_CLOEXEC);
	if (oc.fd < 0)
		return;
	if (flock(oc.fd, LOCK_EX | LOCK_NB)) { /* its owner lives */
		close(oc.fd);
		return;
	}
	if (entry_read(oc.fd, &entry) && !read_limit(limit_fd, &limit) &&
	    is_in_force(&entry, limit)) {
		oc.n_pages = entry.n_pages;
		lower_locked(&oc, limit_fd);
	} else {
		entry_remove(&oc);
	}
}

void overcommit_recover(void)
{
	DIR *dir = opendir(OVERCOMMIT_JOURNAL);
	int fd = -1;

	for (struct dirent *d; dir && (d = readdir(dir));) {
		if (strncmp(d->d_name, ENTRY_PREFIX, strlen(ENTRY_PREFIX)))
			continue;
		if (fd < 0)
			fd = open_locked();
		if (fd < 0)
			break;
		recover_entry(d->d_name, fd);
	}
	if (fd >= 0)
		close(fd);
	if (dir)
		closedir(dir);
}
