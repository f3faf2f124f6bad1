// SPDX-License-Identifier: GPL-2.0-only
/* strbuf, arena, errmsg, hash: what everything else stands on. */
#include <errno.h>
#include <stdint.h>

#include "base/errmsg.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "tests/test.h"

static void test_strbuf_empty(void)
{
	struct strbuf sb = {};

	CHECK_STR("", strbuf_text(&sb));
	strbuf_add(&sb, "%s", "");
	CHECK_STR("", strbuf_text(&sb));
	strbuf_release(&sb);
	CHECK(!sb.text && !sb.len && !sb.cap);
	strbuf_release(&sb);
}

static void test_strbuf_grows(void)
{
	struct strbuf sb = {};

	for (int i = 0; i < 1000; i++)
		strbuf_add(&sb, "%d,", i % 10);
	CHECK_EQ(2000, sb.len);
	CHECK_EQ(2000, strlen(sb.text));
	CHECK(!memcmp(sb.text + 1990, "5,6,7,8,9,", 10));
	strbuf_release(&sb);
}

static void test_strbuf_bytes(void)
{
	struct strbuf sb = {};

	strbuf_add(&sb, "a");
	strbuf_add_mem(&sb, "\0b", 2);
	CHECK_EQ(3, sb.len);
	CHECK(!memcmp(sb.text, "a\0b", 4));
	strbuf_release(&sb);
}

static void test_arena_is_zeroed(void)
{
	struct arena a = {};

	for (size_t size = 1; size < 40000; size *= 3) {
		unsigned char *mem = arena_alloc(&a, size);

		CHECK((uintptr_t)mem % sizeof(void *) == 0, "size %zu", size);
		for (size_t i = 0; i < size; i++)
			CHECK(!mem[i], "size %zu, byte %zu", size, i);
		memset(mem, 0xff, size);
	}
	arena_release(&a);
	CHECK(!a.blocks);
	arena_release(&a);
}

static void test_arena_push(void)
{
	struct arena a = {};
	int *v = NULL;
	size_t n = 0;

	for (int i = 0; i < 1000; i++) {
		int *new = ARENA_PUSH(&a, v, n);

		CHECK(!*new, "element %d is zeroed", i);
		*new = i;
	}
	CHECK_EQ(1000, n);
	for (int i = 0; i < 1000; i++)
		CHECK_EQ(i, v[i]);
	arena_release(&a);
}

static void test_arena_texts(void)
{
	struct arena a = {};

	CHECK_STR("abc", arena_strndup(&a, "abcdef", 3));
	CHECK_STR("", arena_strndup(&a, "abcdef", 0));
	CHECK_STR("12 of x", arena_printf(&a, "%d of %s", 12, "x"));
	arena_release(&a);
}

static void test_errmsg(void)
{
	struct errmsg e;

	CHECK_EQ(-ENOENT, errmsg_set(&e, ENOENT, "file '%s'", "x"));
	CHECK_STR("file 'x': ENOENT", e.text);
	errmsg_hint(&e, "line %d", 7);
	CHECK_STR("file 'x': ENOENT (line 7)", e.text);
	CHECK_EQ(-EINVAL, errmsg_set(&e, 0, "odd"));
	CHECK_STR("odd", e.text);
	CHECK_EQ(-EPERM, errmsg_set(NULL, EPERM, "nobody listens"));
	errmsg_hint(NULL, "still nobody");
}

static void test_errmsg_is_cut(void)
{
	char text[2000];
	struct errmsg e;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	CHECK_EQ(-EIO, errmsg_set(&e, EIO, "%s", text));
	CHECK_EQ(sizeof(e.text) - 1, strlen(e.text));
	errmsg_hint(&e, "%s", text);
	CHECK(strlen(e.text) < sizeof(e.text));
}

static void test_errno_names(void)
{
	CHECK_STR("EINVAL", errno_name(EINVAL));
	CHECK_STR("EINVAL", errno_name(-EINVAL));
	CHECK_STR("errno 4242", errno_name(4242));
	CHECK_EQ(EINVAL, errno_by_name("EINVAL and more", 6));
	CHECK_EQ(EOPNOTSUPP, errno_by_name("EOPNOTSUPP", 10));
	CHECK_EQ(0, errno_by_name("EINVA", 5));
	CHECK_EQ(0, errno_by_name("", 0));
}

static void test_hash(void)
{
	/* The first two numbers of splitmix64 with seed 0, as its authors publish them. */
	CHECK(hash64(0, 0) == 0xe220a8397b1dcdafull);
	CHECK(hash64(0, 1) == 0x6e789e6aa1b965f4ull);
	CHECK(hash64(1, 0) != hash64(2, 0));
}

int main(void)
{
	RUN(test_strbuf_empty);
	RUN(test_strbuf_grows);
	RUN(test_strbuf_bytes);
	RUN(test_arena_is_zeroed);
	RUN(test_arena_push);
	RUN(test_arena_texts);
	RUN(test_errmsg);
	RUN(test_errmsg_is_cut);
	RUN(test_errno_names);
	RUN(test_hash);
	return test_end();
}
