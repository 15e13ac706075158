/**
 * Cyclic groups on the documents of a complete graph and on R^d: which documents and rows are images of which.
 *
 * Relabelling the documents of a complete graph permutes its rows, so embeddings may be looked for that Z_p maps onto
 * themselves. Of n documents ⌊n/p⌋ p form orbits, the rest stay in place. A generator R turns planes of R^d by 2π m/p, and keeps
 * or flips other axes; document i of an orbit is R^i of its first, a query R^g of the one that stands for its orbit.
 * Cost: N n binomials to find the orbits of rows.
 */
import type { RandomStream } from "../../random/RandomStream.ts"
import type { EmbeddingPair } from "../EmbeddingPair.ts"
import { binomial, rank } from "../graphs.ts"
import { rowSize, type Relevance } from "../Relevance.ts"

/** Whether A has every k-subset of its columns as a row, in any order. */
export const isComplete = (a: Relevance): boolean => {
  const size = a.rows === 0 ? 0 : rowSize(a, 0)
  for (let j = 1; j < a.rows; j++) if (rowSize(a, j) !== size) return false
  return size > 0 && size < a.columns && a.rows === binomial(a.columns, size)
}

/** Z_p on the columns, as a shift of each orbit, and on R^d. */
export interface CyclicAction {
  readonly order: number
  readonly orbits: number
  /** In the order of the coordinates: m ≥ 1 a plane turned by 2π m/p, 0 an axis that is kept, −1 one that is flipped. */
  readonly blocks: ReadonlyArray<number>
}

/** The rows that stand for their orbits, and where every row comes from. */
export interface RowOrbits {
  readonly relevance: Relevance
  /** The row of `relevance` whose orbit row j is in, and the power of the generator that leads to it. */
  readonly from: Uint32Array
  readonly power: Uint32Array
}

/**
 * A group order with at most two documents left over, and a representation: at random from ⌈d/p⌉ copies of the regular one,
 * or one more. In the regular one each irreducible appears once, as in the space of functions on an orbit; where they are far from
 * even, annealings end at orthogonal embeddings. Undefined where no draw fits, as where d > n.
 */
export const drawAction = (n: number, dims: number, random: RandomStream): CyclicAction | undefined => {
  if (n < 2 || dims < 2) return undefined
  for (let attempt = 0; attempt < 200; attempt++) {
    const order = 2 + random.integer(n - 1)
    const orbits = Math.floor(n / order)
    const fixed = n - order * orbits
    const copies = Math.min(orbits, Math.ceil(dims / order) + (random.uniform() < 0.35 ? 1 : 0))
    if (fixed > 2 || copies * order < dims) continue
    const irreducibles: Array<number> = []
    for (let m = 0; m < copies; m++) {
      irreducibles.push(0)
      if (order % 2 === 0) irreducibles.push(-1)
      for (let block = 1; 2 * block < order; block++) irreducibles.push(block)
    }
    random.shuffle(irreducibles)
    const blocks: Array<number> = []
    let left = dims
    for (const block of irreducibles) {
      const size = block > 0 ? 2 : 1
      if (size > left) continue
      blocks.push(block)
      left -= size
    }
    if (left > 0 || (fixed > 0 && !blocks.includes(0))) continue
    return { order, orbits, blocks: blocks.sort((x, y) => y - x) }
  }
  return undefined
}

/** Target = R^power source, for one vector. */
export const turn = (
  { blocks, order }: CyclicAction,
  power: number,
  source: Float64Array | Float32Array,
  from: number,
  target: Float64Array | Float32Array,
  to: number
): void => {
  let at = 0
  for (const block of blocks) {
    if (block < 1) {
      target[to + at] = block < 0 && power % 2 !== 0 ? -source[from + at] : source[from + at]
      at++
      continue
    }
    const angle = (2 * Math.PI * ((block * power) % order)) / order
    const [c, s] = [Math.cos(angle), Math.sin(angle)]
    const [x, y] = [source[from + at], source[from + at + 1]]
    target[to + at] = c * x - s * y
    target[to + at + 1] = s * x + c * y
    at += 2
  }
}

/** A must be complete. */
export const rowOrbits = (a: Relevance, { orbits, order }: CyclicAction): RowOrbits => {
  const n = a.columns
  const k = rowSize(a, 0)
  const rowOf = new Uint32Array(a.rows)
  for (let j = 0; j < a.rows; j++) rowOf[rank(n, a.indices.subarray(a.indptr[j], a.indptr[j + 1]))] = j
  const from = new Uint32Array(a.rows)
  const power = new Uint32Array(a.rows)
  const known = new Uint8Array(a.rows)
  const indices: Array<number> = []
  let count = 0
  for (let j = 0; j < a.rows; j++) {
    if (known[j] === 1) continue
    const row = a.indices.subarray(a.indptr[j], a.indptr[j + 1])
    for (let g = 0; g < order; g++) {
      const image = row.map((i) => (i < orbits * order ? i - (i % order) + ((i + g) % order) : i)).sort()
      const other = rowOf[rank(n, image)]
      if (known[other] === 1) continue
      known[other] = 1
      from[other] = count
      power[other] = g
    }
    indices.push(...row)
    count++
  }
  const indptr = Uint32Array.from({ length: count + 1 }, (_, j) => j * k)
  return { relevance: { rows: count, columns: n, indptr, indices: Uint32Array.from(indices) }, from, power }
}

/** The place of a document in its orbit: 0 for those that stand for one, and for those that stay in place. */
export const placeOf = ({ orbits, order }: CyclicAction, column: number): number =>
  column < orbits * order ? column % order : 0

/** The query of every row from those that stand for an orbit. */
export const allQueries = (
  action: CyclicAction,
  { from, power }: RowOrbits,
  pair: EmbeddingPair
): Float64Array => {
  const { dims, queries } = pair
  const all = new Float64Array(from.length * dims)
  for (let j = 0; j < from.length; j++) turn(action, power[j], queries, from[j] * dims, all, j * dims)
  return all
}

/** 1 for each coordinate that the generator keeps. */
export const keptAxes = ({ blocks }: CyclicAction): ReadonlyArray<number> =>
  blocks.flatMap((block) => (block > 0 ? [0, 0] : [block + 1]))

/** Every document from the first of its orbit. */
export const spread = (
  action: CyclicAction,
  documents: Float64Array | Float32Array,
  stride: number
): void => {
  for (let i = 0; i < action.orbits * action.order; i++) {
    const place = placeOf(action, i)
    if (place > 0) turn(action, place, documents, (i - place) * stride, documents, i * stride)
  }
}
