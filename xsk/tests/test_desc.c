// SPDX-License-Identifier: GPL-2.0-only
/* The descriptor model: one row for each rule of the kernel's validation. */
#include "plan/desc.h"

#include "tests/test.h"

#define MIB (1ull << 20)

struct row {
	const char *what;
	enum desc_fault expect;
	bool is_unaligned;
	uint64_t addr;
	uint32_t len, options;
};

static const struct row rows[] = {
	{ "address 0", DESC_VALID, false, 0, 64, 0 },
	{ "a whole chunk", DESC_VALID, false, 4096, 4096, 0 },
	{ "the last bytes of the UMEM", DESC_VALID, false, MIB - 64, 64, 0 },
	{ "empty", DESC_EMPTY, false, 0, 0, 0 },
	{ "longer than a chunk", DESC_TOO_LONG, false, 0, 4097, 0 },
	{ "one byte over the chunk", DESC_CROSSES_CHUNK, false, 4096 - 63, 64, 0 },
	{ "one byte over the UMEM", DESC_CROSSES_CHUNK, false, MIB - 63, 64, 0 },
	{ "behind the UMEM", DESC_OUTSIDE_UMEM, false, MIB, 64, 0 },
	{ "before the UMEM", DESC_OUTSIDE_UMEM, false, (uint64_t)-2, 64, 0 },
	{ "an unknown option", DESC_UNKNOWN_OPTION, false, 0, 64, 1u << 31 },
	{ "unaligned: crosses a chunk", DESC_VALID, true, 4096 - 32, 64, 0 },
	{ "unaligned: crosses the end", DESC_OUTSIDE_UMEM, true, MIB - 32, 64, 0 },
	{ "unaligned: up to the end", DESC_VALID, true, MIB - 64, 64, 0 },
	{ "unaligned: longer than a chunk", DESC_TOO_LONG, true, 0, 4097, 0 },
	{ "unaligned: offset in the upper bits", DESC_VALID, true, 256ull << 48 | 4096, 64, 0 },
	{ "unaligned: offset leads outside", DESC_OUTSIDE_UMEM, true, 256ull << 48 | (MIB - 256),
	  64, 0 },
	{ "unaligned: before the UMEM", DESC_OUTSIDE_UMEM, true, (uint64_t)-2, 64, 0 },
};

static void test_rules(void)
{
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		const struct row *r = &rows[k];
		const struct desc_rules rules = {
			.umem_size = MIB,
			.frame_size = 4096,
			.is_unaligned = r->is_unaligned,
			.max_frags = 1,
			.options = DESC_CONTD,
		};
		const struct desc d = { r->addr, r->len, r->options };

		CHECK(desc_check(&rules, &d) == r->expect, "%s: expect %s, actual %s", r->what,
		      desc_fault_names[r->expect], desc_fault_names[desc_check(&rules, &d)]);
	}
}

