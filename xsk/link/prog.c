// SPDX-License-Identifier: GPL-2.0-only
#include "link/prog.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "base/mem.h"
#include "bpf/sabotage.h"
#include "bpf/shared.h"
#include "link/heard.h"
#include "link/prog_diagnose.h"

/* Generated; they need the types of bpf/shared.h. */
#include "bpf/redirect.skel.h"
#include "bpf/rx_metadata.skel.h"

/* ---- load ---- */

/* ELF files, as bpftool put them into the program. */
static const void *elf_of(enum program_id id, size_t *size)
{
	return id == PROGRAM_RX_METADATA ? rx_metadata_bpf__elf_bytes(size) :
					   redirect_bpf__elf_bytes(size);
}

/* All that redirect.bpf.c has as read-only data. */
static void set_config(struct bpf_object *obj, const struct end_plan *plan)
{
	const struct sabotage_plan *s = plan->sabotage;
	const struct redirect_config config = {
		.arg = (int32_t)plan->program_arg,
		.saboteur = !s			      ? SABOTEUR_NOTHING :
			    s->kind == SABOTAGE_STEER ? SABOTEUR_STEER :
							SABOTEUR_META,
		.at = s ? (uint32_t)s->packet : 0,
		.value = s ? (uint32_t)s->arg : 0,
	};
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj)
		if (bpf_map__is_internal(map) && strstr(bpf_map__name(map), ".rodata") &&
		    bpf_map__value_size(map) == sizeof(config))
			bpf_map__set_initial_value(map, &config, sizeof(config));
}

/*
 * Only the chosen program is verified and loaded: the others would cost a case milliseconds. One that
 * asks the driver is bound to its device.
 */
static struct bpf_program *configure(struct bpf_object *obj, const struct end_plan *plan,
				     int ifindex)
{
	struct bpf_program *p, *chosen = NULL;

	bpf_object__for_each_program(p, obj) {
		bool is_chosen = !strcmp(bpf_program__name(p), program_infos[plan->program].name);

		bpf_program__set_autoload(p, is_chosen);
		if (is_chosen)
			chosen = p;
	}
	set_config(obj, plan);
	if (plan->program == PROGRAM_RX_METADATA) {
		bpf_program__set_ifindex(chosen, (__u32)ifindex);
		bpf_program__set_flags(chosen,
				       bpf_program__flags(chosen) | BPF_F_XDP_DEV_BOUND_ONLY);
	}
	return chosen;
}

static void find_maps(struct prog *prog)
{
	prog->xsks_fd = bpf_object__find_map_fd_by_name(prog->obj, "xsks_map");
	prog->by_number_fd = bpf_object__find_map_fd_by_name(prog->obj, "xsks_by_number");
	prog->stats_fd = bpf_object__find_map_fd_by_name(prog->obj, "stats");
}

static int open_and_load(struct prog *prog, const struct end_plan *plan, int ifindex,
			 struct errmsg *e)
{
	DECLARE_LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "xskspec");
	struct bpf_program *chosen;
	size_t size;
	const void *elf = elf_of(plan->program, &size);
	int err;

	prog->obj = bpf_object__open_mem(elf, size, &opts);
	if (!prog->obj)
		return errmsg_set(e, errno, "prog: open the built-in BPF object");
	chosen = configure(prog->obj, plan, ifindex);
	err = bpf_object__load(prog->obj);
	if (err)
		return errmsg_set(e, -err, "prog: '%s': load", bpf_program__name(chosen));
	prog->prog_fd = bpf_program__fd(chosen);
	prog->name = program_infos[plan->program].name;
	find_maps(prog);
	return 0;
}

static int load_own(struct prog *prog, const struct object_plan *plan, struct errmsg *e)
{
	int err = object_load(&prog->own, plan, e);

	if (err)
		return err;
	prog->is_own = true;
	prog->obj = prog->own.obj;
	prog->name = prog->own.name;
	prog->prog_fd = prog->own.prog_fd;
	prog->xsks_fd = prog->own.map_fd;
	return 0;
}

int prog_load(struct prog *prog, const struct end_plan *plan, int ifindex, struct errmsg *e)
{
	struct heard heard;
	int err;

	*prog = (struct prog){ 0 };
	if (plan->program == PROGRAM_FILE)
		return load_own(prog, &plan->object, e);
	heard_begin(&heard);
	err = open_and_load(prog, plan, ifindex, e);
	heard_end(&heard, err ? e : NULL);
	if (err)
		prog_detach(prog);
	return err;
}

/* ---- attach ---- */

static int attach(struct prog *prog, const struct link_end *end, enum mode mode,
		  enum prog_buffers buffers, struct errmsg *e)
{
	DECLARE_LIBBPF_OPTS(bpf_link_create_opts, opts,
			    .flags = mode == MODE_SKB ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE);
	int fd = bpf_link_create(prog->prog_fd, end->ifindex, BPF_XDP, &opts);
	struct prog_refusal refusal = { end, prog->prog_fd, mode, buffers, -fd };

	if (fd >= 0) {
		prog->link_fd = fd;
		return 0;
	}
	errmsg_set(e, -fd, "prog: '%s': attach to '%s' %s", prog->name, end->ifname,
		   mode == MODE_SKB ? "generically" : "natively");
	prog_diagnose(&refusal, e);
	return fd;
}

