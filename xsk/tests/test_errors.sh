#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every refusal that specs/errors provokes: does the diagnosis name the right cause and what helps?
# The same where nobody expects it: exit status 3, and nothing is left. $XSKSPEC is the program,
# $SCRATCH an empty folder.
set -uo pipefail

# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/tap.bash"

# One line a test: its name, what all its cases have to say (an extended regular expression).
causes='
chunk_too_small                at least 2048 bytes, not 1024 .*umem . frame_size 2048
chunk_no_power_of_two          power of two as their size, not 3000 .*frame_size 4096 .* or .*unaligned
chunk_above_page               8192 bytes is larger than a page.*at most 4096
chunk_above_page_in_hugepages  8192 bytes is larger than a page.*at most 4096
umem_without_chunk             hold not a single chunk of 4096 .*umem . frames N
umem_no_multiple               65440 bytes are no multiple of the chunk, 4000 too many .*size 61440
headroom_too_large             headroom of 4000 leaves too little of a chunk of 4096: this kernel takes at most 3[0-9]+ 
memlock_exhausted              RLIMIT_MEMLOCK is 64 KiB.*pins 256 KiB.*CAP_IPC_LOCK is missing.*ulimit -l 256
hugepages_exhausted            takes 524288 hugepages of 2048 KiB; the machine has [0-9]+ left.*vm.nr_hugepages
memory_exhausted               map 16777216 MiB: ENOMEM .[0-9]+ MiB of memory are available
rx_ring_no_power_of_two        make a rx ring of (3|100|2047): EINVAL .*power of two: (2 or 4|64 or 128|1024 or 2048)
tx_ring_no_power_of_two        make a tx ring of 100: EINVAL .*power of two: 64 or 128
fill_ring_no_power_of_two      make a fill ring of 100: EINVAL .*power of two: 64 or 128
completion_ring_no_power_of_two  make a completion ring of 100: EINVAL .*power of two: 64 or 128
zerocopy_on_veth               driver veth: xdp features .*, no xsk-zerocopy: copy only .*mode drv
queue_absent                   queue 5 does not exist: .a0. has 2 rx and 2 tx queues in use.*link . queues 6
no_ring                        neither an Rx nor a Tx ring .*rx_ring N
no_fill_ring                   has no fill ring.*socket . fill_ring N
no_completion_ring             has no completion ring.*socket . completion_ring N
own_rings_on_shared_queue      fill and a completion ring of its own, but queue 0 of this UMEM has them already
no_rings_on_another_queue      queue 1: .*first socket of a UMEM on a queue needs a fill and a completion ring
shared_with_mode               XDP_SHARED_UMEM excludes flags of the mode
shared_with_unbound            socket that it shares the UMEM with is not bound
copy_and_zerocopy              XDP_COPY and XDP_ZEROCOPY exclude each other
flag_unknown                   does not know the flag 0x4000
queue_taken_by_process         process [0-9]+ .xskspec-occupy. has a socket on queue 0 of .b0.: end it
queue_taken_by_socket          another socket of this case is on queue 0 of .a0.*share_umem
program_attached_natively      program [0-9]+ is attached to .b0. in native mode, kept by process [0-9]+ .xskspec-occupy.*kernel:
program_attached_generically   program [0-9]+ is attached to .b0. in generic mode, kept by process [0-9]+ .xskspec-occupy.*kernel:
native_over_generic            in generic mode, kept by process [0-9]+ .xskspec-occupy.*exclude each other.*mode skb.*kernel:
generic_over_native            in native mode, kept by process [0-9]+ .xskspec-occupy.*exclude each other.*mode drv.*kernel:
too_few_rx_queues              2 rx queues and its peer .b0. 3 tx queues.*rx_queues 3.*kernel:
peer_mtu_too_large             has MTU 9000, its peer .a0. 9000: too large.*link . mtu N .*kernel:
object_absent                  .no_such.bpf.o.: open: ENOENT .looked for .specs/errors/no_such.bpf.o.
object_folder                  .specs/errors/src.: read: EISDIR
object_device                  ./dev/null. is no regular file
object_text                    no ELF file: compile with .clang -O2 -g -target bpf -c
object_for_another_machine     ELF file for .*not for BPF
object_section_absent          program .xdp.frag.: ENOENT .did you mean .xdp.frags.. it has .to_sockets. in section .xdp., 
object_programs_unsaid         find the program: ENOTUNIQ .it has .to_sockets. in section .xdp.,.*say which .*section
object_section_of_two          program .xdp.frags.: ENOTUNIQ .it has .to_one., .count.: say which function
object_program_for_tc          .pass. in section .tc. is for tc, not for XDP
object_without_xskmap          find an XSKMAP: ENOENT .it has no maps
object_maps_unsaid             find the XSKMAP: ENOTUNIQ .*of type xskmap, .*of type xskmap: say which .*map 
object_map_absent              map .socket.: ENOENT .*.counts. of type array
object_map_of_another_type     map .counts.: EINVAL .its type is array
object_map_too_small           map .one_socket.: enter a socket at 3: E2BIG .it has 1 entry.*max_entries 4
object_huge_map                map .pages.: memory: ENOMEM .4194304 entries of 4100 bytes, and no more than 1024 MiB
object_license                 GPL.*at .bpf_printk.*license of the object is .Proprietary
object_refused_by_verifier     load .unchecked.: EACCES .*outside of the packet, at .if .eth->h_proto
object_tc_absent               .no_such.bpf.o.: open: ENOENT .looked for
object_tc_unsaid               find the program: ENOTUNIQ .it has .drop_third. in section .tc/third., 
object_tc_for_xdp              .to_sockets. in section .xdp. is for XDP, not for tc
object_without_frags           .b0. has MTU 9000.*or compile the program for fragments .SEC..xdp.frags.*kernel:
send_unbound                   bound to no queue
send_link_down                 .a0. is down: set it up
send_without_tx_ring           has no Tx ring .*tx_ring N
send_blocking                  MSG_DONTWAIT is missing
send_metadata_unknown          a flag that this kernel does not know
send_metadata_beyond           a checksum beyond the end of the packet
send_metadata_without_room     Tx metadata .XDP_TX_METADATA. that the UMEM was not registered with
'

