// SPDX-License-Identifier: GPL-2.0-only
/* The frames' book-keeping: which address that comes back is which fault. */
#include <string.h>

#include "ring/audit.h"
#include "tests/test.h"

#define FRAME0 16u
#define N_FRAMES 8u
#define FRAME_SIZE 2048u
#define AT(frame) ((uint64_t)(frame)*FRAME_SIZE)
#define UPPER(offset) ((uint64_t)(offset) << 48)

/* Frame 17 is out, at address 'given'. */
static const struct {
	const char *name;
	bool has_addrs;
	uint64_t given, returned;
	enum audit_fault expect;
} rows[] = {
	{ "tx: as given", true, AT(17) + 64, AT(17) + 64, AUDIT_OK },
	{ "tx: one byte on", true, AT(17) + 64, AT(17) + 65, AUDIT_SHIFTED },
	{ "tx: start of the frame", true, AT(17) + 64, AT(17), AUDIT_SHIFTED },
	{ "tx: a frame that is not out", true, AT(17), AT(18), AUDIT_DUPLICATE },
	{ "tx: first frame of the book", true, AT(17), AT(16), AUDIT_DUPLICATE },
	{ "tx: last frame of the book", true, AT(17), AT(23), AUDIT_DUPLICATE },
	{ "tx: the frame before the book", true, AT(17), AT(15), AUDIT_STRANGER },
	{ "tx: the frame after the book", true, AT(17), AT(24), AUDIT_STRANGER },
	{ "tx: address 0", true, AT(17), 0, AUDIT_STRANGER },
	{ "tx: far outside", true, AT(17), 1ull << 40, AUDIT_STRANGER },
	{ "tx: all ones", true, AT(17), ~0ull, AUDIT_STRANGER },
	{ "tx: unaligned, as given", true, AT(17) + UPPER(96), AT(17) + UPPER(96), AUDIT_OK },
	{ "tx: unaligned, folded", true, AT(17) + UPPER(96), AT(17) + 96, AUDIT_SHIFTED },
	{ "rx: start of the frame", false, AT(17), AT(17), AUDIT_OK },
	{ "rx: behind the headroom", false, AT(17), AT(17) + 256, AUDIT_OK },
	{ "rx: last byte of the frame", false, AT(17), AT(18) - 1, AUDIT_OK },
	{ "rx: unaligned", false, AT(17), AT(17) + UPPER(256), AUDIT_OK },
	{ "rx: unaligned, into the frame", false, AT(17), AT(16) + UPPER(FRAME_SIZE), AUDIT_OK },
	{ "rx: unaligned, past the frame", false, AT(17), AT(17) + UPPER(FRAME_SIZE),
	  AUDIT_DUPLICATE },
	{ "rx: the frame after the book", false, AT(17), AT(24), AUDIT_STRANGER },
};

static void check_row(size_t i)
{
	uint64_t frame = ~0ull;
	enum audit_fault actual;
	struct audit a;

	audit_init(&a, FRAME0, N_FRAMES, FRAME_SIZE, rows[i].has_addrs);
	audit_give(&a, 17, rows[i].given);
	actual = audit_return(&a, rows[i].returned, &frame);
	CHECK(actual == rows[i].expect, "%s: expect %s, actual %s", rows[i].name,
	      audit_fault_names[rows[i].expect], audit_fault_names[actual]);
	CHECK(a.n_faults[rows[i].expect] == 1, "%s: counted", rows[i].name);
	CHECK((frame == 17) == (rows[i].expect == AUDIT_OK), "%s: frame", rows[i].name);
	CHECK(a.n_out == (rows[i].expect == AUDIT_OK ? 0 : 1), "%s: out", rows[i].name);
	CHECK(audit_is_conserved(&a), "%s: conserved", rows[i].name);
	audit_release(&a);
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(i);
}

static void test_twice(void)
{
	struct audit a;
	uint64_t frame;

	audit_init(&a, FRAME0, N_FRAMES, FRAME_SIZE, true);
	audit_give(&a, 20, AT(20));
	CHECK(audit_return(&a, AT(20), &frame) == AUDIT_OK, "once");
	CHECK(audit_return(&a, AT(20), &frame) == AUDIT_DUPLICATE, "twice");
	audit_give(&a, 20, AT(20) + 8);
	CHECK(audit_return(&a, AT(20), &frame) == AUDIT_SHIFTED, "the address of the last time");
	CHECK(a.first_fault == AUDIT_DUPLICATE && a.first_fault_addr == AT(20),
	      "first fault stays");
	CHECK(a.n_given == 2 && a.n_returned == 1 && a.n_out == 1, "counts");
	audit_release(&a);
}

static void test_conservation(void)
{
	struct audit a;
	uint64_t frame;

	audit_init(&a, FRAME0, N_FRAMES, FRAME_SIZE, false);
	for (uint64_t i = FRAME0; i < FRAME0 + N_FRAMES; i++)
		audit_give(&a, i, 0);
	CHECK(a.n_out == N_FRAMES && audit_is_conserved(&a), "all out");
	for (uint64_t i = FRAME0; i < FRAME0 + N_FRAMES; i++)
		audit_return(&a, AT(i), &frame);
	CHECK(a.n_out == 0 && audit_is_conserved(&a), "all back");
	a.owner[3] = FRAME_HELD;
	CHECK(audit_is_conserved(&a), "one held by the application");
	a.owner[3] = FRAME_KERNEL;
	CHECK(!audit_is_conserved(&a), "one lost");
	a.owner[3] = 77;
	CHECK(!audit_is_conserved(&a), "one of no owner");
	audit_release(&a);
}

static void test_lifetime(void)
{
	static const struct audit zeroed;
	struct audit a = { 0 };

	audit_release(&a);
	audit_init(&a, 0, 0, FRAME_SIZE, true);
	CHECK(audit_is_conserved(&a), "a book without frames");
	CHECK(audit_return(&a, 0, &(uint64_t){ 0 }) == AUDIT_STRANGER, "knows no frame");
	audit_release(&a);
	audit_init(&a, FRAME0, N_FRAMES, FRAME_SIZE, true);
	audit_release(&a);
	CHECK(!memcmp(&a, &zeroed, sizeof(a)), "zeroed by release");
}

int main(void)
{
	RUN(test_rows);
	RUN(test_twice);
	RUN(test_conservation);
	RUN(test_lifetime);
	return test_end();
}
