// SPDX-License-Identifier: GPL-2.0-only
#include "link/edt.h"

#include <assert.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "bpf/edt.skel.h"
#include "lang/spec.h"
#include "link/heard.h"

_Static_assert(EDT_FIRST_IFINDEX == LINK_FIRST_IFINDEX, "programs know ports by index");
_Static_assert(EDT_MAX_PORTS == LINK_MAX_PORTS, "every port has its place");

static uint32_t port_of(const struct link_end *dev)
{
	return (uint32_t)dev->ifindex - LINK_FIRST_IFINDEX;
}

/* ---- what the programs are told ---- */

/* What comes in at one device of a node leaves by the other. */
static void configure_ways(struct edt_config *config, const struct link *link)
{
	for (uint32_t in = 1; in + 1 < 2 * link->n_hops; in += 2) {
		config->out_of[in] = (uint32_t)link->ports[in + 1].ifindex;
		config->out_of[in + 1] = (uint32_t)link->ports[in].ifindex;
	}
}

/* Packets go on from an ingress by whatever forwards there, and from an egress by the device. */
static bool is_kept(const struct edt_plan *plan, const struct edt_site *at)
{
	return plan->shifts_queue && !at->is_egress;
}

static enum link_direction direction_of(const struct edt_site *site)
{
	return site->is_egress ? LINK_EGRESS : LINK_INGRESS;
}

static enum edt_hook hook_of(const struct edt_site *site)
{
	return site->is_egress ? (site->is_blind ? EDT_EGRESS_BLIND : EDT_EGRESS) :
				 (site->is_blind ? EDT_INGRESS_BLIND : EDT_INGRESS);
}

/* Of a port where a user's own program may end the way past ours, the queue is kept in front of it. */
static void configure_kept(struct edt_config *config, const struct link *link,
			   const struct edt_plan *plan)
{
	for (size_t k = 0; k < plan->n_files; k++)
		if (is_kept(plan, &plan->files[k].at))
			config->kept_mask |= 1u << port_of(link_port(link, plan->files[k].at.node,
								     LINK_INGRESS));
}

static void configure_sites(struct edt_config *config, const struct link *link,
			    const struct edt_plan *plan)
{
	memset(config->site_of, 0xff, sizeof(config->site_of));
	for (size_t k = 0; k < plan->n_sites; k++) {
		const struct edt_site *site = &plan->sites[k];
		uint32_t port = port_of(link_port(link, site->node, direction_of(site)));

		config->site_of[port][hook_of(site)] = (int32_t)k;
	}
}

/* The number of a type in the function that will get it. */
static uint32_t type_of(int type, enum edt_setter how)
{
	static const uint32_t published[N_EDT_TYPES] = {
		[EDT_MONO] = BPF_SKB_DELIVERY_TIME_MONO,
		[EDT_UNSPEC] = BPF_SKB_DELIVERY_TIME_UNSPEC,
		[EDT_NONE] = BPF_SKB_DELIVERY_TIME_NONE,
		[EDT_TAI] = BPF_SKB_DELIVERY_TIME_TAI,
	};
	static const uint32_t kernels[N_EDT_TYPES] = {
		[EDT_MONO] = EDT_CLOCK_MONOTONIC,
		[EDT_UNSPEC] = EDT_CLOCK_REALTIME,
		[EDT_NONE] = EDT_CLOCK_REALTIME,
		[EDT_TAI] = EDT_CLOCK_TAI,
	};

	if (type >= 256)
		return (uint32_t)type - 256;
	return how == EDT_SET_TSTAMP ? kernels[type] : published[type];
}

static void configure_flows(struct edt_flow *flows, const struct edt_plan *plan)
{
	for (size_t k = 0; k < plan->n_flows; k++) {
		const struct edt_flow_plan *f = &plan->flows[k];

		assert(f->id && f->id < EDT_MAX_FLOWS);
		assert((uint64_t)f->base + f->n_seqs <= plan->n_places);
		flows[f->id] = (struct edt_flow){
			.base = f->base,
			.n_seqs = f->n_seqs,
			.hdr_len = f->hdr_len,
			.type = type_of(f->type, plan->setter),
			.has_wish = f->has_wish,
			.has_pattern = f->has_pattern,
			.start_ns = f->start_ns,
			.step_ns = f->step_ns,
			.preset_ns = f->preset_ns,
		};
	}
}