# What only a device with zero-copy can show: skipped here.
skipped='zerocopy_mtu'

tests_of_specs() {
	sed -n 's/^test \([a-z0-9_]*\) {.*/\1/p' specs/errors/*.spec
}

# A test without a line above would go unlooked at.
all_are_listed() {
	diff <(tests_of_specs | sort) \
		<({ awk 'NF { print $1 }' <<<"$causes"; echo "$skipped"; } | sort)
}

run_specs() {
	"$XSKSPEC" run -j 2 specs/errors >"$SCRATCH/out" || { cat "$SCRATCH/out"; return 1; }
}

# Each case of a test passed, and the line below it has the cause.
names_cause() {
	local name=$1 cause=$2 n_cases n_good
	grep -A1 -E "^(not )?ok [0-9]+ errors/$name\[" "$SCRATCH/out"
	n_cases=$(grep -cE "^(not )?ok [0-9]+ errors/$name\[" "$SCRATCH/out")
	n_good=$(grep -A1 -E "^ok [0-9]+ errors/$name\[" "$SCRATCH/out" |
		grep -cE "^#   as expected: .*$cause")
	echo "expect '$cause' in each of $n_cases, actual $n_good"
	((n_cases > 0 && n_good == n_cases))
}

# What a run could leave on the machine.
traces() {
	ip -o link | cut -d: -f2
	cat /proc/sys/vm/nr_hugepages /proc/sys/vm/nr_overcommit_hugepages
	pgrep -fx "$XSKSPEC run .*" || true
}

# The kernel and the keeper of hugepages need a moment; 5 s are ample.
is_clean_soon() {
	local tries
	for ((tries = 0; tries < 100; tries++)); do
		[[ $(traces) == "$traces_before" ]] && return 0
		sleep 0.05
	done
	traces
	return 1
}

# unexpected TEXT TEST-TEXT: an error in all cases, with the text
unexpected() {
	local text=$1 file status=0
	file=$(spec t <<<"test t { wakeup softirq; $2 }")
	"$XSKSPEC" run "$file" >"$SCRATCH/t.tap" 2>&1 </dev/null || status=$?
	cat "$SCRATCH/t.tap"
	echo "expect status 3 and '$text', actual status $status"
	((status == 3)) && grep -qE "^not ok .*# ERROR .*$text" "$SCRATCH/t.tap" &&
		! grep -E '^(not )?ok' "$SCRATCH/t.tap" | grep -qvE "# ERROR .*$text"
}

# removed TEXT TEST-TEXT: the link is deleted, from outside, while the first case sends
removed() {
	local text=$1 file status=0 run_pid case_pid
	file=$(spec gone <<<"test gone { wakeup softirq; mode drv; $2 }")
	"$XSKSPEC" run "$file" >"$SCRATCH/t.tap" 2>&1 </dev/null &
	run_pid=$!
	until case_pid=$(pgrep -P "$run_pid") && grep -qs xskspec-rx "/proc/$case_pid/task/"*/comm; do
		kill -0 "$run_pid" || break # a child without such a thread is the probe
		sleep 0.02
	done
	sleep 0.2
	# The process makes its sockets in the namespace of one end, then of the other.
	nsenter -t "$case_pid" -n sh -c 'ip link del b0 || ip link del a0'
	wait "$run_pid" || status=$?
	cat "$SCRATCH/t.tap"
	echo "expect status 3 and '$text', actual status $status"
	((status == 3)) && grep -qE "^not ok 1 .*# ERROR .*$text" "$SCRATCH/t.tap"
}

