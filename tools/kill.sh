#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: tools/kill.sh [N [SEED]]	as root; XSKSPEC=FILE for another program than build/xskspec
#
# Kills runs with SIGKILL at N random moments (20): the parent, a case, the whole
# group, or every process at once with those that only clean up. Some are runs of
# run_tests.sh. After each one no process, network namespace, device, BPF object,
# pin, raised limit of hugepages or file of the run may be left; what the kernel
# needs a moment for has a deadline. Other runs on the machine do no harm: what is
# held by a process that is not of this program's file is not ours.
set -uo pipefail

n_kills=${1:-20} seed=${2:-$RANDOM}
deadline_ds=100 # tenths of a second
root=$(dirname "$(dirname "$(realpath "$0")")")
BPFTOOL=$(compgen -G '/usr/lib/linux-tools/*/bpftool' | head -n 1)
BPFTOOL=${BPFTOOL:-$(PATH=$PATH:/usr/sbin:/sbin command -v bpftool)}
RANDOM=$seed

if ((EUID != 0)); then
	echo 'kill.sh: needs root' >&2
	exit 3
fi

work=$(mktemp -d)
program=$work/tree/build/xskspec
export TMPDIR=$work/tmp
trap 'rm -rf "$work"' EXIT

# A program file of our own: its processes are known by it. run_tests.sh finds it built.
set_up() {
	mkdir -p "$work/tree/build" "$work/tree/tools" "$work/tmp" "$work/cwd" "$work/specs"
	cp "${XSKSPEC:-$root/build/xskspec}" "$program" &&
		cp "$root/run_tests.sh" "$work/tree" && cp -r "$root/specs" "$work/tree" || exit 3
	printf '#!/bin/sh\n' >"$work/tree/tools/setup.sh"
	chmod +x "$work/tree/tools/setup.sh"
	printf 'all:\n' >"$work/tree/Makefile"
	mix=("$work/mix.spec" "$root"/specs/{basic/send_receive,dir/hops,edt/enforced,edt/senders,edt/set}.spec
		"$root"/specs/{umem/unaligned,umem/teardown,errors/bind,errors/attach,multibuf/jumbo}.spec
		"$root"/specs/{queues/four_at_once,stack/up_the_stack,xdp/drop_half,metadata/checksum}.spec)
	cat >"$work/mix.spec" <<-'END'
		test huge { umem { hugepages }; send stream { packets 20000 } }
		test slow { link { hops 3 }; send stream { packets 100; pace 1kpps } }
		test taken { mode drv; wakeup softirq; occupy b queue 0; expect error bind EBUSY }
		test tcp { link { hops 2 }; wakeup softirq
		           stream s { packets 100; len 1000; sender tcp; headers eth, ipv4, tcp; edt none }; send s }
	END
	"$program" check "$work/mix.spec" >/dev/null 2>&1 || sed -i '/test tcp/,$d' "$work/mix.spec"
	"$program" check "${mix[@]}" >/dev/null || exit 3
}

# ---- what there is ----

# Ours are all that run the file, also when it is deleted meanwhile.
our_pids() {
	find /proc -maxdepth 2 -name exe -lname "$program*" 2>/dev/null | sed 's,^/proc/\([0-9]*\)/exe$,\1,;/[^0-9]/d'
}

# The names of our programs and maps, as the kernel cuts them, for a regular expression.
bpf_names() {
	cat "$root"/bpf/*.[ch] |
		sed -nE 's/^\} ([a-z_]+) SEC\("\.maps"\);$/\1/p; s/^int (BPF_PROG\()?([a-z_]+)[(,].*/\2/p' |
		cut -c1-15 | sort -u | tr '\n' '|'
	echo 'xskspec[.].*'
}

