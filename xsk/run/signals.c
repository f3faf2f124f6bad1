// SPDX-License-Identifier: GPL-2.0-only
#include "run/signals.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static const int of_run[] = { SIGINT, SIGTERM, SIGHUP };

#define STATUS_BUG 3 /* the environment refused, or a bug of ours */
#define N_OF_RUN (sizeof(of_run) / sizeof(of_run[0]))

/* What the handler knows; it has no other way. */
static volatile sig_atomic_t owner, has_tap;

static void say(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		return; /* nobody reads it */
}

/* As run/pool.c does it, but from anywhere: only calls that are safe in a handler. */
static void bail_out(int signal)
{
	int status = signal == SIGABRT ? STATUS_BUG : 128 + signal;

	if (getpid() == owner) { /* a child of a probe says nothing */
		if (!has_tap)
			say("TAP version 13\n");
		say(signal == SIGINT  ? "Bail out! interrupted by SIGINT\n" :
		    signal == SIGTERM ? "Bail out! interrupted by SIGTERM\n" :
		    signal == SIGHUP  ? "Bail out! interrupted by SIGHUP\n" :
					"Bail out! out of memory, or a bug: see standard error\n");
	}
	_exit(status);
}

static bool is_ignored(int signal)
{
	struct sigaction now;

	return !sigaction(signal, NULL, &now) && now.sa_handler == SIG_IGN;
}

void signals_catch(void)
{
	struct sigaction catch = { .sa_handler = bail_out };

	owner = getpid();
	has_tap = false;
	for (size_t k = 0; k < N_OF_RUN; k++)
		if (!is_ignored(of_run[k]))
			sigaction(of_run[k], &catch, NULL);
	sigaction(SIGABRT, &catch, NULL);
}

void signals_forget(void)
{
	for (size_t k = 0; k < N_OF_RUN; k++)
		if (!is_ignored(of_run[k]))
			signal(of_run[k], SIG_DFL);
	signal(SIGABRT, SIG_DFL);
}

void signals_of_run(sigset_t *set)
{
	sigemptyset(set);
	for (size_t k = 0; k < N_OF_RUN; k++)
		if (!is_ignored(of_run[k]))
			sigaddset(set, of_run[k]);
}

void signals_tap_began(void)
{
	has_tap = true;
}