send='send stream { packets 16 }'

if ((EUID != 0)); then
	skip 'needs root'
	finish
fi

traces_before=$(traces)
point 'every test of specs/errors has its cause here' all_are_listed
point 'specs/errors' run_specs
while read -r name cause; do
	[[ ! $name ]] || point "$name" names_cause "$name" "$cause"
done <<<"$causes"

point 'unexpected: a queue that is taken' unexpected \
	'EBUSY .process [0-9]+ .xskspec-occupy. has a socket on queue 0' "occupy b queue 0; $send"
point 'unexpected: a program in the way' unexpected \
	'EBUSY .program [0-9]+ is attached .*xskspec-occupy' "mode drv; occupy b program drv; $send"
point 'unexpected: a device that is down' unexpected 'ENETDOWN ..a0. is down' "link { down a }; $send"
point 'unexpected: too little to lock' unexpected 'ENOBUFS .RLIMIT_MEMLOCK is 4 KiB' \
	"umem { memlock 4KiB }; $send"
point 'unexpected: hugepages that are gone' unexpected 'ENOMEM .it takes 524288 hugepages' \
	"umem { hugepages; reserve off; frames 1 << 28 }; $send"
point 'unexpected: too much headroom' unexpected 'EINVAL .a headroom of 4000' \
	"umem { headroom 4000 }; $send"
point 'unexpected: too few rx queues' unexpected 'ENOSPC .*2 rx queues' \
	"mode drv; link { queues 3; rx_queues 2 }; $send"
point 'a link that is removed while packets are sent' removed \
	"the device 'a0' is gone: somebody removed it" \
	'send stream { packets 100000; pace 20kpps }'
point 'a link that is removed in one of many rounds' removed "'[ab]0'.*somebody removed it" \
	'repeat 1000 { send stream { packets 20; pace 1kpps } }'
point 'a link that is removed while nothing is sent' removed "'[ab]0'.*somebody removed it" \
	'send stream { packets 5; pace 1pps }'

# A close is not over when it returns: ten times two sockets are more than a millisecond of that.
tells_waits() {
	"$XSKSPEC" run "$(spec waits <<<"test waits { wakeup softirq; repeat 10 { $send } }")" >"$SCRATCH/t.tap" || return 1
	cat "$SCRATCH/t.tap"
	grep -qE '^# time .*, bind awaited [0-9]+\.[0-9] ms' "$SCRATCH/t.tap"
}
point 'how long a bind had to wait for the one before' tells_waits
point 'nothing is left of all that' is_clean_soon
finish
