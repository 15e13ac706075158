/**
 * The dense float64 kernels (kernels.c, built to kernels.wasm): matrix products and the Householder reduction, in
 * WebAssembly with 128-bit SIMD. About 5 times as fast as the same loops in JavaScript, and the same bits on every machine.
 *
 * One instance serves the process. Every call lays its operands out in the instance's memory, runs and copies the result
 * out; nothing stays behind, so calls do not see each other.
 */
import { readFileSync } from "node:fs"

interface Exports {
  readonly memory: WebAssembly.Memory
  readonly __heap_base: WebAssembly.Global
  readonly products: (
    a: number,
    m: number,
    b: number,
    n: number,
    depth: number,
    c: number,
    stride: number,
    lower: number
  ) => void
  readonly tridiagonalise: (
    a: number,
    n: number,
    d: number,
    e: number,
    half: number,
    w: number,
    p: number
  ) => void
  readonly reflect: (a: number, half: number, n: number, x: number, count: number) => void
  readonly orthogonalise: (x: number, row: number, first: number, n: number) => number
  readonly edit_distances: (
    a: number,
    strideA: number,
    b: number,
    strideB: number,
    n: number,
    k: number,
    place: number,
    positive: number,
    negative: number
  ) => number
}

const PAGE = 65536
const LIMIT = 2 ** 32 - PAGE
/** An instance that grew past this is dropped after the call, so that one large matrix does not keep memory for good. */
const KEEP = 2 ** 28

let compiled: WebAssembly.Module | undefined
let instance: Exports | undefined

const exportsOf = (): Exports => {
  compiled ??= new WebAssembly.Module(readFileSync(new URL("./kernels.wasm", import.meta.url)))
  instance ??= new WebAssembly.Instance(compiled).exports as unknown as Exports
  return instance
}

/** Runs `use` with `lengths.length` float64 arrays in kernel memory; their addresses and views come in the same order. */
const withArrays = <A>(
  lengths: ReadonlyArray<number>,
  use: (kernels: Exports, addresses: ReadonlyArray<number>, views: ReadonlyArray<Float64Array>) => A
): A => {
  const kernels = exportsOf()
  let top = Math.ceil((kernels.__heap_base.value as number) / 16) * 16
  const addresses: Array<number> = []
  for (const length of lengths) {
    addresses.push(top)
    top += Math.ceil((length * 8) / 16) * 16
  }
  if (top > LIMIT) {
    throw new RangeError(`The matrices need ${Math.ceil(top / 2 ** 20)} MiB; a kernel has 4 GiB.`)
  }
  const missing = top - kernels.memory.buffer.byteLength
  try {
    if (missing > 0) kernels.memory.grow(Math.ceil(missing / PAGE))
  } catch {
    throw new RangeError(
      `The matrices need ${Math.ceil(top / 2 ** 20)} MiB, which this machine does not give.`
    )
  }
  const views = lengths.map((length, i) => new Float64Array(kernels.memory.buffer, addresses[i], length))
  try {
    return use(kernels, addresses, views)
  } catch (error) {
    // A trap leaves the instance as it was at that moment: the next call gets a new one.
    instance = undefined
    if (!(error instanceof WebAssembly.RuntimeError)) throw error
    throw new Error(`A kernel failed: ${error.message}.`, { cause: error })
  } finally {
    if (kernels.memory.buffer.byteLength > KEEP) instance = undefined
  }
}

/** Refuses an operand that does not fill its place: what another call left there would count. */
const fill = (view: Float64Array, operand: Float64Array): void => {
  if (operand.length !== view.length) {
    throw new RangeError(`A kernel was given ${operand.length} numbers for a matrix of ${view.length}.`)
  }
  view.set(operand)
}

/** A Bᵀ for A m × depth and B n × depth, row-major: m × n. */
export const products = (
  a: Float64Array,
  m: number,
  b: Float64Array,
  n: number,
  depth: number
): Float64Array =>
  withArrays([m * depth, n * depth, m * n], (kernels, [pa, pb, pc], [va, vb, vc]) => {
    fill(va, a)
    fill(vb, b)
    vc.fill(0)
    kernels.products(pa, m, pb, n, depth, pc, n, 0)
    return vc.slice()
  })

/** Fills `target` with the operand's columns `from … from + width` as rows × width. */
export type FillColumns = (target: Float64Array, from: number, width: number) => void

/** A multiple of the kernel's own depth block, so that chunking changes no bit. */
const CHUNK = 1024

/**
 * A Bᵀ where both operands are handed over a chunk of columns at a time, so that memory is bounded by
 * (m + n) · 1024 + m · n numbers whatever the depth. `result` sees the product in kernel memory: copy what must last.
 */
export const productsByColumns = <R>(
  m: number,
  fillA: FillColumns,
  n: number,
  fillB: FillColumns,
  depth: number,
  result: (product: Float64Array) => R
): R => {
  const width = Math.min(CHUNK, depth)
  return withArrays([m * width, n * width, m * n], (kernels, [pa, pb, pc], [va, vb, vc]) => {
    vc.fill(0)
    for (let from = 0; from < depth; from += width) {
      const columns = Math.min(width, depth - from)
      fillA(va.subarray(0, m * columns), from, columns)
      fillB(vb.subarray(0, n * columns), from, columns)
      kernels.products(pa, m, pb, n, columns, pc, n, 0)
    }
    return result(vc)
  })
}