static enum prog_buffers buffers_of(const struct prog *prog, enum program_id program)
{
	if (prog->is_own)
		return prog->own.has_frags ? PROG_MULTI_BUFFER : PROG_OWN_SINGLE_BUFFER;
	return program == PROGRAM_SINGLE_BUFFER ? PROG_SINGLE_BUFFER : PROG_MULTI_BUFFER;
}

int prog_attach(struct prog *prog, const struct link_end *end, const struct end_plan *plan,
		enum mode mode, struct errmsg *e)
{
	int err;

	*prog = (struct prog){ 0 };
	if (plan->program == PROGRAM_NONE)
		return 0;
	err = prog_load(prog, plan, end->ifindex, e);
	if (err)
		return err;
	err = attach(prog, end, mode, buffers_of(prog, plan->program), e);
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
		err = bpf_map_update_elem(prog->stats_fd, &queue, zero, BPF_ANY);
	if (err)
		errmsg_set(e, -err, "prog: map 'stats': reset");
	free(zero);
	return err;
}

int prog_borrow(struct prog *prog, const struct prog *loaded, const struct link_end *end,
		enum mode mode, struct errmsg *e)
{
	int err;

	*prog = *loaded;
	prog->is_borrowed = true;
	prog->link_fd = 0;
	err = reset_stats(prog, e);
	if (!err)
		err = attach(prog, end, mode, PROG_MULTI_BUFFER, e);
	if (err)
		prog_detach(prog);
	return err;
}

void prog_detach(struct prog *prog)
{
	if (prog->link_fd > 0)
		close(prog->link_fd);
	if (prog->is_own)
		object_unload(&prog->own);
	else if (!prog->is_borrowed)
		bpf_object__close(prog->obj);
	*prog = (struct prog){ 0 };
}

/* ---- sockets ---- */

static const char *xsks_name(const struct prog *prog)
{
	return prog->is_own ? prog->own.map_name : "xsks_map";
}

/* The first socket of a key keeps it: BPF_NOEXIST refuses the others. */
static int enter(int map_fd, const char *name, unsigned int key, int sock_fd, struct errmsg *e)
{
	int err = bpf_map_update_elem(map_fd, &key, &sock_fd, BPF_NOEXIST);

	if (!err || err == -EEXIST)
		return 0;
	return errmsg_set(e, -err, "prog: map '%s': enter a socket at %u", name, key);
}

int prog_add_socket(struct prog *prog, unsigned int n, unsigned int queue, int sock_fd,
		    struct errmsg *e)
{
	unsigned int n_keys = (n > queue ? n : queue) + 1;
	int err;

	if (!prog->obj)
		return 0;
	err = enter(prog->xsks_fd, xsks_name(prog), queue, sock_fd, e);
	if (!err && !prog->is_own)
		err = enter(prog->by_number_fd, "xsks_by_number", n, sock_fd, e);
	if (!err && n_keys > prog->n_keys)
		prog->n_keys = n_keys;
	return err;
}

int prog_move_queue(struct prog *prog, unsigned int queue, int sock_fd, struct errmsg *e)
{
	int err;

	if (!prog->obj)
		return 0;
	err = bpf_map_update_elem(prog->xsks_fd, &queue, &sock_fd, BPF_EXIST);
	if (err)
		return errmsg_set(e, -err, "prog: map '%s': move queue %u to another socket",
				  xsks_name(prog), queue);
	return 0;
}

static int clear(int map_fd, const char *name, unsigned int n_keys, struct errmsg *e)
{
	for (unsigned int key = 0; key < n_keys; key++) {
		int err = bpf_map_delete_elem(map_fd, &key);

		if (err && err != -ENOENT)
			return errmsg_set(e, -err, "prog: map '%s': clear %u", name, key);
	}
	return 0;
}

int prog_clear_sockets(struct prog *prog, struct errmsg *e)
{
	int err;

	if (!prog->obj)
		return 0;
	err = clear(prog->xsks_fd, xsks_name(prog), prog->n_keys, e);
	if (!err && !prog->is_own)
		err = clear(prog->by_number_fd, "xsks_by_number", prog->n_keys, e);
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
		err = bpf_map_lookup_elem(prog->stats_fd, &queue, cpus);
		if (err)
			errmsg_set(e, -err, "prog: map 'stats': read queue %u", queue);
		for (int i = 0; !err && i < n_cpus; i++)
			add_cpu(stats, &cpus[i]);
	}
	free(cpus);
	return err;
}

static bool has_stats(const struct prog *prog)
{
	return prog->obj && !prog->is_own;
}

int prog_read_stats(const struct prog *prog, struct prog_stats *stats, struct errmsg *e)
{
	*stats = (struct prog_stats){ 0 };
	return has_stats(prog) ? add_queues(prog, 0, REDIRECT_MAX_QUEUES, stats, e) : 0;
}

int prog_read_queue(const struct prog *prog, unsigned int queue, struct prog_stats *stats,
		    struct errmsg *e)
{
	*stats = (struct prog_stats){ 0 };
	return has_stats(prog) ? add_queues(prog, queue, queue + 1, stats, e) : 0;
}