/* With Tx metadata a packet begins that much earlier, and may carry the option that says so. */
static void test_tx_metadata(void)
{
	struct desc_rules rules = {
		.umem_size = MIB, .frame_size = 4096, .options = 3, .tx_metadata = 24
	};
	const struct row metadata_rows[] = {
		{ "room in front", DESC_VALID, false, 24, 4072, 2 },
		{ "none in front", DESC_OUTSIDE_UMEM, false, 23, 64, 2 },
		{ "in the frame before", DESC_CROSSES_CHUNK, false, 4096, 64, 2 },
		{ "one byte too many", DESC_CROSSES_CHUNK, false, 24, 4073, 0 },
		{ "an unknown option beside it", DESC_UNKNOWN_OPTION, false, 24, 64, 6 },
		{ "unaligned: in the frame before", DESC_VALID, true, 4096, 64, 2 },
		{ "unaligned: none in front", DESC_OUTSIDE_UMEM, true, 8, 64, 2 },
		{ "unaligned: as long as a frame with it", DESC_VALID, true, 4096, 4072, 0 },
		{ "unaligned: longer than a frame with it", DESC_TOO_LONG, true, 4096, 4073, 0 },
		{ "unaligned: the offset makes the room", DESC_VALID, true, 24ull << 48, 64, 0 },
		{ "unaligned: up to the end", DESC_VALID, true, MIB - 64, 64, 2 },
		{ "unaligned: one byte over the end", DESC_OUTSIDE_UMEM, true, MIB - 63, 64, 2 },
		{ "no offset in aligned mode", DESC_OUTSIDE_UMEM, false, 24ull << 48, 64, 0 },
	};

	for (size_t k = 0; k < sizeof(metadata_rows) / sizeof(metadata_rows[0]); k++) {
		const struct row *r = &metadata_rows[k];
		const struct desc d = { r->addr, r->len, r->options };

		rules.is_unaligned = r->is_unaligned;
		CHECK(desc_check(&rules, &d) == r->expect, "%s: expect %s, actual %s", r->what,
		      desc_fault_names[r->expect], desc_fault_names[desc_check(&rules, &d)]);
	}
}

/* What makes a send fail; and what is invalid before anybody looks at it. */
static void test_refused(void)
{
	struct desc_rules rules = {
		.umem_size = MIB,
		.frame_size = 4096,
		.options = 3,
		.metadata_flags = 7,
		.tx_metadata = 24,
	};
	const struct {
		const char *what;
		bool expect;
		struct desc d;
		struct desc_metadata m;
	} refusals[] = {
		{ "nothing asked", false, { 24, 64, 2 }, {} },
		{ "a timestamp", false, { 24, 64, 2 }, { METADATA_TIMESTAMP, 0, 0 } },
		{ "an unknown flag", true, { 24, 64, 2 }, { 8, 0, 0 } },
		{ "not said to be there", false, { 24, 64, 0 }, { 8, 0, 0 } },
		{ "of an invalid one", false, { 23, 64, 2 }, { 8, 0, 0 } },
		{ "a checksum up to the end", false, { 24, 64, 2 }, { METADATA_CHECKSUM, 61, 1 } },
		{ "beyond it", true, { 24, 64, 2 }, { METADATA_CHECKSUM, 62, 1 } },
	};

	for (size_t k = 0; k < sizeof(refusals) / sizeof(refusals[0]); k++)
		CHECK(metadata_is_refused(&rules, &refusals[k].d, &refusals[k].m) ==
			      refusals[k].expect,
		      "%s", refusals[k].what);
	rules.tx_metadata = 0;
	CHECK(metadata_is_refused(&rules, &refusals[0].d, &refusals[0].m), "no room");
}

static void test_packets(void)
{
	const struct desc_rules rules = {
		.umem_size = MIB,
		.frame_size = 4096,
		.options = DESC_CONTD | DESC_TX_METADATA,
		.max_frags = 3,
	};
	struct desc d[4] = { { 0, 4096, DESC_CONTD },
			     { 4096, 4096, DESC_CONTD },
			     { 8192, 100, 0 } };
	size_t bad = 99;

	CHECK_EQ(DESC_VALID, packet_check(&rules, d, 3, &bad));
	CHECK_EQ(99, bad);
	d[1].len = 0; /* a bad one in the middle spoils all */
	CHECK_EQ(DESC_EMPTY, packet_check(&rules, d, 3, &bad));
	CHECK_EQ(1, bad);
	d[1].len = 10;
	d[2].options = DESC_CONTD;
	d[3] = (struct desc){ 12288, 10, 0 };
	CHECK_EQ(DESC_TOO_MANY_FRAGS, packet_check(&rules, d, 4, &bad));
	CHECK_EQ(3, bad);
}

int main(void)
{
	RUN(test_rules);
	RUN(test_tx_metadata);
	RUN(test_refused);
	RUN(test_packets);
	return test_end();
}
