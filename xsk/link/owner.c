// SPDX-License-Identifier: GPL-2.0-only
#include "link/owner.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- processes ---- */

static void read_comm(struct owner *o)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", o->pid);
	f = fopen(path, "re");
	if (!f)
		return;
	if (fgets(o->comm, sizeof(o->comm), f))
		o->comm[strcspn(o->comm, "\n")] = '\0';
	fclose(f);
}

void owner_find_process(struct owner *o, bool (*is_it)(void *arg, int pid), void *arg)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && !o->pid && (entry = readdir(dir))) {
		int pid = isdigit((unsigned char)entry->d_name[0]) ?
				  (int)strtol(entry->d_name, NULL, 10) :
				  0;

		if (pid && is_it(arg, pid))
			o->pid = pid;
	}
	if (dir)
		closedir(dir);
	if (o->pid)
		read_comm(o);
}

/* ---- descriptors ---- */

struct question {
	bool (*is_it)(void *arg, int pid, const char *path, const char *target);
	void *arg;
};

static bool has_descriptor(void *arg, int pid)
{
	char folder[64], path[400], target[128];
	const struct question *q = arg;
	bool is_found = false;
	struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof(folder), "/proc/%d/fd", pid);
	dir = opendir(folder);
	while (dir && !is_found && (entry = readdir(dir))) {
		ssize_t len;

		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		is_found = q->is_it(q->arg, pid, path, target);
	}
	if (dir)
		closedir(dir);
	return is_found;
}

void owner_find_descriptor(struct owner *o,
			   bool (*is_it)(void *arg, int pid, const char *path, const char *target),
			   void *arg)
{
	struct question q = { is_it, arg };

	owner_find_process(o, has_descriptor, &q);
}

/* ---- programs ---- */

/* fdinfo of a program and of a bpf_link both say prog_id (bpf_prog_show_fdinfo(), bpf_link_show_fdinfo()). */
static bool is_program(void *arg, int pid, const char *path, const char *target)
{
	const uint32_t *wanted = arg;
	char fdinfo[400], line[128];
	uint32_t id = 0;
	FILE *f;

	if (strncmp(target, "anon_inode:bpf", 14))
		return false;
	snprintf(fdinfo, sizeof(fdinfo), "/proc/%d/fdinfo/%.300s", pid, strrchr(path, '/') + 1);
	f = fopen(fdinfo, "re");
	while (f && id != *wanted && fgets(line, sizeof(line), f))
		if (sscanf(line, "prog_id: %" SCNu32, &id) != 1)
			id = 0;
	if (f)
		fclose(f);
	return id && id == *wanted;
}

struct owner owner_of_program(uint32_t prog_id)
{
	struct owner o = { .is_known = prog_id };

	if (prog_id)
		owner_find_descriptor(&o, is_program, &prog_id);
	return o;
}

void owner_format(const struct owner *o, char *out, unsigned int size)
{
	if (!o->pid)
		snprintf(out, size, "a process that /proc does not show");
	else if (o->pid == getpid())
		snprintf(out, size, "this process");
	else
		snprintf(out, size, "process %d (%s)", o->pid, o->comm);
}
