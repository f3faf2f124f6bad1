// SPDX-License-Identifier: GPL-2.0-only
#include "out/tap.h"

#include <string.h>

#include "base/errmsg.h"
#include "base/strbuf.h"

#define CONTEXT_BYTES 4 /* shown on each side of the first difference */
#define OUTPUT_LINES 40 /* of the process's own words */

void tap_begin(struct tap *tap, FILE *to, size_t n_cases)
{
	*tap = (struct tap){ .to = to };
	fprintf(to, "TAP version 13\n1..%zu\n", n_cases);
	fflush(to);
}

void tap_bail_out(struct tap *tap, const char *why)
{
	fprintf(tap->to, "Bail out! %.*s\n", (int)strcspn(why, "\n"), why);
	fflush(tap->to);
}

/* "sequence(7)", "random", ...: what the payload of a frame is, and its number as far as it can be read. */
static void add_payload(const struct stream *s, const uint8_t *frame, uint32_t len,
			struct strbuf *out)
{
	uint64_t seq;

	if (s->payload != PAYLOAD_SEQUENCE)
		strbuf_add(out, "%s", payload_names[s->payload]);
	else if (stream_read_seq(s, frame, len, &seq))
		strbuf_add(out, "sequence(%llu)", (unsigned long long)seq);
	else
		strbuf_add(out, "sequence(?)");
}

/* The bytes around the first difference, which is put in brackets. */
static void add_bytes(const uint8_t *frame, uint32_t len, uint32_t at, struct strbuf *out)
{
	uint32_t first = at > CONTEXT_BYTES ? at - CONTEXT_BYTES : 0;
	uint32_t end = at + CONTEXT_BYTES + 1 < len ? at + CONTEXT_BYTES + 1 : len;

	strbuf_add(out, "%s", first ? " ..." : "");
	for (uint32_t k = first; k < end; k++)
		strbuf_add(out, k == at ? " [%02x]" : " %02x", frame[k]);
	strbuf_add(out, "%s", end < len ? " ..." : "");
}

static void add_frame(const struct case_plan *c, const struct verdict *v, const char *who,
		      const uint8_t *frame, uint32_t len, struct strbuf *out)
{
	strbuf_add(out, "#   %s: len %u ", who, len);
	add_payload(&c->flows[v->flow].stream, frame, len, out);
	if (v->kind == VERDICT_HEADER || v->kind == VERDICT_PAYLOAD)
		add_bytes(frame, len, v->byte, out);
	strbuf_add(out, "\n");
}

static void add_more(const struct verdict *v, struct strbuf *out)
{
	uint64_t shown = v->n_more < VERDICT_MORE ? v->n_more : VERDICT_MORE;

	if (!v->n_more)
		return;
	strbuf_add(out, "#   %llu more like it: packet%s", (unsigned long long)v->n_more,
		   v->n_more > 1 ? "s" : "");
	for (uint64_t k = 0; k < shown; k++)
		strbuf_add(out, "%s %llu", k ? "," : "", (unsigned long long)v->more[k]);
	strbuf_add(out, "%s\n", v->n_more > shown ? ", ..." : "");
}

static void add_verdict(const struct case_plan *c, const struct case_result *r,
			const struct verdict *v, struct strbuf *out)
{
	struct srcpos pos = v->pos.line ? v->pos : c->test->pos;

	strbuf_add(out, "# %s:%u:%u: ", c->spec->source.path, pos.line, pos.col);
	verdict_format(v, c, out);
	strbuf_add(out, "\n");
	if (v->frame >= 0) {
		const struct verdict_frame *f = &r->verdicts.frames[v->frame];

		add_frame(c, v, "expect", f->expect, f->expect_len, out);
		add_frame(c, v, "actual", f->actual, f->actual_len, out);
	}
	add_more(v, out);
}

/* Those that moved; that of idle polls only where it is compared. */
static void add_counters(const struct case_result *r, enum end end, struct strbuf *out)
{
	size_t n = 0;

	strbuf_add(out, " %c:", "ab"[end]);
	for (int k = 0; k < N_COUNTERS; k++) {
		if (k == COUNTER_TX_RING_EMPTY_DESCS || !r->counters[end][k])
			continue;
		strbuf_add(out, " %s %llu", counter_names[k],
			   (unsigned long long)r->counters[end][k]);
		n++;
	}
	if (!n)
		strbuf_add(out, " all counters 0");
}

