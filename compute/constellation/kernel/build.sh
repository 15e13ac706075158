#!/bin/sh
# Rebuilds contrastive.wasm from contrastive.c. Needs clang 16 or later (the final relaxed SIMD opcodes) with the wasm32 target
# and wasm-ld; users need neither.
cd "$(dirname "$0")" || exit 1
"${CLANG:-clang-16}" --target=wasm32 -O3 -msimd128 -mrelaxed-simd -ffreestanding -nostdlib -fno-builtin -ffp-contract=off \
  -Wl,--no-entry -Wl,--import-memory -Wl,--export=__heap_base -Wl,--strip-all \
  -Wl,-z,stack-size=65536 -o contrastive.wasm contrastive.c
