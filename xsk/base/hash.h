/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_BASE_HASH_H
#define XSK_BASE_HASH_H

#include <stdint.h>

/*
 * A stateless random number: the same (seed, i) gives the same 64 bits on every
 * machine, so that packet i of a random stream costs no memory and both ends
 * agree on it. The finisher of splitmix64 (Steele, Lea, Flood, 2014).
 */
static inline uint64_t hash64(uint64_t seed, uint64_t i)
{
	uint64_t x = seed + (i + 1) * 0x9e3779b97f4a7c15ull;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

#endif