static void add_totals(const struct case_result *r, struct strbuf *out)
{
	strbuf_add(out, "#  ");
	add_counters(r, END_A, out);
	strbuf_add(out, " ");
	add_counters(r, END_B, out);
	strbuf_add(out, "   completion ring: %llu of %llu\n",
		   (unsigned long long)r->tx.n_completions,
		   (unsigned long long)r->tx.n_completions_due);
}

static void add_programs(const struct case_plan *c, const struct case_result *r, struct strbuf *out)
{
	for (enum end end = 0; end < N_ENDS; end++) {
		const struct program_result *p = &r->programs[end];

		if (p->n_seen)
			strbuf_add(
				out,
				"#   %c: program %s saw %llu frames: redirected %llu, passed up %llu, dropped %llu",
				end_names[end], program_infos[c->ends[end].program].name,
				(unsigned long long)p->n_seen, (unsigned long long)p->n_redirected,
				(unsigned long long)p->n_passed, (unsigned long long)p->n_dropped);
		if (p->n_refused)
			strbuf_add(out, "; the kernel refused %llu of its changes (%s)",
				   (unsigned long long)p->n_refused, errno_name(-p->err));
		if (p->n_seen)
			strbuf_add(out, "\n");
	}
}

static void add_evidence(const char *evidence, struct strbuf *out)
{
	while (*evidence) {
		size_t len = strcspn(evidence, "\n");

		strbuf_add(out, "#   %.*s\n", (int)len, evidence);
		evidence += len + (evidence[len] == '\n');
	}
}

static void add_strangers(const struct case_result *r, struct strbuf *out)
{
	uint32_t n = r->rx.stranger_len < sizeof(r->rx.stranger) ? r->rx.stranger_len :
								   (uint32_t)sizeof(r->rx.stranger);

	if (!r->rx.n_strangers)
		return;
	strbuf_add(out, "#   %llu frames of strangers; the first, %u bytes:",
		   (unsigned long long)r->rx.n_strangers, r->rx.stranger_len);
	for (uint32_t k = 0; k < n; k++)
		strbuf_add(out, "%s%02x", k % 4 ? "" : " ", r->rx.stranger[k]);
	strbuf_add(out, "\n");
}

static void add_output(const char *output, struct strbuf *out)
{
	for (int n = 0; *output && n < OUTPUT_LINES; n++) {
		size_t len = strcspn(output, "\n");

		strbuf_add(out, "#   | %.*s\n", (int)len, output);
		output += len + (output[len] == '\n');
	}
}

/* What the kernel was found to do, which expectations were computed from. */
static void add_probe(const struct case_plan *c, struct strbuf *out)
{
	strbuf_add(out, "# probe: ");
	caps_format(&c->caps, out);
	strbuf_add(out, "\n");
}

/* As a word of a shell command. */
static void add_word(const char *word, struct strbuf *out)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";

	if (*word && !word[strspn(word, plain)]) {
		strbuf_add(out, "%s", word);
		return;
	}
	strbuf_add(out, "'");
	for (; *word; word++)
		strbuf_add(out, *word == '\'' ? "'\\''" : "%c", *word);
	strbuf_add(out, "'");
}

static void add_repeat(const struct tap *tap, const struct case_plan *c, struct strbuf *out)
{
	strbuf_add(out, "# repeat: xskspec run ");
	add_word(c->spec->source.path, out);
	strbuf_add(out, " --case ");
	add_word(c->id, out);
	strbuf_add(out, " --seed %llu", (unsigned long long)c->env.seed);
	if (tap->probe) {
		strbuf_add(out, " --probe ");
		add_word(tap->probe, out);
	}
	if (tap->objects) {
		strbuf_add(out, " --objects ");
		add_word(tap->objects, out);
	}
	strbuf_add(out, "\n");
}

#define WAIT_WORTH_NS 1000000 /* shorter waits are not worth a word */

static void add_waits(const struct case_result *r, struct strbuf *out)
{
	const struct {
		const char *what;
		uint64_t ns;
	} waits[] = {
		{ "carrier", r->carrier_wait_ns },
		{ "bind", r->bind_wait_ns },
		{ "counters", r->counters_wait_ns },
	};

	for (size_t k = 0; k < sizeof(waits) / sizeof(waits[0]); k++)
		if (waits[k].ns > WAIT_WORTH_NS)
			strbuf_add(out, ", %s awaited %.1f ms", waits[k].what,
				   (double)waits[k].ns / 1e6);
}

