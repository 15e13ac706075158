/**
 * The matrices of the benches, by name: `complete:n,k`, `random:n,k,N,seed`, `qrels:0` … `qrels:39` (random judgements from
 * fixed seeds, below), `sparse25x15` and `mix5` (two that a plain Adam once did better on).
 *
 * qrels:i has n = 6 … 40 documents, N = 6 … 60 queries before equal ones are joined, and is of one of four kinds in turn:
 * rows of mixed sizes 1 … n/3; independent entries of density .1 … .35; the identity with a few entries more; rows of one
 * size k.
 */
import { binomial, randomGraph } from "../../compute/margin/graphs.ts"
import { fromLists, type Relevance } from "../../compute/margin/Relevance.ts"
import { relevanceOfText } from "../../compute/margin/relevanceText.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"

/** How many random qrels there are. */
export const QRELS = 40

export const kinds = ["mixed sizes", "independent", "near identity", "one size"] as const

export const matrix = (name: string): Relevance => {
  const known = fixed[name]
  if (known !== undefined) return fromHex(known.columns, known.rows)
  const index = /^qrels:(\d+)$/.exec(name)?.[1]
  if (index !== undefined && Number(index) < QRELS) return qrels(Number(index))
  const relevance = relevanceOfText(name)
  if (relevance === undefined)
    throw new RangeError(`'${name}' is no matrix; expected complete:n,k, random:n,k,N,seed or qrels:0 … 39.`)
  return relevance
}

const qrels = (index: number): Relevance => {
  const random = makeRandom(String(index), "bench qrels")
  const n = 6 + random.integer(35)
  const rows = 6 + random.integer(55)
  const kind = kinds[index % kinds.length]
  if (kind === "one size") {
    const k = 1 + random.integer(4)
    return randomGraph(n, k, Math.min(rows, binomial(n, k)), random)
  }
  if (kind === "near identity") {
    const lists = Array.from({ length: n }, (_, j) => [
      j,
      ...Array.from({ length: n }, (_, i) => i).filter(() => random.uniform() < 0.05)
    ])
    return fromLists(n, lists)
  }
  const density = 0.1 + 0.25 * random.uniform()
  const most = Math.max(1, Math.floor(n / 3))
  const lists = Array.from({ length: rows }, () =>
    kind === "mixed sizes"
      ? [...random.sample(n, 1 + random.integer(most))]
      : Array.from({ length: n }, (_, i) => i).filter(() => random.uniform() < density)
  )
  return fromLists(n, lists)
}

/** Rows in hexadecimal: bit i, from the lowest, is document i. */
const fromHex = (columns: number, rows: string): Relevance =>
  fromLists(
    columns,
    rows.split(" ").map((row) => {
      const bits = Number.parseInt(row, 16)
      return Array.from({ length: columns }, (_, i) => i).filter((i) => (bits >> i) & 1)
    })
  )

const fixed: { readonly [name: string]: { readonly columns: number; readonly rows: string } } = {
  sparse25x15: {
    columns: 15,
    rows: "404 2184 3241 3000 1081 1803 84 48 800 48 260 4400 61 108 8 409 4026 8 1408 a0 a"
  },
  mix5: {
    columns: 20,
    rows: "1000 22002 a0 8404 20 20400 8 20 430 200 40800 3080 2c0 2084 5000 2000 10800 11000 40 2000 10 890 80800 10800 26 80404 30001 104 80010 1000"
  }
}
