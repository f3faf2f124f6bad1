// SPDX-License-Identifier: GPL-2.0-only
#include "link/drops.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "bpf/drops.skel.h"
#include "bpf/shared.h"

/* Reasons that are told; a case that drops for more has told enough. */
#define MAX_REASONS 8

static int be_silent(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	(void)fmt;
	(void)args;
	return 0;
}

void drops_open(struct drops *drops)
{
	libbpf_print_fn_t before = libbpf_set_print(be_silent);

	*drops = (struct drops){ .skel = drops_bpf__open_and_load() };
	if (drops->skel)
		drops->link_fd =
			bpf_raw_tracepoint_open(NULL, bpf_program__fd(drops->skel->progs.on_drop));
	libbpf_set_print(before);
	if (drops->skel && drops->link_fd < 0)
		drops_close(drops);
}

void drops_close(struct drops *drops)
{
	if (drops->link_fd > 0)
		close(drops->link_fd);
	if (drops->skel)
		drops_bpf__destroy(drops->skel);
	*drops = (struct drops){ 0 };
}

struct reason {
	__u32 id;
	__u64 n;
};

static int more_first(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;

	return x->n < y->n ? 1 : x->n > y->n ? -1 : 0;
}

static size_t read_reasons(const struct drops *drops, __u64 netns, struct reason *reasons)
{
	int fd = bpf_map__fd(drops->skel->maps.drops);
	struct drop_key key, *before = NULL;
	size_t n = 0;

	while (n < MAX_REASONS && !bpf_map_get_next_key(fd, before, &key)) {
		before = &key;
		if (key.netns == netns && !bpf_map_lookup_elem(fd, &key, &reasons[n].n))
			reasons[n++].id = (__u32)key.reason;
	}
	qsort(reasons, n, sizeof(*reasons), more_first);
	return n;
}

/* The kernel's own name, from its BTF: numbers move between versions. */
static void add_name(const struct btf *btf, __u32 id, struct strbuf *out)
{
	int type_id = btf ? btf__find_by_name_kind(btf, "skb_drop_reason", BTF_KIND_ENUM) : -1;
	const struct btf_type *type = type_id > 0 ? btf__type_by_id(btf, (__u32)type_id) : NULL;
	const struct btf_enum *e = type ? btf_enum(type) : NULL;
	static const char prefix[] = "SKB_DROP_REASON_";
	const char *name = NULL;

	for (__u32 k = 0; e && k < btf_vlen(type); k++)
		if (e[k].val == (__s32)id)
			name = btf__name_by_offset(btf, e[k].name_off);
	if (!name)
		strbuf_add(out, "reason %u", id);
	else if (!strncmp(name, prefix, strlen(prefix)))
		strbuf_add(out, "%s", name + strlen(prefix));
	else
		strbuf_add(out, "%s", name);
}

/* Of the namespace that the calling thread is in: a socket belongs to it. */
static bool read_cookie(__u64 *cookie)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*cookie);
	bool is_read = fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &len);

	if (fd >= 0)
		close(fd);
	return is_read;
}

void drops_format(const struct drops *drops, struct strbuf *out)
{
	struct reason reasons[MAX_REASONS];
	struct btf *btf;
	__u64 cookie;
	size_t n;

	if (!drops->skel || !read_cookie(&cookie))
		return;
	n = read_reasons(drops, cookie, reasons);
	btf = n ? btf__load_vmlinux_btf() : NULL;
	for (size_t k = 0; k < n; k++) {
		strbuf_add(out, "%s%llu ", k ? ", " : "", (unsigned long long)reasons[k].n);
		add_name(btf, reasons[k].id, out);
	}
	btf__free(btf);
}
