/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SABOTAGE_H
#define BPF_SABOTAGE_H

/* What the saboteurs among the programs can do. */
enum {
	SABOTEUR_NOTHING,
	SABOTEUR_DROP,
	SABOTEUR_FLIP,	 /* config.mask of byte config.arg */
	SABOTEUR_RESIZE, /* by config.arg bytes, as a signed number */
	SABOTEUR_RENUMBER,
	SABOTEUR_DELAY,
	SABOTEUR_DUPLICATE,
	SABOTEUR_EDT_SHIFT,
	SABOTEUR_EDT_PACE,
	SABOTEUR_EDT_CLEAR,
	/* Of XDP programs. */
	SABOTEUR_STEER, /* to socket config.arg */
	SABOTEUR_META,
};

#endif