/* A bridge forwards by itself; only which queue it takes is not its business. */
static bool needs_pass(const struct link *link, const struct edt_plan *plan, enum end end)
{
	return link_relay(link, end) && plan->shifts_queue;
}

static bool is_wanted(const struct edt_plan *plan, const struct edt_site *like)
{
	for (size_t k = 0; k < plan->n_sites; k++)
		if (plan->sites[k].is_egress == like->is_egress &&
		    plan->sites[k].is_blind == like->is_blind)
			return true;
	return false;
}

static struct bpf_program *checker(const struct edt_bpf *skel, const struct edt_site *site)
{
	if (site->is_egress)
		return site->is_blind ? skel->progs.edt_check_egress_blind :
					skel->progs.edt_check_egress;
	return site->is_blind ? skel->progs.edt_check_ingress_blind : skel->progs.edt_check_ingress;
}

static struct bpf_program *setter(const struct edt_bpf *skel, enum edt_setter how)
{
	return how == EDT_SET_BLIND ? skel->progs.edt_set_blind : skel->progs.edt_set;
}

/* Each program that is verified costs its time: only those that there is work for. */
static void choose(const struct edt_bpf *skel, const struct link *link, const struct edt_plan *plan)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, skel->obj)
		bpf_program__set_autoload(p, false);
	bpf_program__set_autoload(skel->progs.edt_forward, link->n_hops > 1);
	bpf_program__set_autoload(skel->progs.edt_pass,
				  needs_pass(link, plan, END_A) || needs_pass(link, plan, END_B));
	for (int k = 0; k < 4; k++) {
		struct edt_site like = { .is_egress = k & 1, .is_blind = k & 2 };

		if (is_wanted(plan, &like))
			bpf_program__set_autoload(checker(skel, &like), true);
	}
	for (size_t k = 0; k < plan->n_files; k++)
		if (is_kept(plan, &plan->files[k].at))
			bpf_program__set_autoload(skel->progs.edt_keep, true);
	if (plan->setter != EDT_SET_NONE)
		bpf_program__set_autoload(setter(skel, plan->setter), true);
}

/* ---- load and map ---- */

static int configure(struct edt_bpf *skel, const struct link *link, const struct edt_plan *plan)
{
	struct edt_config *config = &skel->rodata->config;
	uint32_t n = plan->n_places ? plan->n_places : 1;
	uint32_t n_set = plan->setter == EDT_SET_NONE ? 1 : n;
	uint64_t n_records = (uint64_t)n * (plan->n_sites ? plan->n_sites : 1);
	int err;

	config->n_places = n;
	config->queue_bias = plan->shifts_queue;
	config->way = plan->setter == EDT_SET_DIRECT ? EDT_WAY_DIRECT :
		      plan->setter == EDT_SET_TSTAMP ? EDT_WAY_TSTAMP :
						       EDT_WAY_DELIVERY_TIME;
	configure_ways(config, link);
	configure_sites(config, link, plan);
	configure_kept(config, link, plan);
	configure_flows(skel->bss->flows, plan);
	choose(skel, link, plan);
	if (n_records > UINT32_MAX)
		return -E2BIG;
	err = bpf_map__set_max_entries(skel->maps.wishes, n_set);
	if (!err)
		err = bpf_map__set_max_entries(skel->maps.results, n_set);
	if (!err)
		err = bpf_map__set_max_entries(skel->maps.records, (uint32_t)n_records);
	return err;
}

static int load(struct edt *edt, const struct link *link, const struct edt_plan *plan,
		struct errmsg *e)
{
	struct heard heard;
	int err;

	heard_begin(&heard);
	edt->skel = edt_bpf__open();
	if (!edt->skel) {
		err = errmsg_set(e, errno, "edt: open the built-in BPF object");
		goto out_heard;
	}
	err = configure(edt->skel, link, plan);
	if (!err)
		err = edt_bpf__load(edt->skel);
	if (err)
		errmsg_set(e, -err, "edt: load programs for %u packets at %zu checkpoints",
			   plan->n_places, plan->n_sites);
out_heard:
	heard_end(&heard, err ? e : NULL);
	return err;
}

