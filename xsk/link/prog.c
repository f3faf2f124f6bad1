// SPDX-License-Identifier: GPL-2.0-only
#include "link/prog.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "bpf/redirect.skel.h"
#include "bpf/shared.h"
#include "link/prog_diagnose.h"

/* ---- libbpf's own words ---- */

/* libbpf has one print function for the whole process, and no argument for it. */
static _Thread_local struct strbuf *heard;

static int hear(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char *text;
	int len;

	if (level != LIBBPF_WARN || !heard)
		return 0;
	len = vasprintf(&text, fmt, args); /* the verifier's log comes in one print */
	if (len < 0)
		return 0;
	strbuf_add_mem(heard, text, (size_t)len);
	free(text);
	return 0;
}

/* The verifier's last line before its statistics says why; NULL if it was not asked. */
static const char *find_verdict(const char *text)
{
	static const char begin[] = "-- BEGIN PROG LOAD LOG --\n";
	const char *line = strstr(text, begin), *verdict = NULL;

	if (!line)
		return NULL;
	for (line += strlen(begin); *line; line += strcspn(line, "\n") + 1) {
		if (!strncmp(line, "processed ", 10) || !strncmp(line, "-- END", 6))
			break;
		verdict = line;
		if (!strchr(line, '\n'))
			break;
	}
	return verdict;
}

/* Without a verdict of the verifier, libbpf's first line is the cause and the rest follows from it. */
static void hint_cause(struct errmsg *e, const char *text)
{
	const char *cause = find_verdict(text);
	int len;

	if (!cause)
		cause = strncmp(text, "libbpf: ", 8) ? text : text + 8;
	len = (int)strcspn(cause, "\n");
	if (len)
		errmsg_hint(e, "%.*s", len, cause);
}

/* ---- load ---- */

static struct bpf_program *choose(const struct redirect_bpf *skel, enum program_id id)
{
	switch (id) {
	case PROGRAM_REDIRECT:
		return skel->progs.redirect;
	case PROGRAM_SINGLE_BUFFER:
		return skel->progs.single_buffer;
	case PROGRAM_PASS:
		return skel->progs.pass;
	case PROGRAM_DROP_EVERY:
		return skel->progs.drop_every;
	case PROGRAM_STEER_MAC:
		return skel->progs.steer_mac;
	case PROGRAM_ADJUST_TAIL:
		return skel->progs.adjust_tail;
	case PROGRAM_METADATA:
		return skel->progs.metadata;
	case PROGRAM_NONE:
	case PROGRAM_FILE:
	case N_PROGRAMS:
		break;
	}
	return NULL;
}

/* Only the chosen program is verified and loaded: the others would cost a case milliseconds. */
static void configure(struct redirect_bpf *skel, const struct bpf_program *chosen,
		      const struct end_plan *plan)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, skel->obj)
		bpf_program__set_autoload(p, p == chosen);
	skel->rodata->program_arg = (int32_t)plan->program_arg;
}

static int load(struct prog *prog, const struct end_plan *plan, struct bpf_program **chosen,
		struct errmsg *e)
{
	struct strbuf words = { 0 };
	int err = 0;

	libbpf_set_print(hear);
	heard = &words;
	prog->skel = redirect_bpf__open();
	if (!prog->skel) {
		err = errmsg_set(e, errno, "prog: open the built-in BPF object");
		goto out_words;
	}
	*chosen = choose(prog->skel, plan->program);
	if (!*chosen) {
		err = errmsg_set(e, EOPNOTSUPP, "prog: programs from a file cannot be loaded yet");
		goto out_words;
	}
	configure(prog->skel, *chosen, plan);
	err = redirect_bpf__load(prog->skel);
	if (err)
		err = errmsg_set(e, -err, "prog: '%s': load", bpf_program__name(*chosen));
out_words:
	heard = NULL;
	if (err)
		hint_cause(e, strbuf_text(&words));
	strbuf_release(&words);
	return err;
}

/* ---- attach ---- */

static int attach(struct prog *prog, const struct link_end *end, const struct bpf_program *chosen,
		  enum mode mode, bool is_single_buffer, struct errmsg *e)
{
	DECLARE_LIBBPF_OPTS(bpf_link_create_opts, opts,
			    .flags = mode == MODE_SKB ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE);
	int fd = bpf_link_create(bpf_program__fd(chosen), end->ifindex, BPF_XDP, &opts);
	struct prog_refusal refusal = { end, bpf_program__fd(chosen), mode, is_single_buffer, -fd };

	if (fd >= 0) {
		prog->link_fd = fd;
		return 0;
	}
	errmsg_set(e, -fd, "prog: '%s': attach to '%s' %s", bpf_program__name(chosen), end->ifname,
		   mode == MODE_SKB ? "generically" : "natively");
	prog_diagnose(&refusal, e);
	return fd;
}

int prog_load(struct prog *prog, const struct end_plan *plan, struct errmsg *e)
{
	struct bpf_program *chosen = NULL;
	int err;

	*prog = (struct prog){ 0 };
	err = load(prog, plan, &chosen, e);
	if (err)
		prog_detach(prog);
	return err;
}

int prog_attach(struct prog *prog, const struct link_end *end, const struct end_plan *plan,
		enum mode mode, struct errmsg *e)
{
	struct bpf_program *chosen = NULL;
	int err;

	*prog = (struct prog){ 0 };
	if (plan->program == PROGRAM_NONE)
		return 0;
	err = load(prog, plan, &chosen, e);
	if (!err)
		err = attach(prog, end, chosen, mode, plan->program == PROGRAM_SINGLE_BUFFER, e);
	if (err)
		prog_detach(prog);
	return err;
}

