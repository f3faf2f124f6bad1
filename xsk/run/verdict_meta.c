// SPDX-License-Identifier: GPL-2.0-only
#include "run/verdict_meta.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/errmsg.h"
#include "plan/header.h"

#define TAG_BYTE 12 /* of the frame: behind both addresses */
#define TAG_END 16

static bool wrong(struct verdict *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool wrong(struct verdict *v, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(v->text, sizeof(v->text), fmt, args);
	va_end(args);
	return true;
}

static int16_t err_of(const struct rx_meta *m, enum rx_meta_field field)
{
	return field == RX_META_TIMESTAMP ? m->timestamp_err :
	       field == RX_META_HASH	  ? m->hash_err :
					    m->vlan_err;
}

/* Of a stream whose headers do not change all packets are one flow. */
static bool is_hash_wrong(struct judge_flow *f, const struct rx_meta *m, struct verdict *v)
{
	uint32_t first = f->hash;

	if (!m->hash)
		return wrong(v, "expect a hash, actual 0");
	if (!f->hash)
		f->hash = m->hash;
	if (first && m->hash != first && !f->plan->stream.n_patches)
		return wrong(v, "expect %#x, as of the packets before, actual %#x", first, m->hash);
	return false;
}

static bool is_timestamp_wrong(struct judge *j, struct verdict *v)
{
	uint64_t last = j->last_timestamp, now = j->rx_meta.timestamp;

	j->last_timestamp = now;
	if (!now)
		return wrong(v, "expect a time, actual 0");
	if (now < last)
		return wrong(v, "expect %llu ns or later, actual %llu", (unsigned long long)last,
			     (unsigned long long)now);
	return false;
}

/* The outermost tag of packet i: its TPID stands where the Ethernet type would. */
static void expect_tag(const struct stream *s, uint64_t i, uint16_t *tpid, uint16_t *tci)
{
	uint8_t p[TAG_END];

	memcpy(p, s->hdr, sizeof(p));
	for (uint32_t k = 0; k < s->n_patches; k++) {
		const struct stream_patch *patch = &s->patches[k];

		if (patch->bit_offset + patch->bits <= 8 * TAG_END)
			header_put_bits(p, patch->bit_offset, patch->bits,
					(uint64_t)expr_eval(patch->value, s->env, i, NULL));
	}
	*tpid = (uint16_t)(p[TAG_BYTE] << 8 | p[TAG_BYTE + 1]);
	*tci = (uint16_t)(p[TAG_BYTE + 2] << 8 | p[TAG_BYTE + 3]);
}

static bool is_vlan_wrong(const struct judge_flow *f, const struct rx_meta *m, struct verdict *v)
{
	const uint8_t *q = (const uint8_t *)&m->vlan_proto;
	uint16_t proto = (uint16_t)(q[0] << 8 | q[1]), tpid, tci;

	expect_tag(&f->plan->stream, v->pkt, &tpid, &tci);
	if (proto == tpid && m->vlan_tci == tci)
		return false;
	return wrong(v, "expect TPID %#x TCI %#x, actual %#x and %#x", tpid, tci, proto,
		     m->vlan_tci);
}

static const char *name_wish(const struct expect_stmt *e)
{
	return e->err ? errno_name(e->err) : e->is_any_value ? "any" : "valid";
}

bool verdict_rx_meta(struct judge *j, struct judge_flow *f, const struct expect_stmt *e,
		     struct verdict *v)
{
	const struct rx_meta *m = &j->rx_meta;
	int err = -err_of(m, e->rx_meta);

	if (e->end != f->plan->to_end ||
	    (e->socket >= 0 && (uint32_t)e->socket != f->plan->to_socket))
		return false;
	*v = (struct verdict){
		.kind = VERDICT_RX_META, .pkt = j->pkt, .counter = e->rx_meta, .pos = e->pos
	};
	if (err != e->err)
		return wrong(v, "expect %s, actual %s", name_wish(e),
			     err ? errno_name(err) : "no error");
	if (err || e->is_any_value)
		return false;
	return e->rx_meta == RX_META_TIMESTAMP ? is_timestamp_wrong(j, v) :
	       e->rx_meta == RX_META_HASH      ? is_hash_wrong(f, m, v) :
						 is_vlan_wrong(f, m, v);
}
