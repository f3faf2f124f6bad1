# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What guests of tools/vm/run are made of: kernels and, where the machine has none, QEMU, as
# packages of Debian that are unpacked into a folder and not installed. To be sourced.
#
#	$cache/tools	 busybox, QEMU and the libraries that it lacks
#	$cache/kernel-V  vmlinux, and lib/modules as in the package
#	$cache/apt	 what apt knows and fetches

cache=${XSKSPEC_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xskspec-vm}
tools=$cache/tools

die() {
	echo "vm: $*" >&2
	exit 125
}

say() {
	echo "vm: $*" >&2
}

# With a state of its own, apt needs no rights and leaves the machine's as it is.
own_apt() {
	"$@" -qq -o Dir::State::Lists="$cache/apt/lists" -o Dir::Cache="$cache/apt" \
		-o Debug::NoLocking=1 -o APT::Sandbox::User=root </dev/null
}

# Lists of a mirror name what was there when they were made: always those of today. One broken
# source of many is no reason to stop, what is fetched then says if it mattered.
update_apt() {
	command -v apt-get dpkg-deb >/dev/null ||
		die 'needs apt-get and dpkg-deb: kernels for guests are packages of Debian'
	mkdir -p "$cache/apt/lists/partial" "$cache/apt/archives/partial"
	own_apt apt-get update || true
}

# Unpacks all packages that were fetched into a folder, and forgets them.
unpack_into() {
	local package
	for package in "$cache"/apt/archives/*.deb; do
		dpkg-deb -x "$package" "$1"
	done
	rm -f "$cache"/apt/archives/*.deb
}

# A folder of the cache is complete or is not there: $1 with what the command makes in a new one.
make_folder() {
	local folder=$1
	shift
	rm -rf "$folder.new"
	mkdir -p "$folder.new"
	"$@" "$folder.new"
	mv "$folder.new" "$folder"
}

# ---- tools ----

fetch_tools() {
	local wanted=(busybox-static)
	command -v qemu-system-x86_64 >/dev/null || wanted+=(qemu-system-x86)
	say "fetching ${wanted[*]} (once, into $cache)"
	update_apt
	# A package that is installed would not be fetched, so busybox-static is, one way or the other.
	own_apt apt-get --download-only --no-install-recommends --reinstall -y install "${wanted[@]}" ||
		die "cannot fetch ${wanted[*]}; QEMU may also be installed: package qemu-system-x86"
	unpack_into "$1"
}

# Sets qemu for whoever sources this: the command and its first options.
# shellcheck disable=SC2034
find_qemu() {
	local libs=$tools/usr/lib/x86_64-linux-gnu
	if [[ -x $tools/usr/bin/qemu-system-x86_64 ]]; then
		qemu=(env "LD_LIBRARY_PATH=$libs:$tools/lib/x86_64-linux-gnu" "QEMU_MODULE_DIR=$libs/qemu"
			"$tools/usr/bin/qemu-system-x86_64" -L "$tools/usr/share/qemu" -L "$tools/usr/share/seabios")
	else
		qemu=(qemu-system-x86_64)
	fi
}

# ---- kernels ----

# The newest package of a series, without the variants for clouds and real time.
newest_kernel() {
	own_apt apt-cache search --names-only "^linux-image-${1/./[.]}[.][^ ]*-amd64-unsigned$" |
		awk '$1 !~ /-(cloud|rt)-/ { print $1 }' | sort -V | tail -n 1
}

# A number in the header of a bzImage: its offset, its size in bytes.
header_of() {
	od -An -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# The kernel proper, that QEMU can enter at once (PVH): unpacking itself takes it another second or
# more under emulation. Where it lies is in Documentation/arch/x86/boot.rst.
unpack_kernel() {
	local image=$1 start size
	start=$((($(header_of "$image" 497 1) + 1) * 512 + $(header_of "$image" 584 4)))
	size=$(header_of "$image" 588 4)
	size=$((size - 4)) # without the size of what comes out, behind it
	head -c "$((start + size))" "$image" | tail -c "$size" |
		case $(od -An -t x1 -j "$start" -N 4 "$image") in
		' 28 b5 2f fd') zstd -dc ;;
		' fd 37 7a 58') xz -dc ;;
		*) die "$image: neither xz nor zstd" ;;
		esac
}

fetch_kernel() {
	local series=$1 package
	say "fetching Linux $series (once, into $cache)"
	update_apt
	package=$(newest_kernel "$series")
	[[ $package ]] || die "no package linux-image-$series.*-amd64-unsigned in the sources of apt here"
	(cd "$cache/apt/archives" && own_apt apt-get download "$package") || die "cannot fetch $package"
	unpack_into "$2"
	unpack_kernel "$2"/boot/vmlinuz-* >"$2/vmlinux"
	rm -rf "${2:?}"/{boot,usr}
}

# All that a guest of a series needs. One at a time, so that two do not fetch the same.
fill_cache() {
	[[ $(uname -m) == x86_64 ]] || die "guests are x86-64 machines, this is $(uname -m)"
	mkdir -p "$cache"
	{
		flock 9
		[[ -d $tools ]] || make_folder "$tools" fetch_tools
		[[ -d $cache/kernel-$1 ]] || make_folder "$cache/kernel-$1" fetch_kernel "$1"
	} 9>"$cache/lock"
	find_qemu
}
