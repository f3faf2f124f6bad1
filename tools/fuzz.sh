#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: tools/fuzz.sh SECONDS FUZZER...	(make fuzz)
#
# Runs fuzz targets one after the other, starting from all specifications that
# are there. What they learn, their logs and an input that breaks one stay in
# the folder of the fuzzer.
set -euo pipefail

seconds=$1
shift
seeds=()
for dir in xsk/tests/good xsk/tests/bad specs; do
	[[ -d $dir ]] && seeds+=("$dir")
done
status=0

for fuzzer in "$@"; do
	corpus=$fuzzer.corpus log=$fuzzer.log
	mkdir -p "$corpus"
	if "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$fuzzer-" "$corpus" "${seeds[@]}" >"$log" 2>&1; then
		awk -v name="${fuzzer##*/}" '/number_of_executed_units/ { print "ok     ", name, $2, "runs" }' "$log"
	else
		status=1
		echo "not ok  ${fuzzer##*/}, see $log"
		sed '/^Shadow bytes/,/^==.*ABORTING/d' "$log" | tail -n 40 | sed 's/^/    | /'
	fi
done
if (($# == 0)); then
	echo 'fuzz: no xsk/tests/fuzz_*.c' >&2
	status=1
fi
exit "$status"