/* The memory of an array as it is; all at once, so that nothing is paged in packet by packet. */
static int map_array(struct edt *edt, int k, const struct bpf_map *map, struct errmsg *e)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (size_t)bpf_map__max_entries(map) * bpf_map__value_size(map);
	void *mem;

	size = (size + page - 1) / page * page;
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (mem == MAP_FAILED)
		return errmsg_set(e, errno, "edt: map '%s': map its %zu bytes", bpf_map__name(map),
				  size);
	edt->maps[k] = mem;
	edt->map_sizes[k] = size;
	return 0;
}

static int map_arrays(struct edt *edt, const struct edt_plan *plan, struct errmsg *e)
{
	const struct edt_bpf *skel = edt->skel;
	int err = map_array(edt, 0, skel->maps.records, e);

	if (!err && plan->setter != EDT_SET_NONE)
		err = map_array(edt, 1, skel->maps.wishes, e);
	if (!err && plan->setter != EDT_SET_NONE)
		err = map_array(edt, 2, skel->maps.results, e);
	if (err)
		return err;
	edt->n_places = plan->n_places;
	edt->n_sites = plan->n_sites;
	for (size_t k = 0; k < plan->n_sites; k++)
		edt->records[k] = (struct edt_record *)edt->maps[0] + k * plan->n_places;
	edt->wishes = edt->maps[1];
	edt->results = edt->maps[2];
	edt->flows = skel->bss->flows;
	return 0;
}

/* ---- attach ---- */

static int attach(struct edt *edt, const struct link_end *dev, enum link_direction direction,
		  unsigned int order, const struct bpf_program *prog, struct errmsg *e)
{
	return tc_attach(&edt->tc, dev, direction, order, bpf_program__fd(prog),
			 bpf_program__name(prog), e);
}

/* In front of the first of a user's own at an ingress. */
static int attach_keep(struct edt *edt, const struct link *link, const struct edt_plan *plan,
		       uint32_t node, struct errmsg *e)
{
	for (size_t k = 0; k < plan->n_files; k++)
		if (plan->files[k].at.node == node && is_kept(plan, &plan->files[k].at))
			return attach(edt, link_port(link, node, LINK_INGRESS), LINK_INGRESS,
				      EDT_KEEP, edt->skel->progs.edt_keep, e);
	return 0;
}

/* Those with a position between two others, which where tcx is used is the order of attaching. */
static int attach_guests(struct edt *edt, const struct link *link, uint32_t node,
			 enum edt_order order, struct errmsg *e)
{
	int err = 0;

	for (size_t k = 0; k < edt->n_guests && !err; k++) {
		const struct edt_guest *g = &edt->guests[k];
		enum link_direction direction = direction_of(&g->at);

		if (g->at.node == node && g->order == order)
			err = tc_attach(&edt->tc, link_port(link, node, direction), direction,
					order + g->nth, g->prog_fd, g->name, e);
	}
	return err;
}

static int attach_checks(struct edt *edt, const struct link *link, const struct edt_plan *plan,
			 uint32_t node, struct errmsg *e)
{
	int err = 0;

	for (size_t k = 0; k < plan->n_sites && !err; k++) {
		const struct edt_site *site = &plan->sites[k];
		enum link_direction direction = direction_of(site);

		if (site->node == node)
			err = attach(edt, link_port(link, node, direction), direction,
				     site->is_blind ? EDT_CHECK_BLIND : EDT_CHECK,
				     checker(edt->skel, site), e);
	}
	return err;
}

static int attach_setter(struct edt *edt, const struct link *link, const struct edt_plan *plan,
			 uint32_t node, struct errmsg *e)
{
	enum link_direction direction = direction_of(&plan->setter_at);

	if (plan->setter == EDT_SET_NONE || plan->setter_at.node != node)
		return 0;
	return attach(edt, link_port(link, node, direction), direction, EDT_SET,
		      setter(edt->skel, plan->setter), e);
}

