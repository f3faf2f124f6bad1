#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The machine's own limits: each allocation, open, socket, map, process and BPF call fails once (of
# many, a sample), limits are low, outputs full or closed. Whatever is refused, the program ends soon,
# with a status of its own and a sentence, and leaves nothing. FAULT_SAMPLES is how many calls of a
# kind fail at most, 12 if not said. $XSKSPEC is the program, $SCRATCH an empty folder.
set -uo pipefail

# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/tap.bash"

samples=${FAULT_SAMPLES:-12}
build=${XSKSPEC%/*}
faults=$build/tests/faults.so
good=$(spec good <<<'test good { send stream { packets 10; len imix } }')
huge=$(spec huge <<<'test huge { mode drv; wakeup softirq; umem { hugepages }; send stream { packets 10 } }')
n_faults=0

# The program, for 20 s at most.
program=(timeout --foreground -k 1 20 "$XSKSPEC")

# ends STATUSES TEXT COMMAND...: with one of the statuses, and where that is an error
# something is said that fits the text
ends() {
	local statuses=$1 text=$2 status=0
	shift 2
	"$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null || status=$?
	[[ " $statuses " == *" $status "* ]] && { ((status == 0)) || grep -qE -- "$text" "$SCRATCH/out" "$SCRATCH/err"; } &&
		return 0
	echo "$*: expect status $statuses and '$text', actual status $status"
	head -n 20 "$SCRATCH/out" "$SCRATCH/err"
	return 1
}

# The n-th call of the kind fails.
with_fault() {
	local kind=$1 n=$2
	shift 2
	head -c 8 /dev/zero >"$SCRATCH/count"
	timeout --foreground -k 1 20 env LD_PRELOAD="$faults" FAULT_KIND="$kind" FAULT_N="$n" FAULT_COUNT="$SCRATCH/count" "$@"
}

calls() {
	od -An -t u8 "$SCRATCH/count" | tr -d ' '
}

# survives KIND COMMAND...: whichever call fails
survives() {
	local kind=$1 n total step
	shift
	ends 0 '' with_fault "$kind" 0 "$@" || return 1
	total=$(calls)
	step=$((total > samples ? total / samples : 1))
	# A sample has a call of each kind at the beginning, where things differ most.
	for ((n = 1; n <= total; n += n < 8 ? 1 : step)); do
		ends '0 1 2 3' "$says" with_fault "$kind" "$n" "$@" || { echo "fault $kind $n of $total"; return 1; }
		n_faults=$((n_faults + 1))
	done
}

left() {
	ip -o link | cut -d: -f2
	ip netns list 2>/dev/null
	ls /sys/fs/bpf 2>/dev/null
	pgrep -fx "$XSKSPEC .*$SCRATCH.*" || true
}

soon_is_clean() {
	local tries
	for ((tries = 0; tries < 100; tries++)); do
		[[ $(left) == "$left_before" ]] && return 0
		sleep 0.05
	done
	diff <(echo "$left_before") <(left)
}

left_before=$(left)
if [[ -e $faults && $XSKSPEC != */san-* ]]; then
	says='xskspec: |out of memory'
	for kind in malloc open mmap; do
		for command in check list explain; do
			point "$command: $kind fails" survives "$kind" "$XSKSPEC" "$command" "$good"
		done
	done
	if ((EUID == 0)); then
		says='Bail out!|# ERROR|# BUG|xskspec: |out of memory|^not ok'
		for kind in malloc open socket setsockopt mmap fd fork thread bpf; do
			point "run: $kind fails" survives "$kind" "$XSKSPEC" run -j 2 "$good"
		done
		for kind in fork socket open; do
			point "run with hugepages: $kind fails" survives "$kind" "$XSKSPEC" run "$huge"
		done
	fi
	echo "# $n_faults faults"
else
	skip 'faults: not in a sanitizer build, which has its own malloc'
fi

# ---- limits ----

limited() {
	timeout --foreground -k 1 20 prlimit "$@"
}

if ((EUID == 0)) && [[ $XSKSPEC != */san-* ]]; then
	says='Bail out!|# ERROR|# BUG|xskspec: |out of memory|^not ok|error while loading'
	for n in 3 4 5 6 8 10 12 14 16 18 20 24 28 32 40; do
		point "run with $n descriptors" ends '0 1 3 127' "$says" limited --nofile="$n" "$XSKSPEC" run -j 2 "$good"
	done
	for mib in 4 8 12 16 24 32 48; do
		point "run in $mib MiB of addresses" ends '0 1 3 127 134' "$says" \
			limited --as=$((mib << 20)) "$XSKSPEC" run -j 2 "$good"
	done
fi

# ---- outputs and inputs ----

to() {
	local file=$1
	shift
	"$@" >"$file"
}
without() {
	local fd=$1
	shift
	case $fd in
	0) "$@" <&- ;;
	1) "$@" >&- ;;
	2) "$@" 2>&- ;;
	esac
}
piped() {
	"$@" | head -n 1
	return "${PIPESTATUS[0]}"
}

commands=(list check explain)
((EUID != 0)) || commands+=(run)
for command in "${commands[@]}"; do
	point "$command to a full disk" ends 3 'cannot write to stdout: (No space|ENOSPC)' to /dev/full "${program[@]}" "$command" "$good"
	point "$command without stdout" ends 3 'stdout' without 1 "${program[@]}" "$command" "$good"
	point "$command without stdin" ends 0 '' without 0 "${program[@]}" "$command" "$good"
	point "$command without stderr" ends 0 '' without 2 "${program[@]}" "$command" "$good"
	point "$command to a reader that goes" ends '0 3' 'stdout' piped "${program[@]}" "$command" "$good"
done

if ((EUID == 0)); then
	in_user_namespace() {
		unshare -U -r -n "${program[@]}" run "$good"
	}
	point 'run in a user namespace' ends '0 1 3' 'Bail out! |ERROR' in_user_namespace
	without_mount() {
		local what=$1
		shift
		# shellcheck disable=SC2016 # for the inner shell
		unshare -m sh -c 'mount -t tmpfs none "$1" && shift && exec "$@"' sh "$what" "$@"
	}
	for what in /proc /sys; do
		# Sanitizers look for threads and for their own program there.
		[[ $what == /sys || $XSKSPEC != */san-* ]] || continue
		point "run without $what" ends '0 1 3' 'Bail out! |ERROR' without_mount "$what" "${program[@]}" run "$good"
		point "check without $what" ends 0 '' without_mount "$what" "${program[@]}" check "$good"
	done
	read_only() {
		# shellcheck disable=SC2016 # for the inner shell
		unshare -m sh -c 'mount -t tmpfs -o ro none /run && exec "$@"' sh "$@"
	}
	point 'hugepages without a journal' ends 0 '' read_only "${program[@]}" run "$huge"
fi
point 'nothing is left' soon_is_clean
finish
