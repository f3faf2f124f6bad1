#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: tools/layers.sh BUILD_DIR
#
# Arrows point one way: cmd -> run -> {ring, link} -> plan -> lang -> base, and
# only cmd knows out. Looks for includes against them, and into the objects of
# the pure parts for calls that are not pure and for variables. BUILD_DIR holds
# the objects of a build without sanitizers, which bring symbols of their own.
set -euo pipefail
shopt -s nullglob

build_dir=$1
n_violations=0

# What each folder of xsk/ may include, besides itself. cmd (xsk/*.c) and tests may all.
declare -A may_include=(
	[base]=''
	[lang]='base/'
	[plan]='base/ lang/'
	[link]='base/ lang/ plan/ ring/ bpf/'
	[ring]='base/ lang/ plan/ link/'
	[run]='base/ lang/ plan/ link/ ring/ bpf/'
	[out]='base/ lang/ plan/ ring/audit.h run/result.h run/verdict.h'
)

# What pure objects may call: computing on memory, nothing that the kernel sees.
pure_libc='mem[a-z]+|str[a-z_]+|v?snprintf|(m|c|re)alloc|free|abort|__assert_fail|qsort|bsearch|inet_(ntop|pton)'
pure_libc+='|__ctype_[a-z]+_loc|to(upper|lower)|__errno_location'
pure_libc+='|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_'
# As _FORTIFY_SOURCE and newer C libraries call the same.
pure_libc+='|__(mem|str|v?snp)[a-z]+_chk|__isoc[0-9]+_str[a-z]+'

violation() {
	echo "$1" >&2
	n_violations=$((n_violations + 1))
}

check_includes() {
	local folder=$1 allowed=$2 hit header prefix is_allowed
	while read -r hit; do
		header=${hit#*\"} header=${header%%\"*}
		[[ $header == */* ]] || continue
		is_allowed=
		for prefix in "$folder/" $allowed; do
			[[ $header == "$prefix"* ]] && is_allowed=yes
		done
		[[ $is_allowed ]] || violation "${hit%:*}: layers: xsk/$folder may not include $header"
	done < <(grep -rn --include='*.[ch]' '^#include "' "xsk/$folder")
}

# Where object $1 refers to symbol $2, as far as its debug information tells.
place_of() {
	nm -u -l "$1" | sed -n "s|^ *U $2\t||p" | sed "s|^$PWD/||"
}

# Pure objects $2 may call the C library's pure part ($3 more) and what objects $4 define.
check_calls() {
	local layer=$1 objects=$2 allowed="^($pure_libc${3:+|$3})$" friends=$4 defined object symbol place
	# shellcheck disable=SC2086 # a list of files
	defined=$(nm --defined-only -g $friends | awk 'NF == 3 { print $3 }' | sort -u)
	for object in $objects; do
		while read -r symbol; do
			place=$(place_of "$object" "$symbol")
			violation "${place:-$object}: layers: $layer is pure and may not use $symbol"
		done < <(comm -23 <(nm -u "$object" | awk '{ print $2 }' | sort) - <<<"$defined" |
			grep -vE "$allowed")
	done
}

# Tables are constant; the name of an unknown errno, one for each thread, is in .tbss.
check_variables() {
	local layer=$1 objects=$2 object symbol
	for object in $objects; do
		while read -r symbol; do
			violation "$object: layers: $layer is pure and may not have the variable $symbol"
		done < <(nm -f sysv "$object" | awk -F'|' '
			$7 ~ /^\.(data|bss)/ && $7 !~ /^\.data\.rel\.ro/ && $4 ~ /OBJECT/ { print $1 }')
	done
}

check_pure() {
	[[ $2 ]] || return 0
	check_calls "$@"
	check_variables "$1" "$2"
}

objects_of() {
	local source object
	for source in "$@"; do
		object=$build_dir/${source%.c}.o
		if [[ ! -e $object ]]; then
			echo "$object: layers: is not built" >&2
			return 1
		fi
		echo "$object"
	done
}

for folder in "${!may_include[@]}"; do
	check_includes "$folder" "${may_include[$folder]}"
done

mem=$(objects_of xsk/base/mem.c)
base=$(objects_of xsk/base/*.c)
lang=$(objects_of xsk/lang/*.c)
plan=$(objects_of xsk/plan/*.c)
audit=$(objects_of xsk/ring/audit*.c)
verdict=$(objects_of xsk/run/verdict*.c xsk/run/result*.c)
check_pure base "$(grep -vxF "$mem" <<<"$base")" '' "$base"
check_pure base/mem "$mem" 'fprintf|fwrite|stderr' "$base"
check_pure lang "$lang" '' "$lang $base"
check_pure plan "$plan" '' "$plan $lang $base"
check_pure ring/audit "$audit" '' "$audit $base"
check_pure run/verdict "$verdict" '' "$verdict $audit $plan $lang $base"

((n_violations == 0))
