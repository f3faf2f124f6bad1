#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs that are killed at random moments leave nothing: a few of the kills that tools/kill.sh does by
# hundreds. $XSKSPEC is the program, $SCRATCH an empty folder.
set -uo pipefail

# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/tap.bash"

if ((EUID != 0)) || ! command -v jq >/dev/null || ! PATH=$PATH:/usr/sbin:/sbin command -v bpftool >/dev/null; then
	skip 'needs root, bpftool and jq'
	finish
fi
# Whoever is killed while leaks are looked for says so; leaks are for all other tests.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
point '20 kills' "$(dirname "$0")/../../tools/kill.sh" 20
finish