static int reset_stats(const struct prog *prog, struct errmsg *e)
{
	int n_cpus = libbpf_num_possible_cpus(), err = 0;
	struct redirect_stats *zero;

	if (n_cpus < 0)
		return errmsg_set(e, -n_cpus, "prog: count the possible CPUs");
	zero = mem_zalloc((size_t)n_cpus * sizeof(*zero));
	for (unsigned int queue = 0; queue < REDIRECT_MAX_QUEUES && !err; queue++)
		err = bpf_map_update_elem(bpf_map__fd(prog->skel->maps.stats), &queue, zero,
					  BPF_ANY);
	if (err)
		errmsg_set(e, -err, "prog: map 'stats': reset");
	free(zero);
	return err;
}

int prog_borrow(struct prog *prog, const struct prog *loaded, const struct link_end *end,
		enum mode mode, struct errmsg *e)
{
	int err;

	*prog = (struct prog){ .skel = loaded->skel, .is_borrowed = true };
	err = reset_stats(prog, e);
	if (!err)
		err = attach(prog, end, prog->skel->progs.redirect, mode, false, e);
	if (err)
		prog_detach(prog);
	return err;
}

void prog_detach(struct prog *prog)
{
	if (prog->link_fd > 0)
		close(prog->link_fd);
	if (prog->skel && !prog->is_borrowed)
		redirect_bpf__destroy(prog->skel);
	*prog = (struct prog){ 0 };
}

/* ---- sockets ---- */

/* The first socket of a key keeps it: BPF_NOEXIST refuses the others. */
static int enter(const struct bpf_map *map, unsigned int key, int sock_fd, struct errmsg *e)
{
	int err = bpf_map_update_elem(bpf_map__fd(map), &key, &sock_fd, BPF_NOEXIST);

	if (!err || err == -EEXIST)
		return 0;
	return errmsg_set(e, -err, "prog: map '%s': enter a socket at %u", bpf_map__name(map), key);
}

int prog_add_socket(struct prog *prog, unsigned int n, unsigned int queue, int sock_fd,
		    struct errmsg *e)
{
	unsigned int n_keys = (n > queue ? n : queue) + 1;
	int err;

	if (!prog->skel)
		return 0;
	err = enter(prog->skel->maps.xsks_map, queue, sock_fd, e);
	if (!err)
		err = enter(prog->skel->maps.xsks_by_number, n, sock_fd, e);
	if (!err && n_keys > prog->n_keys)
		prog->n_keys = n_keys;
	return err;
}

int prog_move_queue(struct prog *prog, unsigned int queue, int sock_fd, struct errmsg *e)
{
	int err;

	if (!prog->skel)
		return 0;
	err = bpf_map_update_elem(bpf_map__fd(prog->skel->maps.xsks_map), &queue, &sock_fd,
				  BPF_EXIST);
	if (err)
		return errmsg_set(e, -err, "prog: map 'xsks_map': move queue %u to another socket",
				  queue);
	return 0;
}

static int clear(const struct bpf_map *map, unsigned int n_keys, struct errmsg *e)
{
	for (unsigned int key = 0; key < n_keys; key++) {
		int err = bpf_map_delete_elem(bpf_map__fd(map), &key);

		if (err && err != -ENOENT)
			return errmsg_set(e, -err, "prog: map '%s': clear %u", bpf_map__name(map),
					  key);
	}
	return 0;
}

int prog_clear_sockets(struct prog *prog, struct errmsg *e)
{
	int err;

	if (!prog->skel)
		return 0;
	err = clear(prog->skel->maps.xsks_map, prog->n_keys, e);
	if (!err)
		err = clear(prog->skel->maps.xsks_by_number, prog->n_keys, e);
	return err;
}

static void add_cpu(struct prog_stats *stats, const struct redirect_stats *cpu)
{
	stats->n_ours += cpu->n_ours;
	stats->n_seen += cpu->n_seen;
	stats->n_redirected += cpu->n_redirected;
	stats->n_passed += cpu->n_passed;
	stats->n_dropped += cpu->n_dropped;
	stats->n_refused += cpu->n_refused;
	if (cpu->err)
		stats->err = (int)cpu->err;
}

/* Adds the queues [first, end) to stats. */
static int add_queues(const struct prog *prog, unsigned int first, unsigned int end,
		      struct prog_stats *stats, struct errmsg *e)
{
	int n_cpus = libbpf_num_possible_cpus(), err = 0;
	struct redirect_stats *cpus;

	if (n_cpus < 0)
		return errmsg_set(e, -n_cpus, "prog: count the possible CPUs");
	cpus = mem_realloc(NULL, (size_t)n_cpus * sizeof(*cpus));
	for (unsigned int queue = first; queue < end && !err; queue++) {
		err = bpf_map_lookup_elem(bpf_map__fd(prog->skel->maps.stats), &queue, cpus);
		if (err)
			errmsg_set(e, -err, "prog: map 'stats': read queue %u", queue);
		for (int i = 0; !err && i < n_cpus; i++)
			add_cpu(stats, &cpus[i]);
	}
	free(cpus);
	return err;
}

int prog_read_stats(const struct prog *prog, struct prog_stats *stats, struct errmsg *e)
{
	*stats = (struct prog_stats){ 0 };
	return prog->skel ? add_queues(prog, 0, REDIRECT_MAX_QUEUES, stats, e) : 0;
}

int prog_read_queue(const struct prog *prog, unsigned int queue, struct prog_stats *stats,
		    struct errmsg *e)
{
	*stats = (struct prog_stats){ 0 };
	return prog->skel ? add_queues(prog, queue, queue + 1, stats, e) : 0;
}
