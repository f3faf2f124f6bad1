// SPDX-License-Identifier: GPL-2.0-only
#include "run/verdict_meta.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/errmsg.h"

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

/* The outermost tag: its TPID stands where the Ethernet type would. */
static bool is_vlan_wrong(const struct judge_flow *f, const struct rx_meta *m, struct verdict *v)
{
	const uint8_t *p = f->plan->stream.hdr + 12;
	uint16_t tpid = (uint16_t)(p[0] << 8 | p[1]), tci = (uint16_t)(p[2] << 8 | p[3]);
	const uint8_t *q = (const uint8_t *)&m->vlan_proto;
	uint16_t proto = (uint16_t)(q[0] << 8 | q[1]);

	if (proto == tpid && m->vlan_tci == tci)
		return false;
	return wrong(v, "expect TPID %#x TCI %#x, actual %#x and %#x", tpid, tci, proto,
		     m->vlan_tci);
}

bool verdict_rx_meta(struct judge *j, struct judge_flow *f, const struct expect_stmt *e,
		     struct verdict *v)
{
	const struct rx_meta *m = &j->rx_meta;
	int err = -err_of(m, e->rx_meta);

	*v = (struct verdict){ .kind = VERDICT_RX_META, .pkt = j->pkt, .counter = e->rx_meta };
	if (err != e->err)
		return wrong(v, "expect %s, actual %s", e->err ? errno_name(e->err) : "valid",
			     err ? errno_name(err) : "valid");
	if (err || e->is_any_value)
		return false;
	return e->rx_meta == RX_META_TIMESTAMP ? is_timestamp_wrong(j, v) :
	       e->rx_meta == RX_META_HASH      ? is_hash_wrong(f, m, v) :
						 is_vlan_wrong(f, m, v);
}
