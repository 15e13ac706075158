#!/bin/sh
# Rebuilds sparse.wasm from sparse.c. Needs clang with the wasm32 target and wasm-ld; users need neither. No threads are made
# inside: every thread instantiates the module over the same shared memory, with a stack of its own.
cd "$(dirname "$0")" || exit 1
clang --target=wasm32 -O3 -msimd128 -matomics -mbulk-memory -mmutable-globals -ffreestanding -nostdlib -ffp-contract=off \
  -Wl,--no-entry -Wl,--import-memory -Wl,--shared-memory -Wl,--max-memory=4294967296 \
  -Wl,--export=__stack_pointer -Wl,--strip-all -Wl,-z,stack-size=65536 -o sparse.wasm sparse.c
