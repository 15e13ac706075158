/**
 * The fused kernels of contrastive.c with their memory: float32 WebAssembly SIMD, single-threaded, deterministic.
 *
 * A caller allocates arrays once and passes them to the kernels, which are documented in the C source. `training` in
 * `fusedTraining.ts` is tested against the tensor program of the same step.
 */
import { contrastiveModule } from "./module.ts"

/** Where an array starts in the module's memory, and the array itself (valid until the next allocation). */
export interface Block<A extends Float32Array | Float64Array> {
  readonly at: number
  readonly length: number
  /** The present view: growing the memory replaces the buffer, so views are made when asked for. */
  readonly view: () => A
}

interface Exports {
  readonly __heap_base: WebAssembly.Global
  readonly pass: (...numbers: ReadonlyArray<number>) => void
  readonly update: (...numbers: ReadonlyArray<number>) => void
  readonly measure: (...numbers: ReadonlyArray<number>) => void
  readonly scores: (...numbers: ReadonlyArray<number>) => void
}

export interface Kernel {
  readonly floats: (length: number) => Block<Float32Array>
  readonly doubles: (length: number) => Block<Float64Array>
  readonly run: Omit<Exports, "__heap_base">
}

const page = 65_536

const grow = (memory: WebAssembly.Memory, missing: number): void => {
  try {
    memory.grow(Math.ceil(missing / page))
  } catch {
    const needed = Math.ceil((memory.buffer.byteLength + missing) / 2 ** 20)
    throw new RangeError(
      needed > 4096
        ? `The vectors need ${needed} MiB, and a kernel addresses 4,096: give fewer of them, or fewer dimensions.`
        : `The vectors need ${needed} MiB, which this machine does not give.`
    )
  }
}

/** A fresh instance with memory of its own. */
export const openKernel = (): Kernel => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 65_536 })
  const instance = new WebAssembly.Instance(contrastiveModule(), { env: { memory } })
  const exports = instance.exports as unknown as Exports
  let next = Math.ceil(Number(exports.__heap_base.value) / 16) * 16

  const allocate = <A extends Float32Array | Float64Array>(
    length: number,
    size: number,
    view: (at: number) => A
  ): Block<A> => {
    const at = next
    next = Math.ceil((at + length * size) / 16) * 16
    const missing = next - memory.buffer.byteLength
    if (missing > 0) grow(memory, missing)
    return { at, length, view: () => view(at) }
  }

  return {
    floats: (length) => allocate(length, 4, (at) => new Float32Array(memory.buffer, at, length)),
    doubles: (length) => allocate(length, 8, (at) => new Float64Array(memory.buffer, at, length)),
    run: exports
  }
}
