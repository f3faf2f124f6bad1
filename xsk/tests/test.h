/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_TESTS_TEST_H
#define XSK_TESTS_TEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Unit tests that print TAP 13. A test is a function without parameters in
 * which every CHECK has to hold; main() runs them:
 *
 *	int main(void)
 *	{
 *		RUN(test_this);
 *		RUN(test_that);
 *		return test_end();
 *	}
 */
static struct {
	int n, n_failed;
	bool is_failed;	  /* the one that runs */
	const char *skip; /* why it does not run on */
	size_t report_len;
	char report[16384]; /* what failed; printed behind its 'not ok' */
} test_state;

__attribute__((format(printf, 3, 4), unused)) static void test_fail(const char *file, int line,
								    const char *fmt, ...)
{
	size_t room = sizeof(test_state.report) - test_state.report_len;
	char *at = test_state.report + test_state.report_len;
	va_list args;
	int n;

	test_state.is_failed = true;
	n = snprintf(at, room, "# %s:%d: ", file, line);
	if (n < 0 || (size_t)n >= room)
		return;
	va_start(args, fmt);
	n += vsnprintf(at + n, room - (size_t)n, fmt, args);
	va_end(args);
	/* One that does not fit any more is left out. */
	if ((size_t)n + 2 > room)
		return;
	for (char *c = at; c < at + n; c++)
		*c = *c == '\n' ? '|' : *c;
	memcpy(at + n, "\n", 2);
	test_state.report_len += (size_t)n + 1;
}

__attribute__((format(printf, 4, 5), unused)) static void
test_check_failed(const char *file, int line, const char *cond, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	test_fail(file, line, "CHECK(%s)%s", cond, text);
}

/* CHECK(n == 3) or, where that says too little, CHECK(n == 3, "row %d", row) */
#define CHECK(cond, ...)                                                                           \
	do {                                                                                       \
		if (!(cond))                                                                       \
			test_check_failed(__FILE__, __LINE__, #cond, " " __VA_ARGS__);             \
	} while (0)

/* Integers, the expected one first. */
#define CHECK_EQ(expect, actual)                                                                   \
	do {                                                                                       \
		long long expect_ = (long long)(expect), actual_ = (long long)(actual);            \
                                                                                                   \
		if (expect_ != actual_)                                                            \
			test_fail(__FILE__, __LINE__, "%s: expect %lld, actual %lld", #actual,     \
				  expect_, actual_);                                               \
	} while (0)

/* Texts; NULL is equal to NULL only. */
#define CHECK_STR(expect, actual)                                                                  \
	do {                                                                                       \
		const char *expect_ = (expect), *actual_ = (actual);                               \
                                                                                                   \
		if (!expect_ || !actual_ ? expect_ != actual_ : strcmp(expect_, actual_) != 0)     \
			test_fail(__FILE__, __LINE__, "%s: expect \"%s\", actual \"%s\"", #actual, \
				  expect_ ? expect_ : "(NULL)", actual_ ? actual_ : "(NULL)");     \
	} while (0)

/* Leaves the test; it counts as skipped, not as passed. */
#define SKIP(reason)                                                                               \
	do {                                                                                       \
		test_state.skip = (reason);                                                        \
		return;                                                                            \
	} while (0)

#define RUN(test) test_run(#test, test)

static void test_run(const char *name, void (*test)(void))
{
	test_state.is_failed = false;
	test_state.skip = NULL;
	test_state.report_len = 0;
	if (!test_state.n++)
		printf("TAP version 13\n");
	fflush(stdout);
	test();
	printf("%sok %d - %s%s%s\n", test_state.is_failed ? "not " : "", test_state.n, name,
	       test_state.skip ? " # SKIP " : "", test_state.skip ? test_state.skip : "");
	if (test_state.is_failed)
		fputs(test_state.report, stdout);
	fflush(stdout);
	test_state.n_failed += test_state.is_failed;
}

/* For a test program that needs root: true, with a skipped point, for anybody else. */
__attribute__((unused)) static bool test_skips_without_root(void)
{
	if (!geteuid())
		return false;
	printf("TAP version 13\nok %d - all # SKIP needs root\n", ++test_state.n);
	return true;
}

/* Prints the plan; returns the exit status. */
static int test_end(void)
{
	printf("1..%d\n", test_state.n);
	return test_state.n_failed || !test_state.n;
}

/* Reads a file; *len is its size, a NUL byte follows. The caller frees it. NULL: cannot be read. */
__attribute__((unused)) static char *test_read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	size_t size = 0;

	*len = 0;
	if (!file)
		return NULL;
	do {
		size = *len + 65536;
		text = realloc(text, size + 1);
		if (!text)
			abort();
		*len += fread(text + *len, 1, size - *len, file);
	} while (*len == size);
	fclose(file);
	text[*len] = '\0';
	return text;
}

#endif
