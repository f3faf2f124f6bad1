// SPDX-License-Identifier: GPL-2.0-only
/*
 * For LD_PRELOAD: the n-th call of a kind fails, as FAULT_KIND and FAULT_N say, in whichever process
 * of the run it is made. FAULT_COUNT is a file of 8 bytes that all of them share: how many calls
 * there were. What is behind the C library's own calls, as fopen() is, is not seen.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic uint64_t *n_calls; /* of the kind that fails */
static uint64_t n_fails;
static const char *kind;

/* Not the C library's: until its own are found, and they ask for memory on the way. */
static __attribute__((constructor)) void set_up(void)
{
	const char *path = getenv("FAULT_COUNT"), *n = getenv("FAULT_N");
	int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR) : -1;
	void *mem;

	if (fd < 0 || !n)
		return;
	mem = (void *)syscall(SYS_mmap, NULL, sizeof(*n_calls), PROT_READ | PROT_WRITE, MAP_SHARED,
			      fd, 0);
	close(fd);
	if (mem == MAP_FAILED)
		return;
	n_fails = strtoull(n, NULL, 10);
	kind = getenv("FAULT_KIND");
	n_calls = mem;
}

/* Is it this call's turn? */
static int fails(const char *of_kind, int err)
{
	if (!n_calls || !kind || strcmp(kind, of_kind))
		return 0;
	if (atomic_fetch_add(n_calls, 1) + 1 != n_fails)
		return 0;
	errno = err;
	return 1;
}

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
	return fails("malloc", ENOMEM) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails("malloc", ENOMEM) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return fails("malloc", ENOMEM) ? NULL : __libc_realloc(old, size);
}

static int open_any(const char *path, int flags, mode_t mode)
{
	return fails("open", EMFILE) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	return open_any(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	return open_any(path, flags, mode);
}

FILE *fopen(const char *path, const char *mode)
{
	return fails("open", EMFILE) ? NULL : REAL(fopen)(path, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
	return fails("open", EMFILE) ? NULL : REAL(fopen)(path, mode);
}

int socket(int domain, int type, int protocol)
{
	return fails("socket", EMFILE) ? -1 : (int)syscall(SYS_socket, domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int fds[2])
{
	return fails("socket", EMFILE) ? -1 :
					 (int)syscall(SYS_socketpair, domain, type, protocol, fds);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	return fails("setsockopt", ENOBUFS) ?
		       -1 :
		       (int)syscall(SYS_setsockopt, fd, level, name, value, len);
}

void *mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	return fails("mmap", ENOMEM) ? MAP_FAILED :
				       (void *)syscall(SYS_mmap, at, len, prot, flags, fd, offset);
}

void *mmap64(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	return mmap(at, len, prot, flags, fd, offset);
}

int pipe2(int fds[2], int flags)
{
	return fails("fd", EMFILE) ? -1 : (int)syscall(SYS_pipe2, fds, flags);
}

int eventfd(unsigned int n, int flags)
{
	return fails("fd", EMFILE) ? -1 : (int)syscall(SYS_eventfd2, n, flags);
}

int memfd_create(const char *name, unsigned int flags)
{
	return fails("fd", EMFILE) ? -1 : (int)syscall(SYS_memfd_create, name, flags);
}

pid_t fork(void)
{
	return fails("fork", EAGAIN) ? -1 : REAL(fork)();
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
	return fails("thread", EAGAIN) ? EAGAIN : REAL(pthread_create)(thread, attr, start, arg);
}

/* bpf() and the like have no wrapper in the C library. */
long syscall(long number, ...)
{
	static long (*real)(long number, ...);
	va_list args;
	long a[6];

	va_start(args, number);
	for (int k = 0; k < 6; k++)
		a[k] = va_arg(args, long);
	va_end(args);
	if (number == SYS_bpf && fails("bpf", ENOMEM))
		return -1;
	if (!real)
		real = REAL(syscall);
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
