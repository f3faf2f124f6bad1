#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: tools/fuzz.sh SECONDS FUZZER...	(make fuzz)
#
# Runs fuzz targets for SECONDS each, two at a time, starting from their folder
# below xsk/tests/corpus, those that read specifications also from all that are
# there. What they learn, their logs and an input that breaks one stay in the
# folder of the fuzzer. An input that broke one belongs into its corpus.
set -uo pipefail

seconds=$1
shift

seeds_of() {
	local name=$1 dir dirs=("xsk/tests/corpus/$1")
	[[ $name != parse && $name != plan ]] || dirs+=(xsk/tests/good xsk/tests/bad specs)
	for dir in "${dirs[@]}"; do
		[[ ! -d $dir ]] || echo "$dir"
	done
}

fuzz() {
	local fuzzer=$1 corpus=$1.corpus log=$1.log name=${1##*/} seeds
	mapfile -t seeds < <(seeds_of "${name#fuzz_}")
	mkdir -p "$corpus"
	if "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 \
		-artifact_prefix="$fuzzer-" "$corpus" "${seeds[@]}" >"$log" 2>&1; then
		awk -v name="$name" '
			/number_of_executed_units/ { runs = $2 }
			/average_exec_per_sec/ { print "ok     ", name, runs, "runs,", $2, "a second" }' "$log"
		return 0
	fi
	echo "not ok  $name, see $log"
	sed '/^Shadow bytes/,/^==.*ABORTING/d' "$log" | tail -n 40 | sed 's/^/    | /'
	return 1
}

if (($# == 0)); then
	echo 'fuzz: no xsk/tests/fuzz_*.c' >&2
	exit 1
fi
status=0
while (($#)); do
	fuzz "$1" &
	first=$!
	shift
	if (($#)); then
		fuzz "$1" || status=1
		shift
	fi
	wait "$first" || status=1
done
exit "$status"
