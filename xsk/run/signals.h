/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_RUN_SIGNALS_H
#define XSK_RUN_SIGNALS_H

#include <signal.h>

/*
 * The signals that end a run: SIGINT, SIGTERM, SIGHUP, of these only what the process was not
 * started to ignore (nohup). Before the pool listens to them a handler ends the process, which has
 * made nothing by then that could be left, with the bail-out that a reader of TAP expects.
 */
void signals_catch(void); /* and SIGABRT: memory that ran out, or a bug of ours */

/* In a child: as in any program. */
void signals_forget(void);

/* All of them. */
void signals_of_run(sigset_t *set);

/* The TAP version is written: a bail-out does not need its own. */
void signals_tap_began(void);

#endif
