import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { distinctColumns, ofAll, ofDistinct } from "../../../compute/margin/distinctColumns.ts"
import { completeGraph } from "../../../compute/margin/graphs.ts"
import { margins } from "../../../compute/margin/margins.ts"
import { fromLists, isRelevant } from "../../../compute/margin/Relevance.ts"
import { solveMargin } from "../../../compute/margin/solveMargin.ts"
import { gaussianCode } from "../../../compute/margin/constructions/codes.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const matrices = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.array(fc.array(fc.nat(6), { maxLength: 7 }), { minLength: 1 }))
  .map(([columns, lists]) =>
    fromLists(
      columns,
      lists.map((list) => list.filter((i) => i < columns))
    )
  )

describe("distinct columns", () => {
  it("are equal exactly where no row tells them apart, and keep every entry", () => {
    fc.assert(
      fc.property(matrices, (a) => {
        const { columnOf, firstOf, relevance } = distinctColumns(a)
        const column = (i: number) => Array.from({ length: a.rows }, (_, j) => isRelevant(a, j, i)).join()
        for (let i = 0; i < a.columns; i++) {
          for (let l = 0; l < i; l++) expect(columnOf[i] === columnOf[l]).toBe(column(i) === column(l))
          for (let j = 0; j < a.rows; j++) {
            expect(isRelevant(relevance, j, columnOf[i])).toBe(isRelevant(a, j, i))
          }
        }
        expect(firstOf.length).toBe(relevance.columns)
      })
    )
  })

  it("of embeddings have the margins of embeddings of all", () => {
    fc.assert(
      fc.property(matrices, (a) => {
        const distinct = distinctColumns(a)
        const pair = gaussianCode(distinct.relevance, 3, makeRandom("0", "distinct"))
        const all = ofAll(pair, distinct)
        expect(margins(a, all.queries, all.documents, 3)).toEqual(
          margins(distinct.relevance, pair.queries, pair.documents, 3)
        )
        expect(ofDistinct(all, distinct)).toEqual(pair)
      })
    )
  })

  it("leave a matrix without equal columns as it is", () => {
    const a = completeGraph(6, 2)
    expect(distinctColumns(a).relevance).toBe(a)
  })

  it("LIMIT's shape: 5,000 documents that few queries ask for are solved as 7 columns, and said to be", async () => {
    const wanted = [4, 99, 1000, 2500, 3100, 4999]
    const pairs = wanted.flatMap((x, at) => wanted.slice(at + 1).map((y) => [x, y]))
    const { embeddings, record } = await solveMargin(fromLists(5000, pairs), { dim: 5, rounds: 1 })
    expect(record.cols).toBe(5000)
    expect(record.notes.join(" ")).toMatch(/5000 columns were given; 7 are distinct/)
    expect(record.marginRow).toBeGreaterThan(0)
    expect(embeddings.row!.documents.length).toBe(5 * 5000)
  })
})
