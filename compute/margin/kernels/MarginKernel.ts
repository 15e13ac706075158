/**
 * The smoothed margin of embeddings in dimension d and its gradient, in one pass over all pairs (WebAssembly SIMD; the
 * scores are never held). With sharpness t and S = 2A − 1, over pairs (j, i) and s_ji = ⟨u_j, v_i⟩:
 *
 * - zero:   −(1/t) log Σ exp(−t S_ji s_ji)
 * - global: ½ [ −(1/t) log Σ_{A=1} exp(−t s_ji)  −  (1/t) log Σ_{A=0} exp(t s_ji) ]   (the threshold is eliminated)
 * - row:    −(1/t) log Σ_j exp(−t g_j),  g_j as `global` but over row j alone; one-class rows are left out.
 *
 * Each is at most the margin of its name and within log(count)/t of it. Gradients are tangent to the spheres and of
 * minus the smoothed margin (a loss). Cost 6 N n d flops where every pair matters; pairs whose weight is below e^−20
 * (float32) or e^−40 (float64) of the heaviest are skipped. Memory O(N d + nnz).
 */
import { readFileSync } from "node:fs"
import { sparseFault } from "../../../schemas/sparseFault.ts"
import type { Relevance, Threshold } from "../Relevance.ts"

export type { Threshold }
export type Precision = "float32" | "float64"

interface Exports {
  readonly __heap_base: WebAssembly.Global
  readonly pass32: (at: number) => void
  readonly pass64: (at: number) => void
  readonly combine32: (at: number, scalePositive: number, scaleNegative: number) => void
  readonly combine64: (at: number, scalePositive: number, scaleNegative: number) => void
  readonly adam32: AdamStep
  readonly adam64: AdamStep
}

type AdamStep = (
  count: number,
  stride: number,
  at: number,
  gradient: number,
  first: number,
  second: number,
  rate: number,
  decay1: number,
  decay2: number,
  correction1: number,
  correction2: number
) => void

/** What one pass measures. */
export interface PassResult {
  /** The smoothed margin. */
  readonly smoothed: number
  /** The margin itself under the kernel's threshold, in the kernel's precision. */
  readonly margin: number
  readonly leastPositive: number
  readonly greatestNegative: number
}

let compiled: WebAssembly.Module | undefined

const moduleOf = (): WebAssembly.Module =>
  (compiled ??= new WebAssembly.Module(readFileSync(new URL("./kernels.wasm", import.meta.url))))

const INTEGERS = 20
const PAGE = 65536

/** Embeddings of one matrix in one dimension, in WebAssembly memory, with the operations of the solver. */
export class MarginKernel {
  readonly relevance: Relevance
  readonly dims: number
  /** Row length in memory: dims rounded up to whole vectors; the padding stays zero. */
  readonly stride: number
  readonly threshold: Threshold
  readonly precision: Precision
  /** Views of the memory: rows × stride and columns × stride. */
  readonly queries: Float32Array | Float64Array
  readonly documents: Float32Array | Float64Array
  /** Gradients after `gradient`, same shapes. */
  readonly queryGradient: Float32Array | Float64Array
  readonly documentGradient: Float32Array | Float64Array
  /** After `gradient`: minus the curvature that the sphere adds at each query and document. */
  readonly queryAlong: Float32Array | Float64Array
  readonly documentAlong: Float32Array | Float64Array
  /** Weights of the positives after a pass, in the order of `relevance.indices`, before scaling. */
  readonly entryWeight: Float32Array | Float64Array
  private readonly wasm: Exports
  private readonly struct: number
  private readonly integers: Int32Array
  private readonly doubles: Float64Array
  private readonly moments:
    { readonly queries: readonly [number, number]; readonly documents: readonly [number, number] } | undefined
  private readonly momentViews: ReadonlyArray<Float32Array | Float64Array>
  private scales: readonly [number, number] = [0, 0]
  private steps = 0

