// SPDX-License-Identifier: GPL-2.0-only
#include "link/owner.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sock_diag.h>
#include <linux/xdp_diag.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link/nlconn.h"

/* ---- from an object to the process that has it open ---- */

/* Does the descriptor, a link to target with more in fdinfo, belong to the object? */
struct wanted {
	bool (*is_it)(const struct wanted *w, const char *target, const char *fdinfo);
	char socket[32];  /* socket:[INODE] */
	uint32_t prog_id; /* of a BPF program */
};

static bool is_socket(const struct wanted *w, const char *target, const char *fdinfo)
{
	(void)fdinfo;
	return !strcmp(target, w->socket);
}

/* fdinfo of a program and of a bpf_link both say prog_id (bpf_prog_show_fdinfo() and bpf_link's). */
static bool is_program(const struct wanted *w, const char *target, const char *fdinfo)
{
	uint32_t id = 0;
	char line[128];
	FILE *f;

	if (strncmp(target, "anon_inode:bpf", 14))
		return false;
	f = fopen(fdinfo, "re");
	while (f && id != w->prog_id && fgets(line, sizeof(line), f))
		if (sscanf(line, "prog_id: %" SCNu32, &id) != 1)
			id = 0;
	if (f)
		fclose(f);
	return id && id == w->prog_id;
}

static bool has_descriptor(const char *pid, const struct wanted *w)
{
	char folder[64], path[400], target[128], fdinfo[400];
	bool is_found = false;
	struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof(folder), "/proc/%.16s/fd", pid);
	dir = opendir(folder);
	while (dir && !is_found && (entry = readdir(dir))) {
		ssize_t len;

		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		snprintf(fdinfo, sizeof(fdinfo), "/proc/%.16s/fdinfo/%s", pid, entry->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		is_found = w->is_it(w, target, fdinfo);
	}
	if (dir)
		closedir(dir);
	return is_found;
}

/* A mapped ring is a file mapping of the socket. */
static bool has_mapping(const char *pid, const struct wanted *w)
{
	char path[64], line[512];
	bool is_found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.16s/maps", pid);
	f = fopen(path, "re");
	while (f && !is_found && fgets(line, sizeof(line), f))
		is_found = strstr(line, w->socket);
	if (f)
		fclose(f);
	return is_found;
}

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

static void find_process(struct owner *o, const struct wanted *w,
			 bool (*holds)(const char *pid, const struct wanted *w))
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && !o->pid && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) && holds(entry->d_name, w))
			o->pid = (int)strtol(entry->d_name, NULL, 10);
	if (dir)
		closedir(dir);
	if (o->pid)
		read_comm(o);
}

/* ---- sockets ---- */

struct search {
	int ifindex;
	uint32_t queue;
	struct owner *owner;
};

static int take_socket(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[XDP_DIAG_MAX + 1];
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	const struct xdp_diag_msg *diag = nlmsg_data(hdr);
	const struct xdp_diag_info *info;
	struct search *s = arg;

	if (nlmsg_parse(hdr, sizeof(*diag), attrs, XDP_DIAG_MAX, NULL) || !attrs[XDP_DIAG_INFO])
		return NL_SKIP;
	info = nla_data(attrs[XDP_DIAG_INFO]);
	if ((int)info->ifindex != s->ifindex || info->queue_id != s->queue)
		return NL_OK;
	if (s->owner->is_known)
		s->owner->n_others++;
	s->owner->is_known = true;
	s->owner->inode = diag->xdiag_ino;
	return NL_OK;
}

static void find_socket(struct search *s)
{
	struct xdp_diag_req req = { .sdiag_family = AF_XDP, .xdiag_show = XDP_SHOW_INFO };
	struct nl_msg *msg = nlmsg_alloc_simple(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
	struct nlconn nl;

	if (!msg)
		return;
	if (!nlmsg_append(msg, &req, sizeof(req), NLMSG_ALIGNTO) && !nlconn_open_diag(&nl, NULL)) {
		nlconn_ask(&nl, msg, take_socket, s);
		nlconn_close(&nl);
	}
	nlmsg_free(msg);
}

struct owner owner_of_queue(int ifindex, uint32_t queue)
{
	struct owner o = { 0 };
	struct search s = { .ifindex = ifindex, .queue = queue, .owner = &o };
	struct wanted w = { .is_it = is_socket };

	find_socket(&s);
	if (!o.is_known)
		return o;
	snprintf(w.socket, sizeof(w.socket), "socket:[%u]", o.inode);
	find_process(&o, &w, has_descriptor);
	if (!o.pid) {
		find_process(&o, &w, has_mapping);
		o.is_mapped = o.pid;
	}
	return o;
}

struct owner owner_of_program(uint32_t prog_id)
{
	struct wanted w = { .is_it = is_program, .prog_id = prog_id };
	struct owner o = { .is_known = prog_id };

	if (prog_id)
		find_process(&o, &w, has_descriptor);
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
