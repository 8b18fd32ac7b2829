#!/bin/sh
# The program runs on processors of the level it is built for: instructions on wider registers stand only in the kernels
# of later levels, which are chosen at run time. Usage: portable_test.sh PROGRAM
set -eu
code=$(mktemp)
trap 'rm -f "$code"' EXIT
objdump --disassemble --demangle --no-show-raw-insn "$1" > "$code"
wide=$(awk '/^[0-9a-f]+ <.*>:$/ { name = $0 } /%[yz]mm/ { print name }' "$code" | sort -u)
[ -n "$wide" ] || { echo "portable: no wide instruction found, not even in the kernels" >&2; exit 1; }
if echo "$wide" | grep -v 'initsweep::N_AVX[23]::'; then
  echo "portable: these functions of $1 use wide registers outside the kernels that are chosen at run time" >&2
  exit 1
fi