  constructor(
    relevance: Relevance,
    options: {
      readonly dims: number
      readonly threshold: Threshold
      readonly precision: Precision
      /** Whether `adamStep` will be used: twice the memory for its moments. */
      readonly adam: boolean
    }
  ) {
    const { dims, precision } = options
    const bytes = precision === "float32" ? 4 : 8
    const lanes = 16 / bytes
    const stride = Math.ceil(dims / lanes) * lanes
    const columnsPadded = Math.ceil(relevance.columns / (4 * lanes)) * 4 * lanes
    this.relevance = relevance
    this.dims = dims
    this.stride = stride
    this.threshold = options.threshold
    this.precision = precision
    const { rows, columns } = relevance
    const nnz = relevance.indices.length
    // The kernels follow row starts and columns without looking.
    const fault = sparseFault(rows, { ...relevance, dims: columns })
    if (fault !== undefined) throw new RangeError(fault)
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 65536 })
    this.wasm = new WebAssembly.Instance(moduleOf(), { env: { memory } }).exports as unknown as Exports
    let top = Number(this.wasm.__heap_base.value)
    const take = (size: number): number => {
      const at = Math.ceil(top / 16) * 16
      top = at + size
      return at
    }
    this.struct = take(4 * INTEGERS + 8 * 10)
    const queries = take(rows * stride * bytes)
    const documents = take(columns * stride * bytes)
    const transposed = take(dims * columnsPadded * bytes)
    const scores = take(columnsPadded * bytes)
    const queryPull = take(rows * stride * bytes)
    const entryWeight = take(nnz * bytes)
    const pushPositive = take(columns * stride * bytes)
    const pushNegative = take(columns * stride * bytes)
    const list = take(columnsPadded * 4)
    const listWeight = take(columnsPadded * bytes)
    const start = take((rows + 1) * 4)
    const index = take(nnz * 4)
    const queryAlong = take(rows * bytes)
    const documentAlong = take(columns * bytes)
    this.moments = options.adam
      ? {
          queries: [take(rows * stride * bytes), take(rows * stride * bytes)],
          documents: [take(columns * stride * bytes), take(columns * stride * bytes)]
        }
      : undefined
    const need = Math.ceil((top + PAGE) / PAGE)
    if (need > 65536) {
      throw new RangeError(
        `${rows} × ${columns} in dimension ${dims} needs ${Math.ceil(top / 2 ** 30)} GiB; the kernel addresses 4 GiB.`
      )
    }
    const have = memory.buffer.byteLength / PAGE
    try {
      if (need > have) memory.grow(need - have)
    } catch {
      throw new RangeError(
        `${rows} × ${columns} in dimension ${dims} needs ${Math.ceil(top / 2 ** 20)} MiB, which this machine does not give.`
      )
    }
    const view = (at: number, length: number): Float32Array | Float64Array =>
      precision === "float32"
        ? new Float32Array(memory.buffer, at, length)
        : new Float64Array(memory.buffer, at, length)
    this.queries = view(queries, rows * stride)
    this.documents = view(documents, columns * stride)
    this.queryGradient = view(queryPull, rows * stride)
    this.documentGradient = view(pushNegative, columns * stride)
    this.entryWeight = view(entryWeight, nnz)
    this.momentViews = [
      ...(this.moments?.queries ?? []).map((at) => view(at, rows * stride)),
      ...(this.moments?.documents ?? []).map((at) => view(at, columns * stride))
    ]
    this.queryAlong = view(queryAlong, rows)
    this.documentAlong = view(documentAlong, columns)
    new Uint32Array(memory.buffer, start, rows + 1).set(relevance.indptr)
    new Uint32Array(memory.buffer, index, nnz).set(relevance.indices)
    this.integers = new Int32Array(memory.buffer, this.struct, INTEGERS)
    this.doubles = new Float64Array(memory.buffer, this.struct + 4 * INTEGERS, 10)
    this.integers.set([
      rows,
      columns,
      columnsPadded,
      dims,
      stride,
      options.threshold === "row" ? 1 : 0,
      queries,
      documents,
      transposed,
      scores,
      queryPull,
      entryWeight,
      pushPositive,
      pushNegative,
      list,
      listWeight,
      start,
      index,
      queryAlong,
      documentAlong
    ])
  }

  /** Copies unit rows (rows × dims, columns × dims) in, and forgets what the kernel knew of those before. */
  load(queries: Float32Array | Float64Array, documents: Float32Array | Float64Array): void {
    const copy = (from: Float32Array | Float64Array, to: Float32Array | Float64Array): void => {
      for (let row = 0, o = 0; o < to.length; row++, o += this.stride) {
        for (let k = 0; k < this.dims; k++) to[o + k] = from[row * this.dims + k]
      }
    }
    copy(queries, this.queries)
    copy(documents, this.documents)
    this.doubles.set([0, 0, 0, 0])
    this.steps = 0
    for (const moment of this.momentViews) moment.fill(0)
  }

  /** Copies out without the padding: rows × dims and columns × dims, float64. */
  read(): { readonly queries: Float64Array; readonly documents: Float64Array } {
    const copy = (from: Float32Array | Float64Array): Float64Array => {
      const result = new Float64Array((from.length / this.stride) * this.dims)
      for (let row = 0, o = 0; o < from.length; row++, o += this.stride) {
        for (let k = 0; k < this.dims; k++) result[row * this.dims + k] = from[o + k]
      }
      return result
    }
    return { queries: copy(this.queries), documents: copy(this.documents) }
  }

  /** Measures the smoothed margin at sharpness t and leaves the raw weights for `gradient`. */
  pass(sharpness: number): PassResult {
    const doubles = this.doubles
    doubles[0] = sharpness
    const run = this.precision === "float32" ? this.wasm.pass32 : this.wasm.pass64
    for (let attempt = 0; ; attempt++) {
      const [, atPositive, atNegative, atRow] = doubles
      run(this.struct)
      const leastPositive = doubles[7]
      const greatestNegative = doubles[8]
      const leastRow = doubles[9]
      const shared = Math.min(leastPositive, -greatestNegative)
      if (this.threshold === "row") doubles[3] = leastRow
      else if (this.threshold === "zero") {
        doubles[1] = shared
        doubles[2] = -shared
      } else {
        doubles[1] = leastPositive
        doubles[2] = greatestNegative
      }
      // The exponents were centred on the last pass's extremes; if those were far off, weights were clipped or lost.
      const drift = Math.max(
        Math.abs(doubles[1] - atPositive),
        Math.abs(doubles[2] - atNegative),
        Math.abs(doubles[3] - atRow)
      )
      if (sharpness * drift > 8 && attempt === 0) continue
      const [, , , , sumPositive, sumNegative, sumRows] = doubles
      if (this.threshold === "row") {
        this.scales = [1 / sumRows, 1 / sumRows]
        return {
          smoothed: atRow - Math.log(sumRows) / sharpness,
          margin: leastRow,
          leastPositive,
          greatestNegative
        }
      }
      if (this.threshold === "zero") {
        const sum = sumPositive + sumNegative
        this.scales = [1 / sum, 1 / sum]
        return {
          smoothed: atPositive - Math.log(sum) / sharpness,
          margin: shared,
          leastPositive,
          greatestNegative
        }
      }
      this.scales = [1 / (2 * sumPositive), 1 / (2 * sumNegative)]
      return {
        smoothed: (atPositive - atNegative - (Math.log(sumPositive) + Math.log(sumNegative)) / sharpness) / 2,
        margin: (leastPositive - greatestNegative) / 2,
        leastPositive,
        greatestNegative
      }
    }
  }

  /** After `pass`: fills both gradients. */
  gradient(): void {
    const combine = this.precision === "float32" ? this.wasm.combine32 : this.wasm.combine64
    combine(this.struct, this.scales[0], this.scales[1])
  }

  /** After `gradient`: one Adam step on the spheres (moments 0.9 and `decay2`), the same rate for every row. */
  adamStep(rate: number, decay2: number): void {
    if (this.moments === undefined) throw new Error("MarginKernel: made without Adam's moments.")
    const step = this.precision === "float32" ? this.wasm.adam32 : this.wasm.adam64
    this.steps++
    const correction1 = 1 - 0.9 ** this.steps
    const correction2 = 1 - decay2 ** this.steps
    const { rows, columns } = this.relevance
    const [queryFirst, querySecond] = this.moments.queries
    const [documentFirst, documentSecond] = this.moments.documents
    const at = this.integers
    step(
      rows,
      this.stride,
      at[6],
      at[10],
      queryFirst,
      querySecond,
      rate,
      0.9,
      decay2,
      correction1,
      correction2
    )
    step(
      columns,
      this.stride,
      at[7],
      at[13],
      documentFirst,
      documentSecond,
      rate,
      0.9,
      decay2,
      correction1,
      correction2
    )
  }
}
