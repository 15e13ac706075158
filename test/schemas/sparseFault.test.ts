/** Compressed rows that kernels would follow out of bounds are told by the row that is wrong. */
import { describe, expect, it } from "vitest"
import { editDistances, products } from "../../compute/alignment/kernels/Kernels.ts"
import { MarginKernel } from "../../compute/margin/kernels/MarginKernel.ts"
import { fromLists } from "../../compute/margin/Relevance.ts"
import { sparseFault } from "../../schemas/sparseFault.ts"

const faults: ReadonlyArray<
  readonly [string, ReadonlyArray<number>, ReadonlyArray<number>, string | undefined]
> = [
  ["good rows", [0, 2, 2, 3], [0, 3, 1], undefined],
  ["a column past the end", [0, 2, 2, 3], [0, 4, 1], "Row 0 names column 4 of 4."],
  ["a far column", [0, 2, 2, 3], [0, 3, 2 ** 32 - 1], "Row 2 names column 4294967295 of 4."],
  ["a negative column", [0, 2, 2, 3], [0, 3, -1], "Row 2 names column -1 of 4."],
  ["half a column", [0, 2, 2, 3], [0, 1.5, 1], "Row 0 names column 1.5 of 4."],
  ["no column", [0, 2, 2, 3], [0, NaN, 1], "Row 0 names column NaN of 4."],
  ["a column twice", [0, 2, 2, 3], [3, 3, 1], "Row 0 names column 3 after 3: its columns do not rise."],
  ["starts that fall", [0, 3, 1, 3], [0, 1, 2], "Row 1 goes from entry 3 to 1, of 3."],
  ["starts that jump", [0, 4e9, 3, 3], [0, 1, 2], "Row 0 goes from entry 0 to 4000000000, of 3."],
  ["starts that are broken", [0, NaN, 3, 3], [0, 1, 2], "Row 0 goes from entry 0 to NaN, of 3."],
  ["a first start", [1, 2, 2, 3], [0, 1, 2], "Row 0 starts at entry 1, not at 0."],
  ["a missing start", [0, 2, 3], [0, 1, 2], "There are 3 row starts for 3 rows."],
  ["entries left over", [0, 1, 1, 2], [0, 1, 2], "The last row ends at entry 2, of 3."]
]

describe("sparseFault", () => {
  it.each(faults)("%s", (_what, indptr, indices, expected) => {
    expect(sparseFault(3, { dims: 4, indptr, indices })).toBe(expected)
  })
})

describe("kernels refuse what they would follow out of bounds", () => {
  const whole = faults.filter(([, indptr, indices]) =>
    [...indptr, ...indices].every((x) => x >= 0 && x % 1 === 0)
  )
  it.each(whole)("a margin's relevance with %s", (_what, indptr, indices, expected) => {
    const make = (): unknown =>
      new MarginKernel(
        { rows: 3, columns: 4, indptr: Uint32Array.from(indptr), indices: Uint32Array.from(indices) },
        { dims: 2, threshold: "global", precision: "float32", adam: false }
      )
    if (expected === undefined) expect(make()).toBeInstanceOf(MarginKernel)
    else expect(make).toThrow(expected)
  })

  it.each([[4], [-1], [0.5], [NaN]])("lists of relevant columns with %d", (column) => {
    expect(() => fromLists(4, [[0], [1, column]])).toThrow(
      `Row 1 names column ${column} of a matrix with 4 columns`
    )
  })

  it("neighbour lists", () => {
    const lists = Int32Array.of(1, 2, 0, 2, 0, 1)
    expect(editDistances(lists, 2, lists, 2, 3, 2)).toBe(0)
    for (const bad of [3, -1, 2 ** 31 - 1]) {
      expect(() => editDistances(lists, 2, lists.with(3, bad), 2, 3, 2)).toThrow(
        `Row 1 of the second lists names row ${bad} of 3`
      )
    }
    expect(() => editDistances(lists.subarray(1), 2, lists, 2, 3, 2)).toThrow(
      "The first lists have 5 entries"
    )
  })

  it("matrices that do not fill their place", () => {
    expect(() => products(new Float64Array(5), 2, new Float64Array(6), 2, 3)).toThrow(
      "A kernel was given 5 numbers for a matrix of 6."
    )
  })
})