/** A Aᵀ for A n × depth, filled by chunks of columns: the full symmetric n × n matrix. Cost n² · depth flops. */
export const gramByColumns = (n: number, fill: FillColumns, depth: number): Float64Array => {
  const width = Math.min(CHUNK, depth)
  return withArrays([n * width, n * n], (kernels, [pa, pc], [va, vc]) => {
    vc.fill(0)
    for (let from = 0; from < depth; from += width) {
      const columns = Math.min(width, depth - from)
      fill(va.subarray(0, n * columns), from, columns)
      kernels.products(pa, n, pa, n, columns, pc, n, 1)
    }
    const gram = vc.slice()
    mirror(gram, n)
    return gram
  })
}

/** Copies the lower triangle onto the upper one. */
const mirror = (matrix: Float64Array, n: number): void => {
  const side = 32
  for (let top = 0; top < n; top += side) {
    for (let left = 0; left <= top; left += side) {
      const bottom = Math.min(top + side, n)
      for (let i = top; i < bottom; i++) {
        const right = Math.min(left + side, i)
        for (let j = left; j < right; j++) matrix[j * n + i] = matrix[i * n + j]
      }
    }
  }
}

export interface Tridiagonal {
  readonly diagonal: Float64Array
  /** `coupling[i]` couples rows i − 1 and i; `coupling[0]` is 0. */
  readonly coupling: Float64Array
}

/** Rows of n numbers in kernel memory, and a way to make one orthogonal to those before it. */
export interface KernelRows {
  readonly rows: Float64Array
  /** Removes rows first … row − 1, which must be unit rows, from row `row`; returns the length that is left. */
  readonly orthogonalise: (row: number, first: number) => number
}

/**
 * Reduces a symmetric matrix (its lower triangle is read) to tridiagonal form, lets `find` write `count` unit eigenvectors
 * of that form as rows, and returns them as eigenvectors of the matrix. Cost 4/3 n³ + 2 n² · count flops.
 */
export const reduceSymmetric = (
  matrix: Float64Array,
  n: number,
  count: number,
  find: (form: Tridiagonal, vectors: KernelRows) => void
): Float64Array =>
  withArrays([n * n, n, n, n, n, n, count * n], (kernels, addresses, views) => {
    fill(views[0], matrix)
    const [a, d, e, half, w, p, x] = addresses
    kernels.tridiagonalise(a, n, d, e, half, w, p)
    find(
      { diagonal: views[1].slice(), coupling: views[2].slice() },
      { rows: views[6], orthogonalise: (row, first) => kernels.orthogonalise(x, row, first, n) }
    )
    kernels.reflect(a, half, n, x, count)
    return views[6].slice()
  })

/**
 * Centres each of the rows of n numbers and makes them orthonormal in order (Gram–Schmidt, twice); stops at a row of which
 * less than `least` is left. Returns the rows before it.
 */
export const centredOrthonormalRows = (rows: Float64Array, n: number, least: number): Float64Array =>
  withArrays([rows.length], (kernels, [x], [view]) => {
    view.set(rows)
    const count = rows.length / n
    for (let r = 0; r < count; r++) {
      const row = view.subarray(r * n, (r + 1) * n)
      let sum = 0
      for (let i = 0; i < n; i++) sum += row[i]
      const mean = sum / n
      for (let i = 0; i < n; i++) row[i] -= mean
      kernels.orthogonalise(x, r, 0, n)
      const length = kernels.orthogonalise(x, r, 0, n)
      if (!(length > least)) return view.slice(0, r * n)
      for (let i = 0; i < n; i++) row[i] /= length
    }
    return view.slice()
  })

const integers = (view: Float64Array, length: number): Int32Array =>
  new Int32Array(view.buffer, view.byteOffset, length)

/** Refuses lists that are too short, or name a row that is not there: the kernel follows them without looking. */
const checkLists = (which: string, lists: Int32Array, stride: number, n: number, k: number): void => {
  if (!(k >= 1 && stride >= k && lists.length >= n * stride)) {
    throw new RangeError(
      `The ${which} lists have ${lists.length} entries, too few for ${n} rows of ${stride}.`
    )
  }
  for (let row = 0; row < n; row++) {
    for (let at = row * stride; at < row * stride + k; at++) {
      if (lists[at] >>> 0 < n) continue
      throw new RangeError(`Row ${row} of the ${which} lists names row ${lists[at]} of ${n}.`)
    }
  }
}

/** Sum over rows of the Levenshtein distance between the first k of two tables of lists of distinct numbers below n. */
export const editDistances = (
  a: Int32Array,
  strideA: number,
  b: Int32Array,
  strideB: number,
  n: number,
  k: number
): number => {
  checkLists("first", a, strideA, n, k)
  checkLists("second", b, strideB, n, k)
  const words = Math.ceil(k / 64)
  return withArrays(
    [Math.ceil(a.length / 2), Math.ceil(b.length / 2), Math.ceil(n / 2), words, words],
    (kernels, [pa, pb, place, positive, negative], views) => {
      integers(views[0], a.length).set(a)
      integers(views[1], b.length).set(b)
      integers(views[2], n).fill(-1)
      return kernels.edit_distances(pa, strideA, pb, strideB, n, k, place, positive, negative)
    }
  )
}