# "KIND ID" for each object of ours, with "held" behind it if some process has a descriptor of it.
bpf_objects() {
	local kind
	for kind in prog map link; do
		"$BPFTOOL" -j "$kind" show 2>/dev/null | jq -r --arg kind "$kind" --arg names "^($bpf_names)$" '
			.[] | select($kind == "link" or ((.name // "") | test($names))) |
			"\($kind) \(.id) \(if (.pids // []) == [] then "" else "held" end)"'
	done
}

# All that is on the machine beside processes and BPF objects.
surroundings() {
	ip -o link | cut -d: -f2 | cut -d@ -f1
	ip netns list 2>/dev/null
	grep -c nsfs /proc/mounts
	ls /sys/fs/bpf /dev/shm 2>/dev/null
	cat /proc/sys/vm/nr_hugepages
	find "$work/tmp" "$work/cwd"
}

# Raised by us, or by others? Their entries in the journal are held by living processes.
limit_is_back() {
	local limit
	limit=$(</proc/sys/vm/nr_overcommit_hugepages)
	((limit == limit_before))
}

no_process() {
	[[ ! $(our_pids) ]]
}

surroundings_are_back() {
	[[ $(surroundings) == "$surroundings_before" ]]
}

# New since before and in nobody's hands. Those of others that end meanwhile go by themselves.
bpf_left() {
	comm -13 <(cut -d' ' -f1,2 <<<"$bpf_before" | sort) \
		<(bpf_objects | awk '$3 != "held" { print $1, $2 }' | sort) |
		grep -xE "${candidates:-.*}"
}

no_bpf() {
	local left
	left=$(bpf_left)
	candidates=${candidates:-$left}
	[[ ! $left ]]
}

others_run() {
	pgrep -x 'xskspec|test_.*' | grep -qvxF "$(our_pids)"
}

# soon NAME COMMAND...: while others run, what they have and nobody holds is not to be told from ours
soon() {
	local name=$1 tries patience
	shift
	for ((tries = 0, patience = 900; tries < deadline_ds; patience--)); do
		"$@" && return 0
		((patience > 0)) && others_run || tries=$((tries + 1))
		sleep 0.1
	done
	echo "not ok: kill $k of $n_kills, seed $seed ($how): left: $name"
	return 1
}

# ---- one kill ----

start() {
	local specs=() n
	for ((n = 0; n < 4; n++)); do
		specs+=("${mix[RANDOM % ${#mix[@]}]}")
	done
	mapfile -t specs < <(printf '%s\n' "$work/mix.spec" "${specs[@]}" | sort -u)
	if ((RANDOM % 5)); then
		how="run -j 2"
		setsid "$program" run -j 2 "${specs[@]}" >"$work/out" 2>&1 </dev/null &
	else
		how=run_tests.sh
		setsid "$work/tree/run_tests.sh" >"$work/out" 2>&1 </dev/null &
	fi
	pid=$!
}

strike() {
	local victims
	case $((RANDOM % 4)) in
	0) # its children are to die with it
		how+=", the parent"
		kill -KILL "$pid"
		;;
	1) # the run goes on; what it does without the case has been seen elsewhere
		how+=", a case and then the parent"
		mapfile -t victims < <(pgrep -P "$pid")
		((${#victims[@]})) && kill -KILL "${victims[RANDOM % ${#victims[@]}]}"
		sleep 0.0$((RANDOM % 10))
		kill -KILL "$pid"
		;;
	2)
		how+=", the group"
		kill -KILL -- "-$pid"
		;;
	3) # also the keepers of hugepages, which have left the group
		how+=", everything"
		mapfile -t victims < <(our_pids)
		kill -KILL "$pid" "${victims[@]}"
		;;
	esac 2>/dev/null
}

# After a kill of everything it is the next run that lowers the limit again.
run_once() {
	"$program" run --case mode=drv,wakeup=softirq "$root/specs/basic/single_packet.spec" >"$work/out" 2>&1 </dev/null
}

one_kill() {
	local status=0
	candidates=
	start
	sleep "$((RANDOM % 2)).$(printf '%03d' $((RANDOM % 1000)))"
	kill -0 "$pid" 2>/dev/null && n_alive=$((n_alive + 1))
	strike
	wait "$pid" 2>/dev/null
	soon 'a process' no_process || { our_pids | xargs -r ps -fp; status=1; }
	if [[ $how == *everything ]] && ! run_once; then
		echo "not ok: kill $k of $n_kills, seed $seed ($how): the next run fails"
		cat "$work/out"
		status=1
	fi
	soon 'BPF objects' no_bpf || { bpf_left; status=1; }
	soon 'devices, namespaces, pins or files' surroundings_are_back ||
		{ diff <(echo "$surroundings_before") <(surroundings); status=1; }
	soon 'the limit of hugepages' limit_is_back || status=1
	return "$status"
}

# Namespaces that nobody holds and that still are there show only as objects of the kernel's.
namespaces() {
	awk '$1 == "net_namespace" { print $2 }' /proc/slabinfo
}

set_up
bpf_names=$(bpf_names)
bpf_before=$(bpf_objects)
surroundings_before=$(surroundings)
limit_before=$(</proc/sys/vm/nr_overcommit_hugepages)
namespaces_before=$(namespaces)
n_survived=0 n_alive=0
declare -A n_how=()
for ((k = 1; k <= n_kills; k++)); do
	one_kill && n_survived=$((n_survived + 1))
	n_how[$how]=$((${n_how[$how]:-0} + 1))
done
for how in "${!n_how[@]}"; do
	echo "# ${n_how[$how]} of $how"
done | sort -k 4
echo "# network namespaces in the kernel: $namespaces_before before, $(namespaces) after"
echo "$n_survived of $n_kills kills survived, $n_alive in the middle of a run, seed $seed"
((n_survived == n_kills && n_kills > 0))
