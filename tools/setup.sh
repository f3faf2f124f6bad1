#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: tools/setup.sh [--check] [GROUP...]		groups: build test lint fuzz san; default: all
#
# Finds out which tools and libraries are missing and installs the packages that
# bring them (root and apt, dnf, pacman, zypper or apk needed). With --check it
# only names them and exits with 1. Says nothing and is fast when all is there.
set -euo pipefail

# Where distributions keep administrators' tools; users' PATHs often lack it.
PATH=$PATH:/usr/sbin:/sbin

# How to install with each package manager, in the order of the columns below.
managers=(apt-get dnf pacman zypper apk)
declare -A install=(
	[apt-get]='apt-get -y install --no-install-recommends'
	[dnf]='dnf -y install'
	[pacman]='pacman -Sy --needed --noconfirm'
	[zypper]='zypper --non-interactive install'
	[apk]='apk add'
)

# One row a need: its group, how to find it (a command, a pkg-config module or
# files of which one must exist), the package of each package manager.
needs='
build command gcc               gcc              gcc                 gcc        gcc              gcc
build command make              make             make                make       make             make
build command pkg-config        pkg-config       pkgconf-pkg-config  pkgconf    pkgconf          pkgconf
build command clang             clang            clang               clang      clang            clang
build command llvm-strip        llvm             llvm                llvm       llvm             llvm
build command bpftool           bpftool          bpftool             bpf        bpftool          bpftool
build module  libxdp            libxdp-dev       libxdp-devel        xdp-tools  libxdp-devel     libxdp-dev
build module  libbpf            libbpf-dev       libbpf-devel        libbpf     libbpf-devel     libbpf-dev
build module  libelf            libelf-dev       elfutils-devel      libelf     libelf-devel     elfutils-dev
build module  libpcap           libpcap-dev      libpcap-devel       libpcap    libpcap-devel    libpcap-dev
build module  libnl-3.0         libnl-3-dev      libnl3-devel        libnl      libnl3-devel     libnl3-dev
build module  libnl-route-3.0   libnl-route-3-dev libnl3-devel       libnl      libnl3-devel     libnl3-dev
build module  libnl-genl-3.0    libnl-genl-3-dev libnl3-devel        libnl      libnl3-devel     libnl3-dev
build module  json-c            libjson-c-dev    json-c-devel        json-c     libjson-c-devel  json-c-dev
build file    linux/if_xdp.h    linux-libc-dev   kernel-headers      linux-api-headers linux-glibc-devel linux-headers
test  command ip                iproute2         iproute             iproute2   iproute2         iproute2
test  command pgrep             procps           procps-ng           procps-ng  procps           procps
lint  command clang-format      clang-format     clang-tools-extra   clang      clang            clang-extra-tools
lint  command shellcheck        shellcheck       ShellCheck          shellcheck ShellCheck       shellcheck
fuzz  file    libclang_rt.fuzzer libclang-rt-dev compiler-rt         compiler-rt compiler-rt     compiler-rt
san   file    libasan           gcc              libasan             gcc-libs   gcc              gcc
san   file    libubsan          gcc              libubsan            gcc-libs   gcc              gcc
san   file    libtsan           gcc              libtsan             gcc-libs   gcc              gcc
'

die() {
	echo "setup: $*" >&2
	exit 1
}

# Sets manager and column: its name and its place in the table; apt's where there is none.
find_manager() {
	manager='' column=0
	for i in "${!managers[@]}"; do
		if command -v "${managers[i]}" >/dev/null; then
			manager=${managers[i]} column=$i
			return
		fi
	done
}

has_file() {
	local clang
	case $1 in
	*.h)
		compgen -G "/usr/include/$1"
		;;
	libclang_rt.*)
		clang=$(readlink -f "$(command -v clang)") || return 1
		compgen -G "${clang%/bin/*}/lib*/clang/*/lib/*/$1*"
		;;
	*)
		compgen -G "/usr/lib*/gcc/*/*/$1.*"
		;;
	esac >/dev/null
}

has() {
	case $1 in
	command) command -v "$2" >/dev/null ;;
	module) pkg-config --exists "$2" 2>/dev/null ;;
	file) has_file "$2" ;;
	esac
}

# All modules of the table in one go: the common case costs one process, not seven.
has_all_modules() {
	local modules
	modules=$(awk '$2 == "module" { print $3 }' <<<"$needs")
	# shellcheck disable=SC2086 # one word a module
	pkg-config --exists $modules 2>/dev/null
}

# Fills missing (what, and who brings it) and packages.
find_missing() {
	local group kind name names package modules_are_there=
	missing=() packages=()
	has_all_modules && modules_are_there=yes
	while read -r group kind name names; do
		[[ $group && " $groups " == *" $group "* ]] || continue
		[[ $kind == module && $modules_are_there ]] && continue
		has "$kind" "$name" && continue
		read -ra names <<<"$names"
		package=${names[column]}
		missing+=("$name (package $package)")
		[[ " ${packages[*]} " == *" $package "* ]] || packages+=("$package")
	done <<<"$needs"
}

complain_missing() {
	printf 'setup: missing: %s\n' "${missing[@]}" >&2
}

install_packages() {
	# One broken repository of many is no reason to stop: install says if it mattered.
	[[ $manager != apt-get ]] || apt-get update >&2 || true
	# shellcheck disable=SC2086 # a command and its options
	DEBIAN_FRONTEND=noninteractive ${install[$manager]} "${packages[@]}" </dev/null >&2
}

is_check=
if [[ ${1:-} == --check ]]; then
	is_check=yes
	shift
fi
groups=${*:-build test lint fuzz san}

find_manager
find_missing
((${#missing[@]})) || exit 0
complain_missing
[[ $manager ]] || die "no package manager known here (${managers[*]}): install them by hand"
remedy="${install[$manager]} ${packages[*]}"
[[ ! $is_check ]] || die "as root: $remedy"
((EUID == 0)) || die "not root, nothing was installed; as root: $remedy"
install_packages || die "could not install (network?); needed: $remedy"
find_missing
((${#missing[@]})) || exit 0
complain_missing
die "still missing after: $remedy"
