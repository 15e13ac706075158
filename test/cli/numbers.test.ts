/** What `asterism diff` takes for one number of a table. */
import { describe, expect, it } from "vitest"
import { numbersOf, sharedNames, type Cells } from "../../cli/numbers.ts"

const numbers = (rows: ReadonlyArray<Cells>) => [...numbersOf(rows, sharedNames(rows, rows)!).values()]

const score = (rest: Cells): Cells => ({
  setting: "raw",
  a: "glove",
  b: "use",
  metric: "mutual_knn",
  subsample: "all",
  value: 0.1,
  n: 400,
  common: 400,
  k: 10,
  direction: "higher",
  ...rest
})

describe("the numbers of a table", () => {
  it("are told apart by k, and hold their subsamples", () => {
    const found = numbers([
      score({}),
      score({ subsample: "0a", value: 0.2, n: 100 }),
      score({ subsample: "0b", value: 0.3, n: 100 }),
      score({ k: 100, value: 0.4 })
    ])
    expect(found).toHaveLength(2)
    expect(found[0]).toMatchObject({
      key: { setting: "raw", a: "glove", b: "use", metric: "mutual_knn", k: "k 10" },
      direction: "higher",
      all: 0.1,
      allRows: 400,
      drawRows: 100,
      common: 400,
      repeatedBy: "subsample"
    })
    expect([...found[0]!.repeated]).toEqual([
      ["0a", 0.2],
      ["0b", 0.3]
    ])
    expect(found[1]).toMatchObject({ all: 0.4, key: { k: "k 100" } })
  })
  it("are told apart by a window where names do not suffice, and are not by what is measured", () => {
    const window = (index: number, value: number): Cells => ({
      a: "x",
      b: "y",
      metric: "cka",
      k: null,
      window: index,
      meanFrequency: 0.1 / (index + 1),
      value,
      chance: value / 2
    })
    const found = numbers([window(0, 0.5), window(1, 0.4)])
    expect(found.map(({ all, key, within }) => [all, key.window, within])).toEqual([
      [0.5, "window 0", ["window"]],
      [0.4, "window 1", ["window"]]
    ])
  })
  it("are repeated by seed", () => {
    const found = numbers(
      [1, 2, 3].map((seed) => ({ point: "p", measure: "margin", seed, value: seed / 10 }))
    )
    expect(found).toHaveLength(1)
    expect(found[0]!.repeatedBy).toBe("seed")
    expect([...found[0]!.repeated.values()]).toEqual([0.1, 0.2, 0.3])
  })
  it("are the last of a curve", () => {
    const found = numbers(
      [0, 10, 20].flatMap((step) => ["loss", "dead"].map((series) => ({ series, step, value: step + 1 })))
    )
    expect(found.map(({ all, key }) => [key.series, key.step, all])).toEqual([
      ["loss", "step 20", 21],
      ["dead", "step 20", 21]
    ])
  })
  it("are none where no column tells the rows apart, and not where a value is missing", () => {
    const twice = [
      { name: "x", value: 1 },
      { name: "x", value: 2 }
    ]
    expect(sharedNames(twice, twice)).toBeUndefined()
    expect(numbers([{ name: "x", value: null }])).toEqual([])
  })
  it("keep names such as constructor and __proto__", () => {
    const found = numbers(["constructor", "__proto__"].map((name, value) => ({ name, value })))
    expect(found.map(({ key }) => Object.entries(key))).toEqual([
      [["name", "constructor"]],
      [["name", "__proto__"]]
    ])
  })
})
