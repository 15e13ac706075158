/**
 * A thread of `kernelPairs.ts`: sums loss and gradients over all pairs of some rows with every column, by the `tile` kernel
 * of contrastive.c. Plain JavaScript, so that Node runs it as it is.
 *
 * Vectors arrive row-major in shared memory, [2, items, dims], and are packed by tiles of `tile` items, coordinate-major.
 */
import { parentPort, workerData } from "node:worker_threads"

const { dims, items, module, tile, vectors: shared } = workerData
const vectors = new Float32Array(shared)
const tiles = Math.ceil(items / tile)
const each = dims * tile
const memory = new WebAssembly.Memory({ initial: 2, maximum: 65_536 })
const { exports } = new WebAssembly.Instance(module, { env: { memory } })
let next = Math.ceil(exports.__heap_base.value / 16) * 16
const allocate = (bytes) => {
  const at = next
  next += Math.ceil(bytes / 16) * 16
  return at
}
const at = {
  left: allocate(4 * each),
  leftGradient: allocate(4 * each),
  right: allocate(4 * each * tiles),
  rightGradient: allocate(4 * each * tiles),
  scratch: allocate(16 * tile),
  sums: allocate(40)
}
memory.grow(Math.ceil(next / 65_536))
const floats = (address, length) => new Float32Array(memory.buffer, address, length)
const sums = new Float64Array(memory.buffer, at.sums, 5)
const countOf = (t) => Math.min(tile, items - t * tile)

/** Row-major items of one tile into coordinate-major order, and back with a factor. */
const pack = (modality, t, to) => {
  const start = (modality * items + t * tile) * dims
  to.fill(0)
  for (let i = 0; i < countOf(t); i++) {
    for (let c = 0; c < dims; c++) to[c * tile + i] = vectors[start + i * dims + c]
  }
}
const unpack = (from, t, to, start, factor) => {
  for (let i = 0; i < countOf(t); i++) {
    for (let c = 0; c < dims; c++) to[start + i * dims + c] = factor * from[c * tile + i]
  }
}

parentPort.on("message", ({ bias, end, start, t }) => {
  const left = new Float32Array((Math.min(items, end * tile) - start * tile) * dims)
  const right = new Float32Array(items * dims)
  const rightGradient = floats(at.rightGradient, each * tiles)
  const leftGradient = floats(at.leftGradient, each)
  rightGradient.fill(0)
  sums.set([0, 0, 0, Infinity, -Infinity])
  for (let j = 0; j < tiles; j++) pack(1, j, floats(at.right + 4 * each * j, each))
  for (let i = start; i < end; i++) {
    pack(0, i, floats(at.left, each))
    leftGradient.fill(0)
    for (let j = 0; j < tiles; j++) {
      const [u, v, gu, gv] = [at.left, at.right, at.leftGradient, at.rightGradient]
      const shift = 4 * each * j
      const place = [countOf(i), countOf(j), tile, dims, (i - j) * tile]
      exports.tile(u, v + shift, gu, gv + shift, at.scratch, at.sums, ...place, t, t * bias)
    }
    unpack(leftGradient, i, left, (i - start) * tile * dims, t)
  }
  for (let j = 0; j < tiles; j++) {
    unpack(rightGradient.subarray(j * each, (j + 1) * each), j, right, j * tile * dims, t)
  }
  const [sumG, sumGs, loss, lowest, highest] = sums
  const total = Float64Array.of(loss, t * (sumGs - bias * sumG), -t * sumG, lowest, highest)
  parentPort.postMessage({ left, right, total }, [left.buffer, right.buffer])
})
