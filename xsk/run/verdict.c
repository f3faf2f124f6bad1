// SPDX-License-Identifier: GPL-2.0-only
#include "run/verdict.h"

#include <string.h>

#include "base/errmsg.h"
#include "base/strbuf.h"
#include "ring/audit.h"

static bool is_same(const struct verdict *a, const struct verdict *b)
{
	return a->kind == b->kind && a->flow == b->flow && a->end == b->end &&
	       a->socket == b->socket && a->counter == b->counter && a->pos.line == b->pos.line;
}

struct verdict *verdict_add(struct verdicts *vs, const struct verdict *v)
{
	for (uint32_t k = 0; k < vs->n; k++) {
		struct verdict *old = &vs->v[k];

		if (!is_same(old, v))
			continue;
		if (old->n_more < VERDICT_MORE)
			old->more[old->n_more] = v->pkt;
		old->n_more++;
		return NULL;
	}
	if (vs->n == VERDICTS_MAX) {
		vs->n_lost++;
		return NULL;
	}
	vs->v[vs->n] = *v;
	vs->v[vs->n].frame = -1;
	return &vs->v[vs->n++];
}

/* Copies only what was filled: the buffers are far larger than most packets. */
static int join_frame(struct verdicts *vs, const struct verdict_frame *from)
{
	struct verdict_frame *frame;

	if (vs->n_frames == VERDICT_FRAMES)
		return -1;
	frame = &vs->frames[vs->n_frames];
	frame->expect_len = from->expect_len;
	frame->actual_len = from->actual_len;
	memcpy(frame->expect, from->expect, from->expect_len);
	memcpy(frame->actual, from->actual, from->actual_len);
	return (int)vs->n_frames++;
}

void verdicts_join(struct verdicts *vs, const struct verdicts *from)
{
	for (uint32_t k = 0; k < from->n; k++) {
		const struct verdict *v = &from->v[k];
		struct verdict *mine = verdict_add(vs, v);

		if (!mine)
			continue;
		if (v->frame >= 0)
			mine->frame = join_frame(vs, &from->frames[v->frame]);
	}
	vs->n_lost += from->n_lost;
}

void verdict_counters(struct verdicts *vs, const struct case_plan *c, enum end end, int socket,
		      const uint64_t counters[N_COUNTERS])
{
	for (size_t k = 0; k < c->n_counters; k++) {
		const struct counter_plan *cp = &c->counters[k];
		int64_t actual = (int64_t)counters[cp->counter];

		if (cp->end != end || cp->socket != socket || cmp_holds(actual, cp->op, cp->value))
			continue;
		verdict_add(vs, &(struct verdict){
					.kind = VERDICT_COUNTER,
					.pos = cp->pos,
					.end = end,
					.socket = socket,
					.counter = cp->counter,
					.op = cp->op,
					.expect = cp->value,
					.actual = actual,
				});
	}
}

bool verdict_counters_settled(const struct case_plan *c, enum end end, int socket,
			      const uint64_t counters[N_COUNTERS])
{
	for (size_t k = 0; k < c->n_counters; k++) {
		const struct counter_plan *cp = &c->counters[k];

		if (cp->end == end && cp->socket == socket &&
		    !cmp_holds((int64_t)counters[cp->counter], cp->op, cp->value))
			return false;
	}
	return true;
}

static void format_difference(const struct verdict *v, struct strbuf *out)
{
	strbuf_add(out, "packet %llu: %s differs at byte %u", (unsigned long long)v->pkt,
		   v->kind == VERDICT_HEADER ? "header" : "payload", v->byte);
	if (v->n_frags > 1)
		strbuf_add(out, " (fragment %u, byte %u)", v->frag + 1, v->frag_byte);
}

static void format_socket(const struct verdict *v, struct strbuf *out)
{
	strbuf_add(out, "%c", end_names[v->end]);
	if (v->socket >= 0)
		strbuf_add(out, "[%d]", v->socket);
}

static void format_counter(const struct verdict *v, struct strbuf *out)
{
	format_socket(v, out);
	strbuf_add(out, ".%s: expect %s %lld, actual %lld", counter_names[v->counter],
		   cmp_names[v->op], (long long)v->expect, (long long)v->actual);
}

static void format_missing(const struct verdict *v, struct strbuf *out)
{
	if (v->last > v->pkt)
		strbuf_add(out, "packets %llu..%llu are missing", (unsigned long long)v->pkt,
			   (unsigned long long)v->last);
	else
		strbuf_add(out, "packet %llu is missing", (unsigned long long)v->pkt);
	if (v->actual != v->expect || (uint64_t)v->expect != v->last - v->pkt + 1)
		strbuf_add(out, " (%lld that were due, %lld in all)", (long long)v->expect,
			   (long long)v->actual);
}

static bool is_from_ring(const struct verdict *v, const struct case_plan *c)
{
	return v->flow >= c->n_flows || c->flows[v->flow].sender == SENDER_XDP;
}

