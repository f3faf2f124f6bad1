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
	[VAR_NOW] = "now",
	[VAR_SENT] = "sent",
	[VAR_SET] = "set",
};

/* 7 : 4 : 1 of the simple IMIX, Ethernet header included, FCS not; spread so that no size bunches. */
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

static enum expr_fault binary(const struct expr_ins *ins, int64_t a, int64_t b, uint64_t seed,
			      uint64_t i, int64_t *out)
{
	switch (ins->op) {
	case EXPR_MUL:
		return __builtin_mul_overflow(a, b, out) ? EXPR_OVERFLOW : EXPR_OK;
	case EXPR_ADD:
		return __builtin_add_overflow(a, b, out) ? EXPR_OVERFLOW : EXPR_OK;
	case EXPR_SUB:
		return __builtin_sub_overflow(a, b, out) ? EXPR_OVERFLOW : EXPR_OK;
	case EXPR_DIV:
	case EXPR_MOD:
		return divide(ins->op, a, b, out);
	case EXPR_SHL:
	case EXPR_SHR:
		return shift(ins->op, a, b, out);
	case EXPR_RANDOM:
		return pick(a, b, hash64(seed ^ (uint64_t)ins->value, i), out);
	case EXPR_SWEEP:
		return pick(a, b, i, out);
	case EXPR_LT: *out = a < b; break;
	case EXPR_LE: *out = a <= b; break;
	case EXPR_GT: *out = a > b; break;
	case EXPR_GE: *out = a >= b; break;
	case EXPR_EQ: *out = a == b; break;
	case EXPR_NE: *out = a != b; break;
	case EXPR_AND: *out = a & b; break;
	case EXPR_XOR: *out = a ^ b; break;
	case EXPR_OR: *out = a | b; break;
	case EXPR_MIN: *out = a < b ? a : b; break;
	case EXPR_MAX: *out = a > b ? a : b; break;
	default: __builtin_unreachable();
	}
	return EXPR_OK;
}

static int64_t run(const struct expr *e, const struct env *env, uint64_t i, enum expr_fault *fault)
{
	int64_t stack[EXPR_MAX_DEPTH + 1], *top = stack; /* stack[0] stays unused */

	for (uint32_t pc = 0; pc < e->n_code; pc++) {
		const struct expr_ins *ins = &e->code[pc];

		switch (ins->op) {
		case EXPR_CONST:
			*++top = ins->value;
			break;
		case EXPR_VAR:
			*++top = ins->value == VAR_I ? (int64_t)i : env->v[ins->value];
			break;
		case EXPR_IMIX:
			*++top = imix_lens[(i + env->seed) % 12];
			break;
		case EXPR_NEG:
			if (__builtin_sub_overflow(0, *top, top))
				*fault = EXPR_OVERFLOW;
			break;
		case EXPR_NOT:
			*top = !*top;
			break;
		case EXPR_BITNOT:
			*top = ~*top;
			break;
		case EXPR_BOOL:
			*top = *top != 0;
			break;
		case EXPR_JUMP:
			pc += ins->value;
			break;
		case EXPR_JUMP_IF_ZERO:
			pc += *top-- ? 0 : ins->value;
			break;
		default:
			top--;
			*fault = binary(ins, top[0], top[1], env->seed, i, top);
		}
		if (__builtin_expect(*fault != EXPR_OK, 0))
			return 0;
	}
	return *top;
}

int64_t expr_eval(const struct expr *e, const struct env *env, uint64_t i, enum expr_fault *fault)
{
	enum expr_fault found = EXPR_OK;
	int64_t value;

	if (e->is_const)
		return e->code->value;
	value = run(e, env, i, &found);
	if (found && fault)
		*fault = found;
	return value;
}
