// SPDX-License-Identifier: GPL-2.0-only
#include "run/verdict_log.h"

#include <string.h>

struct pattern {
	const char *text;
	enum log_kind kind;
	bool is_anywhere; /* else the line begins with it */
};

/* Sources: kernel/panic.c, lib/bug.c, arch/x86/kernel/traps.c, mm/page_alloc.c and as said. */
static const struct pattern patterns[] = {
	{ "WARNING: ", LOG_SPLAT, false }, /* WARN(), lockdep, suspicious RCU usage */
	{ "BUG: ", LOG_SPLAT, false },	   /* KASAN, page faults, bad page state, atomic sleep */
	{ "watchdog: CPU", LOG_SPLAT, false }, /* hard lockup */
	{ "kernel BUG at ", LOG_SPLAT, false },
	{ "Oops", LOG_SPLAT, false },
	{ "Internal error: ", LOG_SPLAT, false }, /* arm64's oops */
	{ "Unable to handle kernel ", LOG_SPLAT, false },
	{ "general protection fault", LOG_SPLAT, false },
	{ "stack segment: ", LOG_SPLAT, false },
	{ "divide error: ", LOG_SPLAT, false },
	{ "invalid opcode: ", LOG_SPLAT, false },
	{ "Kernel panic", LOG_SPLAT, false },
	{ "CFI failure at ", LOG_SPLAT, false },
	{ "kernel tried to execute ", LOG_SPLAT, false },
	{ "refcount_t: ", LOG_SPLAT, false }, /* lib/refcount.c */
	{ "list_add corruption", LOG_SPLAT, false },
	{ "list_del corruption", LOG_SPLAT, false },
	{ "list_add double add", LOG_SPLAT, false },
	{ "UBSAN: ", LOG_SPLAT, false },
	{ "ODEBUG: ", LOG_SPLAT, false },
	{ "INFO: possible ", LOG_SPLAT, false }, /* lockdep up to 4.x */
	{ "INFO: inconsistent lock state", LOG_SPLAT, false },
	{ "INFO: suspicious RCU usage", LOG_SPLAT, false },
	{ "DEBUG_LOCKS_WARN_ON", LOG_SPLAT, false },
	{ "detected stalls on CPUs/tasks", LOG_SPLAT, true },
	{ "self-detected stall on CPU", LOG_SPLAT, true },
	{ "skb_over_panic", LOG_SPLAT, true },
	{ "skb_under_panic", LOG_SPLAT, true },
	{ "verifier bug: ", LOG_SPLAT, true },
	{ "Bad page ", LOG_SPLAT, true },
	{ "bad page ", LOG_SPLAT, true },
	{ "page_pool leak", LOG_SPLAT, true },
	{ "stack-protector: ", LOG_SPLAT, true },
	/* What tells of an earlier time: these come a minute after the fact. */
	{ "stalled pool shutdown", LOG_LATE, true },		   /* net/core/page_pool.c */
	{ "unregister_netdevice: waiting for ", LOG_LATE, false }, /* net/core/dev.c */
	{ "INFO: task ", LOG_LATE, false },			   /* kernel/hung_task.c */
	{ "suspected memory leaks", LOG_LATE, true },		   /* mm/kmemleak.c */
};

/* Said at boot or on loading something, of what everybody knows. */
static const char *const harmless[] = {
	"WARNING: Spectre v2 mitigation leaves CPU vulnerable",
	"WARNING: Unprivileged eBPF is enabled",
	"WARNING: RSB",
	"WARNING: Spectre",
};

static bool begins_with(const char *line, const char *text)
{
	return !strncmp(line, text, strlen(text));
}

/* Of all splats this one names a culprit: "... stuck for 22s! [stress:2433]" is not about us. */
static bool is_lockup_of_ours(const char *line)
{
	static const char *const suspects[] = { "[xskspec", "[ksoftirqd/", "[kworker/",
						"[napi/",   "[swapper/",   "[rcu" };

	for (size_t k = 0; k < sizeof(suspects) / sizeof(suspects[0]); k++)
		if (strstr(line, suspects[k]))
			return true;
	return false;
}

enum log_kind log_judge(const char *line)
{
	for (size_t k = 0; k < sizeof(harmless) / sizeof(harmless[0]); k++)
		if (strstr(line, harmless[k]))
			return LOG_PLAIN;
	if (begins_with(line, "watchdog: BUG: soft lockup"))
		return is_lockup_of_ours(line) ? LOG_SPLAT : LOG_PLAIN;
	for (size_t k = 0; k < sizeof(patterns) / sizeof(patterns[0]); k++) {
		const struct pattern *p = &patterns[k];

		if (p->is_anywhere ? strstr(line, p->text) != NULL : begins_with(line, p->text))
			return p->kind;
	}
	return LOG_PLAIN;
}

unsigned long log_age_s(const char *line)
{
	const char *unit = strstr(line, " sec");

	if (!unit)
		return 0;
	while (unit > line && unit[-1] >= '0' && unit[-1] <= '9')
		unit--;
	return strtoul(unit, NULL, 10);
}

bool log_is_detail(const char *line)
{
	static const char *const noise[] = {
		"RSP: ", "RAX: ", "RDX: ",    "RBP: ", "R10: ", "R13: ",  "FS:  ",
		"CS:  ", "CR2: ", "DR0: ",    "DR3: ", "PKRU",	"Code: ", "Modules linked in: ",
		"pc : ", "lr : ", "sp : ",    "x29: ", "x26: ", "x23: ",  "x20: ",
		"x17: ", "x14: ", "x11: ",    "x8 : ", "x5 : ", "x2 : ",  "---[",
		"----",	 "====",  "ORIG_RAX",
	};

	if (!line[strspn(line, " \t")])
		return false;
	for (size_t k = 0; k < sizeof(noise) / sizeof(noise[0]); k++)
		if (begins_with(line, noise[k]))
			return false;
	return true;
}

bool log_is_end(const char *line)
{
	return begins_with(line, "---[ end ");
}

bool log_read_record(const char *line, size_t len, char *message, size_t size)
{
	const char *text = memchr(line, ';', len);

	if (!len || *line < '0' || *line > '9' || !text)
		return false;
	len -= (size_t)(++text - line);
	if (len >= size)
		len = size - 1;
	memcpy(message, text, len);
	message[len] = '\0';
	return true;
}
