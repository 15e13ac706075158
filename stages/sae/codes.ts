/** Collects sparse codes row by row, and how well they describe the rows. */
import type { SparseRows } from "../../schemas/Matrix.ts"

type Numbers = { readonly [at: number]: number; readonly length: number }

const point = (series: string, x: number) => ({ series, step: 0, value: Number.isFinite(x) ? x : null })

/** Grows as rows are added; memory is 8 bytes an entry. */
export class CodeBuilder {
  /** The key of a row that used every place it was given and may have had use for more, if there was one. */
  overflowing: string | undefined = undefined
  private readonly dims: number
  private readonly kept: number
  private readonly keys: Array<string> = []
  private readonly starts: Array<number> = [0]
  private indices = new Uint32Array(1 << 16)
  private values = new Float32Array(1 << 16)
  private readonly counts: Float64Array
  private squares = 0
  private total = 0
  private norms = 0
  private sums: Float64Array | undefined = undefined

  constructor(features: number, kept: number) {
    this.dims = features
    this.kept = kept
    this.counts = new Float64Array(features)
  }

  get rows(): number {
    return this.keys.length
  }

  /** Adds rows: `values` and `indices` [n, kept] in any order, `error` [n] = ‖x − x̂‖², `x` [n, d]. */
  add(keys: ReadonlyArray<string>, x: Float32Array, values: Numbers, indices: Numbers, error: Numbers): void {
    const { kept } = this
    const dims = x.length / (error.length || 1)
    this.sums ??= new Float64Array(dims)
    for (let row = 0; row < keys.length; row++) {
      const active: Array<readonly [index: number, value: number]> = []
      for (let j = row * kept; j < (row + 1) * kept; j++) {
        if (values[j]! > 0) active.push([indices[j]!, values[j]!])
      }
      if (active.length === kept && kept < this.dims) this.overflowing ??= keys[row]!
      active.sort((a, b) => a[0] - b[0])
      this.reserve(active.length)
      let at = this.starts.at(-1)!
      for (const [index, value] of active) {
        this.indices[at] = index
        this.values[at] = value
        this.counts[index]! += 1
        at += 1
      }
      this.starts.push(at)
      this.keys.push(keys[row]!)
      this.squares += error[row]!
      this.norms += Math.sqrt(error[row]!)
      for (let j = 0; j < dims; j++) {
        const entry = x[row * dims + j]!
        this.sums[j]! += entry
        this.total += entry * entry
      }
    }
  }

  private reserve(more: number): void {
    const needed = this.starts.at(-1)! + more
    if (needed <= this.indices.length) return
    const size = Math.max(needed, Math.ceil(this.indices.length * 1.5))
    const [indices, values] = [new Uint32Array(size), new Float32Array(size)]
    indices.set(this.indices)
    values.set(this.values)
    this.indices = indices
    this.values = values
  }

  build(): SparseRows {
    const end = this.starts.at(-1)!
    return {
      keys: this.keys,
      dims: this.dims,
      indptr: Float64Array.from(this.starts),
      indices: this.indices.subarray(0, end),
      values: this.values.subarray(0, end)
    }
  }

  /** One value a series, at step 0: what the codes keep of the rows. */
  quality(): ReadonlyArray<{
    readonly series: string
    readonly step: number
    readonly value: number | null
  }> {
    const rows = Math.max(1, this.rows)
    const meanSquare = (this.sums ?? new Float64Array()).reduce((sum, x) => sum + (x / rows) ** 2, 0)
    const spread = this.total - rows * meanSquare
    return [
      point("explained variance", 1 - this.squares / spread),
      point("residual norm", this.norms / rows),
      point("L0", this.starts.at(-1)! / rows),
      point("dead fraction", this.counts.filter((count) => count === 0).length / this.dims)
    ]
  }
}
