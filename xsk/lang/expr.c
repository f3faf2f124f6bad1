// SPDX-License-Identifier: GPL-2.0-only
#include "lang/expr.h"

#include "base/hash.h"

static const char *const dim_names[N_DIMS] = {
	[DIM_NONE] = "a bare number",
	[DIM_BYTES] = "a size (B, KiB, MiB, GiB, kB, MB, GB)",
	[DIM_TIME] = "a time (ns, us, ms, s, min)",
	[DIM_RATE] = "a rate (pps, kpps, Mpps)",
	[DIM_PERCENT] = "a percentage (%)",
	[DIM_BOOL] = "on or off",
};

const char *dim_name(enum dim dim)
{
	return dim_names[dim];
}

const char *const var_names[N_FIXED_VARS] = {
	[VAR_I] = "i",
	[VAR_UMEM_SIZE] = "umem_size",
	[VAR_FRAME_SIZE] = "frame_size",
	[VAR_HEADROOM] = "headroom",
	[VAR_MTU] = "mtu",
	[VAR_QUEUES] = "queues",
	[VAR_UNALIGNED] = "unaligned",
	[VAR_RX_ROOM] = "rx_room",
	[VAR_MAX_FRAGS] = "max_frags",
	[VAR_MAX_HEADROOM] = "max_headroom",
	[VAR_TX_BUDGET] = "tx_budget",
	[VAR_NIC_RING_MAX] = "nic_ring_max",
	[VAR_NOW] = "now",
	[VAR_SENT] = "sent",
	[VAR_SET] = "set",
	[VAR_BEFORE] = "before",
};

/* 7 : 4 : 1, the simple IMIX, without FCS; spread so that no size bunches. */
static const int16_t imix_lens[12] = { 60, 566, 60, 566, 60, 1514, 60, 566, 60, 60, 566, 60 };

static enum expr_fault divide(uint32_t op, int64_t a, int64_t b, int64_t *out)
{
	if (!b)
		return EXPR_DIVISION;
	if (b == -1 && a == INT64_MIN)
		return EXPR_OVERFLOW;
	*out = op == EXPR_DIV ? a / b : a % b;
	return EXPR_OK;
}

static enum expr_fault shift(uint32_t op, int64_t a, int64_t by, int64_t *out)
{
	if (by < 0 || by > 62)
		return EXPR_OVERFLOW;
	if (op == EXPR_SHL)
		return __builtin_mul_overflow(a, (int64_t)1 << by, out) ? EXPR_OVERFLOW : EXPR_OK;
	*out = a >> by;
	return EXPR_OK;
}

/* A value of lo..hi picked by number; the range may be all of 64 bits. */
static enum expr_fault pick(int64_t lo, int64_t hi, uint64_t number, int64_t *out)
{
	uint64_t n = (uint64_t)hi - (uint64_t)lo + 1;

	if (lo > hi)
		return EXPR_DIVISION;
	*out = (int64_t)((uint64_t)lo + (n ? number % n : number));
	return EXPR_OK;
}

static int64_t read_var(const struct env *env, int64_t var, uint64_t i)
{
	return var == VAR_I ? (int64_t)i : env->v[var];
}

/* Each random() of a test has a number of its own, its value. */
static uint64_t random_at(const struct expr_ins *ins, const struct env *env, uint64_t i)
{
	return hash64(env->seed ^ (uint64_t)ins->value, i);
}

/* Both pop b and a; the first pushes a value, the second makes a call that does. */
#define PUSH(value)                                                                                \
	{                                                                                          \
		int64_t b = *top--, a = *top;                                                      \
		*top = (value);                                                                    \
	}                                                                                          \
	break
#define CALL(call)                                                                                 \
	{                                                                                          \
		int64_t b = *top--, a = *top;                                                      \
		found = (call);                                                                    \
	}                                                                                          \
	break

/* The overflow builtins say true, which is EXPR_OVERFLOW. */
_Static_assert(EXPR_OVERFLOW == true, "see above");

static enum expr_fault run(const struct expr *e, const struct env *env, uint64_t i, int64_t *value)
{
	int64_t stack[EXPR_MAX_DEPTH + 1], *top = stack; /* stack[0] stays unused */
	const struct expr_ins *ins = e->code, *end = ins + e->n_code;
	enum expr_fault found = EXPR_OK;

	for (; ins < end && !found; ins++) {
		/* clang-format off */
		switch ((enum expr_op)ins->op) {
		case EXPR_CONST:	*++top = ins->value; break;
		case EXPR_VAR:		*++top = read_var(env, ins->value, i); break;
		case EXPR_IMIX:		*++top = imix_lens[(i + env->seed) % 12]; break;
		case EXPR_NEG:		found = __builtin_sub_overflow(0, *top, top); break;
		case EXPR_NOT:		*top = !*top; break;
		case EXPR_BITNOT:	*top = ~*top; break;
		case EXPR_BOOL:		*top = *top != 0; break;
		case EXPR_MUL:		CALL(__builtin_mul_overflow(a, b, top));
		case EXPR_DIV:		CALL(divide(ins->op, a, b, top));
		case EXPR_MOD:		CALL(divide(ins->op, a, b, top));
		case EXPR_ADD:		CALL(__builtin_add_overflow(a, b, top));
		case EXPR_SUB:		CALL(__builtin_sub_overflow(a, b, top));
		case EXPR_SHL:		CALL(shift(ins->op, a, b, top));
		case EXPR_SHR:		CALL(shift(ins->op, a, b, top));
		case EXPR_LT:		PUSH(a < b);
		case EXPR_LE:		PUSH(a <= b);
		case EXPR_GT:		PUSH(a > b);
		case EXPR_GE:		PUSH(a >= b);
		case EXPR_EQ:		PUSH(a == b);
		case EXPR_NE:		PUSH(a != b);
		case EXPR_AND:		PUSH(a & b);
		case EXPR_XOR:		PUSH(a ^ b);
		case EXPR_OR:		PUSH(a | b);
		case EXPR_MIN:		PUSH(a < b ? a : b);
		case EXPR_MAX:		PUSH(a > b ? a : b);
		case EXPR_JUMP:		ins += ins->value; break;
		case EXPR_JUMP_IF_ZERO:	ins += *top-- ? 0 : ins->value; break;
		case EXPR_RANDOM:	CALL(pick(a, b, random_at(ins, env, i), top));
		case EXPR_SWEEP:	CALL(pick(a, b, i, top));
		}
		/* clang-format on */
	}
	*value = found ? 0 : *top;
	return found;
}

int64_t expr_eval(const struct expr *e, const struct env *env, uint64_t i, enum expr_fault *fault)
{
	enum expr_fault found;
	int64_t value;

	if (e->is_const)
		return e->code->value;
	found = run(e, env, i, &value);
	if (found && fault)
		*fault = found;
	return value;
}