/* About one packet, or a range of them; false: it is about something else. */
static bool format_packet(const struct verdict *v, const struct case_plan *c, struct strbuf *out)
{
	unsigned long long pkt = v->pkt;

	switch (v->kind) {
	case VERDICT_MISSING:
		format_missing(v, out);
		return true;
	case VERDICT_ORDER:
		strbuf_add(out,
			   "packet %llu came late: expect packet %lld before it was passed over",
			   pkt, (long long)v->expect);
		return true;
	case VERDICT_DUPLICATE:
		strbuf_add(out, "packet %llu came again: expect packet %lld", pkt,
			   (long long)v->expect);
		return true;
	case VERDICT_NOT_DUE:
		strbuf_add(out, "packet %llu came, but is not to be delivered", pkt);
		return true;
	case VERDICT_LEN:
		strbuf_add(out, "packet %llu: length differs: expect %lld bytes, actual %lld", pkt,
			   (long long)v->expect, (long long)v->actual);
		return true;
	case VERDICT_HEADER:
	case VERDICT_PAYLOAD:
		format_difference(v, out);
		return true;
	case VERDICT_RX_OFFSET:
		strbuf_add(
			out,
			"packet %llu lies elsewhere in its frame: expect offset %lld (headroom included), actual %lld",
			pkt, (long long)v->expect, (long long)v->actual);
		return true;
	case VERDICT_METADATA:
		strbuf_add(out, "packet %llu: data_meta differs: expect %lld, actual %lld", pkt,
			   (long long)v->expect, (long long)v->actual);
		return true;
	case VERDICT_TX_STAMP:
		strbuf_add(out, "packet %llu: tx_timestamp: ", pkt);
		return true;
	case VERDICT_EDT:
	case VERDICT_EDT_SEEN:
	case VERDICT_EDT_ERROR:
	case VERDICT_ARRIVAL:
		strbuf_add(out, "packet %llu: ", pkt);
		return true;
	case VERDICT_RX_META:
		strbuf_add(out, "packet %llu: %s: ", pkt, rx_meta_names[v->counter]);
		return true;
	case VERDICT_UNSENT:
		strbuf_add(out, "packets %llu..%llu were never %s %c", pkt,
			   (unsigned long long)v->last,
			   is_from_ring(v, c) ? "put on the Tx ring of" : "sent from",
			   end_names[v->end]);
		return true;
	default:
		return false;
	}
}

/* About rings, counters and frames of one end; false: it is about something else. */
static bool format_end(const struct verdict *v, struct strbuf *out)
{
	char end = end_names[v->end];

	switch (v->kind) {
	case VERDICT_COUNTER:
		format_counter(v, out);
		return true;
	case VERDICT_COMPLETION:
		strbuf_add(out, "%c: completion ring: expect %lld addresses, actual %lld", end,
			   (long long)v->expect, (long long)v->actual);
		return true;
	case VERDICT_COMPLETION_ALIEN:
	case VERDICT_RX_ALIEN:
		strbuf_add(out, "%c: %s ring: address %#llx %s", end,
			   v->kind == VERDICT_RX_ALIEN ? "Rx" : "completion",
			   (unsigned long long)v->actual, audit_fault_names[v->counter]);
		return true;
	case VERDICT_FRAMES_LOST:
		strbuf_add(out, "%c: frames do not add up: expect %lld, actual %lld", end,
			   (long long)v->expect, (long long)v->actual);
		return true;
	case VERDICT_TX_PER_KICK:
		format_socket(v, out);
		strbuf_add(out, ".tx_per_kick: expect %s %lld, actual %lld", cmp_names[v->op],
			   (long long)v->expect, (long long)v->actual);
		return true;
	case VERDICT_NO_FULL_KICK:
		format_socket(v, out);
		strbuf_add(out, ".tx_per_kick: no kick found more than its budget of %lld",
			   (long long)v->expect);
		return true;
	case VERDICT_POLL:
		format_socket(v, out);
		strbuf_add(out, ".%s: expect timeout, actual events %#llx",
			   v->counter ? "pollout" : "pollin", (unsigned long long)v->actual);
		return true;
	case VERDICT_TX_STAMPS:
		strbuf_add(
			out,
			"%c: packets that came back with a tx_timestamp: expect %lld, actual %lld",
			end, (long long)v->expect, (long long)v->actual);
		return true;
	case VERDICT_REFUSED:
		strbuf_add(
			out,
			"%c: packets that came as sent: expect %lld, as many changes as the kernel refused, actual %lld",
			end, (long long)v->expect, (long long)v->actual);
		return true;
	case VERDICT_STACK:
		strbuf_add(out, "%c: frames on their way up the stack: expect %lld, actual %lld",
			   end, (long long)v->expect, (long long)v->actual);
		return true;
	default:
		return false;
	}
}

/* About the case as a whole. */
static void format_case(const struct verdict *v, const struct case_plan *c, struct strbuf *out)
{
	switch (v->kind) {
	case VERDICT_LOST:
	case VERDICT_RECOVERY:
		strbuf_add(out, "%s: ", verdict_names[v->kind]);
		break;
	case VERDICT_SCATTERED:
		strbuf_add(out, "packets are missing in %lld places, which are no neighbours",
			   (long long)v->actual);
		break;
	case VERDICT_DEADLINE:
		strbuf_add(out, "deadline of %lld ms passed", (long long)(v->expect / 1000000));
		break;
	case VERDICT_NOTHING:
		strbuf_add(out, "no packet came: expect %lld", (long long)v->expect);
		break;
	case VERDICT_KERNEL_LOG:
		strbuf_add(out, "kernel log: ");
		break;
	case VERDICT_NO_ERROR:
	case VERDICT_OTHER_ERROR:
		strbuf_add(out, "expect error %s %s, actual %s",
			   failing_step_names[c->expect_error->failing_step],
			   errno_name(c->expect_error->err),
			   v->kind == VERDICT_NO_ERROR ? "none" : "");
		break;
	default:
		break;
	}
}

void verdict_format(const struct verdict *v, const struct case_plan *c, struct strbuf *out)
{
	if (!format_packet(v, c, out) && !format_end(v, out))
		format_case(v, c, out);
	if (v->text[0])
		strbuf_add(out, "%s", v->text);
}