static void add_figures(const char *what, const struct qdisc_stmt *q, const struct figures *f,
			struct strbuf *out)
{
	strbuf_add(out, "# %s_ns %s %s n %llu min %lld p50 %lld p99 %lld p99.9 %lld max %lld\n",
		   what, qdisc_names[q->kind], q->site, (unsigned long long)f->n, (long long)f->min,
		   (long long)f->p50, (long long)f->p99, (long long)f->p999, (long long)f->max);
}

/* Packets that ask for a time: how late they came, if something kept them until then. */
static void add_lateness(const struct case_plan *c, const struct case_result *r, struct strbuf *out)
{
	const struct edt_lateness *l = &r->lateness;

	if (!c->edt.has_wish || !r->n_rounds)
		return;
	if (!c->edt.enforcer)
		strbuf_add(out, "# edt: nothing on the link enforces delivery times: when packets "
				"arrive is not judged\n");
	if (l->lateness.n)
		add_figures("lateness", c->edt.enforcer, &l->lateness, out);
	if (l->jitter.n)
		add_figures("jitter", c->edt.enforcer, &l->jitter, out);
}

static void add_time(const struct case_result *r, struct strbuf *out)
{
	strbuf_add(out, "# time %.1f ms, set-up %.1f ms, %s, %llu sent, %llu received, %llu MiB",
		   (double)r->total_ns / 1e6, (double)r->setup_ns / 1e6,
		   r->is_zerocopy[END_A] && r->is_zerocopy[END_B] ? "zero-copy" : "copy",
		   (unsigned long long)r->tx.n_pkts, (unsigned long long)r->rx.n_pkts,
		   (unsigned long long)r->rss_kib / 1024);
	add_waits(r, out);
	strbuf_add(out, "\n");
}

static void add_failure(const struct tap *tap, const struct case_plan *c,
			const struct case_result *r, const char *output, struct strbuf *out)
{
	for (uint32_t k = 0; k < r->verdicts.n; k++)
		add_verdict(c, r, &r->verdicts.v[k], out);
	if (r->verdicts.n_lost)
		strbuf_add(out, "#   %u further verdicts\n", r->verdicts.n_lost);
	if (r->n_rounds)
		add_totals(r, out);
	add_programs(c, r, out);
	add_evidence(r->evidence, out);
	add_strangers(r, out);
	add_output(output, out);
	add_probe(c, out);
	add_repeat(tap, c, out);
}

/* Verdicts that the case had to get. */
static void add_caught(const struct case_plan *c, const struct case_result *r, struct strbuf *out)
{
	for (uint32_t k = 0; k < r->verdicts.n; k++) {
		strbuf_add(out, "#   as expected: ");
		verdict_format(&r->verdicts.v[k], c, out);
		strbuf_add(out, "\n");
	}
}

void tap_case(struct tap *tap, const struct case_plan *c, const struct case_result *r,
	      const char *output)
{
	size_t n = ++tap->n_points;
	struct strbuf sb = {};

	switch (r->outcome) {
	case OUTCOME_PASS:
		strbuf_add(&sb, "ok %zu %s\n", n, c->id);
		if (c->expect_error)
			strbuf_add(&sb, "#   as expected: %s\n", r->err.text);
		add_caught(c, r, &sb);
		add_strangers(r, &sb);
		add_output(output, &sb);
		break;
	case OUTCOME_SKIP:
		strbuf_add(&sb, "ok %zu %s # SKIP %s\n", n, c->id, c->skip);
		break;
	case OUTCOME_FAIL:
		strbuf_add(&sb, "not ok %zu %s\n", n, c->id);
		add_failure(tap, c, r, output, &sb);
		break;
	default:
		strbuf_add(&sb, "not ok %zu %s # %s %s\n", n, c->id,
			   r->outcome == OUTCOME_ERROR ? "ERROR" : "BUG", r->err.text);
		add_failure(tap, c, r, output, &sb);
		break;
	}
	if (r->outcome != OUTCOME_SKIP)
		add_lateness(c, r, &sb);
	if (r->outcome != OUTCOME_SKIP && r->total_ns)
		add_time(r, &sb);
	fputs(strbuf_text(&sb), tap->to);
	fflush(tap->to);
	strbuf_release(&sb);
}
