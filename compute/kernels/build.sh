#!/bin/sh
# Rebuilds sparse.wasm from sparse.c. Needs clang 16 or later (the final relaxed SIMD opcodes) with the wasm32 target and
# wasm-ld; users need neither. No threads are made inside: every thread instantiates the module over the same shared memory,
# with a stack of its own.
cd "$(dirname "$0")" || exit 1
"${CLANG:-clang-16}" --target=wasm32 -O3 -msimd128 -mrelaxed-simd -matomics -mbulk-memory -mmutable-globals \
  -ffreestanding -nostdlib -ffp-contract=off \
  -Wl,--no-entry -Wl,--import-memory -Wl,--shared-memory -Wl,--max-memory=4294967296 \
  -Wl,--export=__stack_pointer -Wl,--strip-all -Wl,-z,stack-size=65536 -o sparse.wasm sparse.c
