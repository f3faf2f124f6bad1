// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "base/strbuf.h"
#include "plan/fuzz.h"

/* A text of the language has no quotation marks in it. */
static void print_about(const char *about, struct strbuf *out)
{
	strbuf_add(out, "\tabout \"");
	for (; *about; about++)
		strbuf_add(out, "%c", *about == '"' || *about == '\\' ? '\'' : *about);
	strbuf_add(out, "\"\n");
}

static const char *on_off(bool is_on)
{
	return is_on ? "on" : "off";
}

static void print_umem(const struct fuzz_geometry *g, struct strbuf *out)
{
	strbuf_add(out, "\tumem a { frame_size %u; frames %u", g->frame_size, g->n_frames);
	if (g->headroom)
		strbuf_add(out, "; headroom %u", g->headroom);
	if (g->is_unaligned)
		strbuf_add(out, "; unaligned");
	if (g->has_hugepages)
		strbuf_add(out, "; hugepages");
	if (g->has_tx_metadata)
		strbuf_add(out, "; sw_csum");
	strbuf_add(out, " }\n");
	if (g->rx_headroom)
		strbuf_add(out, "\tumem b { headroom %u }\n", g->rx_headroom);
}

static void print_socket(const struct fuzz_geometry *g, struct strbuf *out)
{
	strbuf_add(out, "\tsocket a { multi_buffer %s", on_off(g->has_multi_buffer));
	if (g->tx_ring != 2048)
		strbuf_add(out, "; tx_ring %u", g->tx_ring);
	if (g->completion_ring != 2048)
		strbuf_add(out, "; completion_ring %u", g->completion_ring);
	if (g->tx_budget)
		strbuf_add(out, "; tx_budget %u", g->tx_budget);
	if (g->part)
		strbuf_add(out, "; batch %u; split", g->part);
	if (!g->has_need_wakeup)
		strbuf_add(out, "; need_wakeup off");
	if (g->is_poll)
		strbuf_add(out, "; poll");
	strbuf_add(out, " }\n");
}

/* Numbers are the language's: 64 bits with a sign. */
static void print_desc(const struct fuzz_geometry *g, const struct desc *d,
		       const struct desc_metadata *metadata, struct strbuf *out)
{
	uint32_t options = d->options & ~DESC_CONTD;
	uint64_t size = (uint64_t)g->n_frames * g->frame_size;

	if (d->addr >= size - g->frame_size && d->addr < size)
		strbuf_add(out, "addr umem_size - %" PRIu64, size - d->addr);
	else if (d->addr == size)
		strbuf_add(out, "addr umem_size");
	else if (d->addr > size && d->addr <= size + g->frame_size)
		strbuf_add(out, "addr umem_size + %" PRIu64, d->addr - size);
	else if (d->addr == 1ull << 63)
		strbuf_add(out, "addr -%" PRIu64 " - 1", (uint64_t)INT64_MAX);
	else
		strbuf_add(out, "addr %" PRId64, (int64_t)d->addr);
	strbuf_add(out, ", len %" PRIu32, d->len);
	/* 'metadata' makes room for it: where there is to be none, it is the option alone. */
	if (metadata)
		strbuf_add(out, ", metadata %" PRId64, (int64_t)metadata->flags);
	if (metadata && (metadata->csum_start || metadata->csum_offset))
		strbuf_add(out, ", csum_start %u, csum_offset %u", metadata->csum_start,
			   metadata->csum_offset);
	if (metadata)
		options &= ~DESC_TX_METADATA;
	if (options)
		strbuf_add(out, ", options %" PRIu32, options);
}

static void print_packet(const struct fuzz_case *c, const struct caps *caps,
			 const struct fuzz_packet *p, struct strbuf *out)
{
	enum fuzz_fate fate = fuzz_fate(&c->geometry, caps, p);
	bool has_metadata = c->geometry.has_tx_metadata && p->descs[0].options & DESC_TX_METADATA;

	strbuf_add(out, "\t\t%s", p->n > 1 ? "packet { " : "");
	for (uint32_t k = 0; k < p->n; k++) {
		if (k)
			strbuf_add(out, "; ");
		print_desc(&c->geometry, &p->descs[k], k || !has_metadata ? NULL : &p->metadata,
			   out);
	}
	strbuf_add(out, "%s%s", p->n > 1 ? " }" : "", fate == FATE_INVALID ? " invalid" : "");
	if (p->is_open)
		strbuf_add(out, "\t# XDP_PKT_CONTD: nothing ends it");
	strbuf_add(out, "\n");
}

/* Also one that nothing ends: here it has an end. */
static bool is_lost(const struct fuzz_case *c, const struct caps *caps, struct fuzz_packet packet)
{
	packet.is_open = false;
	packet.descs[packet.n - 1].options &= ~DESC_CONTD;
	return fuzz_fate(&c->geometry, caps, &packet) == FATE_LOST;
}

/* Which packets the link does not carry. */
static void print_lost(const struct fuzz_case *c, const struct caps *caps, struct strbuf *out)
{
	const char *word = "\texpect deliver odd where ";

	for (size_t k = 0; k < c->n_packets; k++) {
		if (!is_lost(c, caps, c->packets[k]))
			continue;
		strbuf_add(out, "%si != %zu", word, k);
		word = " && ";
	}
	if (*word == ' ')
		strbuf_add(out, "\n");
}

/* The payload with numbers takes four bytes behind the header. */
static bool has_short(const struct fuzz_case *c, const struct caps *caps)
{
	for (size_t k = 0; k < c->n_packets; k++)
		if (fuzz_packet_len(&c->packets[k]) < 18 &&
		    fuzz_fate(&c->geometry, caps, &c->packets[k]) != FATE_INVALID)
			return true;
	return false;
}

static bool has_fate(const struct fuzz_case *c, const struct caps *caps, enum fuzz_fate fate)
{
	for (size_t k = 0; k < c->n_packets; k++)
		if (fuzz_fate(&c->geometry, caps, &c->packets[k]) == fate)
			return true;
	return false;
}

void fuzz_spec(const struct fuzz_case *c, const struct caps *caps, const char *name,
	       const char *about, struct strbuf *out)
{
	const struct fuzz_geometry *g = &c->geometry;

	strbuf_add(out, "test %s {\n", name);
	if (about)
		print_about(about, out);
	strbuf_add(out, "\tmode %s\n\twakeup softirq\n", mode_names[g->mode]);
	if (g->mtu != 1500)
		strbuf_add(out, "\tlink { mtu %u }\n", g->mtu);
	print_umem(g, out);
	print_socket(g, out);
	if (caps->has_multi_buffer)
		strbuf_add(out, "\tsocket b { multi_buffer on }\n");
	if (fuzz_geometry_fault(g, caps)) {
		strbuf_add(out, "\texpect error umem EINVAL\n}\n");
		return;
	}
	strbuf_add(out, "\tdescriptors odd {\n");
	if (has_short(c, caps))
		strbuf_add(out, "\t\tpayload random\n");
	for (size_t k = 0; k < c->n_packets; k++)
		print_packet(c, caps, &c->packets[k], out);
	if (!c->n_packets)
		strbuf_add(out, "\t\taddr %u, len 64\n", g->has_tx_metadata ? 24 : 0);
	strbuf_add(out, "\t}\n\tsend odd\n");
	print_lost(c, caps, out);
	if (has_fate(c, caps, FATE_REFUSED))
		strbuf_add(out, "\texpect error send EINVAL\n");
	strbuf_add(out, "}\n");
}
