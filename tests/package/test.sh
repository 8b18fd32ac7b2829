#!/bin/sh
# Installs BUILD into a folder of its own and builds and runs a program against it.
#
#   tests/package/test.sh BUILD WORK
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$2"
cmake --install "$1" --prefix "$2/prefix" >/dev/null
cmake -S "$here" -B "$2/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$2/prefix" >/dev/null
cmake --build "$2/build"
"$2/build/consumer"
"$2/prefix/bin/initsweep" --version
