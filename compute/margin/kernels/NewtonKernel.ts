/**
 * Dense linear algebra of the interior point method in WebAssembly memory (newton.c, built to newton.wasm): the arrays of
 * one system of equations, and the three operations that its cost is in.
 *
 * Columns are packed in tiles of four: number k of column c is at ((c >> 2) · depth + k) · 4 + (c & 3). The memory of a
 * system that was released serves the next one of the thread, since every memory reserves address space for good.
 */
import { readFileSync } from "node:fs"

interface Exports {
  readonly __heap_base: WebAssembly.Global
  readonly solve_columns: (factor: number, row: number, depth: number, columns: number, tiles: number) => void
  readonly add_gram: (
    columns: number,
    depth: number,
    count: number,
    a: number,
    row: number,
    map: number,
    scale: number
  ) => void
  readonly cholesky_block: (a: number, row: number, n: number) => number
  readonly cholesky: (a: number, n: number, room: number) => number
}

interface Workplace {
  readonly memory: WebAssembly.Memory
  readonly wasm: Exports
}

const PAGE = 65536
const MOST_PAGES = 65536
/** As in newton.c. */
const PANEL = 48
/** A memory that grew past this is not kept for the next system. */
const KEEP = 2 ** 28

let compiled: WebAssembly.Module | undefined
let idle: Workplace | undefined

const makeWorkplace = (): Workplace => {
  compiled ??= new WebAssembly.Module(readFileSync(new URL("./newton.wasm", import.meta.url)))
  const memory = new WebAssembly.Memory({ initial: 4, maximum: MOST_PAGES })
  const wasm = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Exports
  return { memory, wasm }
}

/** The arrays of a system with `blocks` blocks of order `depth` and a dense matrix of order `order`. */
export class NewtonKernel {
  /** order × order, row-major; its lower triangle counts. */
  readonly dense: Float64Array
  /** blocks × depth × depth, row-major. */
  readonly blocks: Float64Array
  /** Packed columns of length `depth`, room for `order` of them. */
  readonly columns: Float64Array
  /** The row of `dense` that each column stands for. */
  readonly map: Int32Array
  private readonly room: number
  private readonly order: number
  private readonly depth: number
  private readonly workplace: Workplace

  constructor(order: number, blocks: number, depth: number) {
    this.order = order
    this.depth = depth
    this.workplace = idle ?? makeWorkplace()
    idle = undefined
    const { memory, wasm } = this.workplace
    const padded = Math.ceil(order / 4) * 4
    const lengths = [order * order, blocks * depth * depth, padded * depth, padded * PANEL]
    let top = Math.ceil(Number(wasm.__heap_base.value) / 16) * 16
    const starts = lengths.map((length) => {
      const at = top
      top += 8 * (length + (length % 2))
      return at
    })
    const mapAt = top
    top += 4 * padded
    if (top > PAGE * MOST_PAGES) {
      throw new RangeError(`NewtonKernel: a system of order ${order} needs ${Math.ceil(top / 2 ** 20)} MiB.`)
    }
    const missing = top - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE))
    const view = (which: number): Float64Array =>
      new Float64Array(memory.buffer, starts[which], lengths[which])
    this.dense = view(0)
    this.blocks = view(1)
    this.columns = view(2)
    this.room = starts[3]
    this.map = new Int32Array(memory.buffer, mapAt, padded)
  }

  /** Factors block `at` in place; false where it is not positive definite. */
  factorBlock(at: number): boolean {
    const { depth } = this
    return (
      this.workplace.wasm.cholesky_block(this.blocks.byteOffset + 8 * at * depth * depth, depth, depth) === 1
    )
  }

  /** The first `count` columns x become L⁻¹ x for the factor of block `at`, and `dense` loses their products. */
  eliminate(at: number, count: number): void {
    const { blocks, columns, dense, depth, map, order } = this
    const { wasm } = this.workplace
    const tiles = Math.ceil(count / 4)
    wasm.solve_columns(blocks.byteOffset + 8 * at * depth * depth, depth, depth, columns.byteOffset, tiles)
    wasm.add_gram(columns.byteOffset, depth, count, dense.byteOffset, order, map.byteOffset, -1)
  }

  /** `dense` gains `scale` times the products of the first `count` columns, which stand for its first rows. */
  addProducts(count: number, scale: number): void {
    const { columns, dense, depth, order } = this
    this.workplace.wasm.add_gram(columns.byteOffset, depth, count, dense.byteOffset, order, 0, scale)
  }

  /** Factors `dense` in place; false where it is not positive definite. */
  factorDense(): boolean {
    return this.workplace.wasm.cholesky(this.dense.byteOffset, this.order, this.room) === 1
  }

  /** The arrays are no longer used. */
  release(): void {
    if (this.workplace.memory.buffer.byteLength <= KEEP) idle = this.workplace
  }
}
