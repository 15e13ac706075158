#!/bin/sh
# Rebuilds kernels.wasm from kernels.c and newton.wasm from newton.c. Needs clang and lld (Debian: apt-get install clang lld);
# nothing at run time does.
set -e
cd "$(dirname "$0")"
for name in kernels newton; do
  clang --target=wasm32 -O3 -msimd128 -ffp-contract=off -fno-fast-math -nostdlib -fno-builtin \
    -Wl,--no-entry -Wl,--import-memory -Wl,--export=__heap_base -Wl,--max-memory=4294967296 -Wl,--strip-all -o $name.wasm $name.c
done