/* Of a node both devices forward, each to the other. */
static int attach_forwards(struct edt *edt, const struct link *link, uint32_t node,
			   struct errmsg *e)
{
	const struct bpf_program *forward = edt->skel->progs.edt_forward;
	int err = attach(edt, link_port(link, node, LINK_INGRESS), LINK_INGRESS, EDT_FORWARD,
			 forward, e);

	return err ? err :
		     attach(edt, link_port(link, node, LINK_EGRESS), LINK_INGRESS, EDT_FORWARD,
			    forward, e);
}

static int attach_passes(struct edt *edt, const struct link *link, const struct edt_plan *plan,
			 enum end end, struct errmsg *e)
{
	const struct link_end *outer =
		link_port(link, end == END_A ? 0 : link->n_hops, LINK_INGRESS);
	const struct bpf_program *pass = edt->skel->progs.edt_pass;
	int err;

	if (!needs_pass(link, plan, end))
		return 0;
	err = attach(edt, outer, LINK_INGRESS, EDT_FORWARD, pass, e);
	if (!err)
		err = attach(edt, link_relay(link, end), LINK_INGRESS, EDT_FORWARD, pass, e);
	return err;
}

static int attach_node(struct edt *edt, const struct link *link, const struct edt_plan *plan,
		       uint32_t node, struct errmsg *e)
{
	int err = link_enter_node(link, node, e);

	if (!err)
		err = attach_keep(edt, link, plan, node, e);
	if (!err)
		err = attach_checks(edt, link, plan, node, e);
	if (!err)
		err = attach_guests(edt, link, node, EDT_USER, e);
	if (!err)
		err = attach_setter(edt, link, plan, node, e);
	if (!err)
		err = attach_guests(edt, link, node, EDT_SABOTAGE, e);
	if (err)
		return err;
	if (node && node < link->n_hops)
		return attach_forwards(edt, link, node, e);
	return attach_passes(edt, link, plan, node ? END_B : END_A, e);
}

static int attach_all(struct edt *edt, const struct link *link, const struct edt_plan *plan,
		      struct errmsg *e)
{
	/* From b to a, which is where the calling thread is afterwards. */
	for (uint32_t node = link->n_hops + 1; node-- > 0;) {
		int err = attach_node(edt, link, plan, node, e);

		if (err)
			return err;
	}
	return 0;
}

int edt_open(struct edt *edt, const struct link *link, const struct edt_plan *plan,
	     struct errmsg *e)
{
	int err;

	assert(plan->n_sites <= EDT_MAX_SITES);
	assert(plan->setter_at.node <= link->n_hops);
	*edt = (struct edt){ .tc.way = edt->tc.way,
			     .guests = edt->guests,
			     .n_guests = edt->n_guests };
	err = load(edt, link, plan, e);
	if (!err)
		err = map_arrays(edt, plan, e);
	if (!err)
		err = attach_all(edt, link, plan, e);
	if (err)
		edt_close(edt);
	return err;
}

void edt_close(struct edt *edt)
{
	tc_detach(&edt->tc);
	for (int k = 0; k < 3; k++)
		if (edt->maps[k])
			munmap(edt->maps[k], edt->map_sizes[k]);
	if (edt->skel)
		edt_bpf__destroy(edt->skel);
	*edt = (struct edt){ 0 };
}

/* ---- at work ---- */

void edt_clear(struct edt *edt)
{
	for (int k = 0; k < 3; k++)
		if (edt->maps[k])
			memset(edt->maps[k], 0, edt->map_sizes[k]);
	if (edt->skel)
		memset(edt->skel->bss->counts, 0, sizeof(edt->skel->bss->counts));
}

void edt_count(const struct edt *edt, struct edt_counts *counts)
{
	*counts = (struct edt_counts){ 0 };
	for (int port = 0; edt->skel && port < EDT_MAX_PORTS; port++) {
		counts->n_strangers += edt->skel->bss->counts[port].n_strangers;
		counts->n_beyond += edt->skel->bss->counts[port].n_beyond;
	}
}
