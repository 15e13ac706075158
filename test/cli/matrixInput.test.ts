/** How commands are told of keys, arrays and columns of users' matrices, and what they say of them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { floatNpy, header, npy, textNpy, zip } from "../artifacts/files/madeFiles.ts"
import type { Workplace } from "../support/command.ts"
import { workplace } from "../support/command.ts"

const rows = 12
const numbers = (row: number): ReadonlyArray<number> => [
  Math.sin(row + 1),
  Math.cos(3 * row),
  Math.sin(row * row)
]
const all = Array.from({ length: rows }, (_, row) => row)
const turned = all.toReversed()

let place: Workplace
beforeAll(() => {
  place = workplace()
  const array = floatNpy(`(${rows}, 3)`, all.flatMap(numbers))
  place.file("ordered.npy", array)
  place.file("keys.txt", all.map((row) => `k${row}\n`).join(""))
  place.file(
    "turned.csv",
    `key,x,y,z\n${turned.map((row) => `k${row},${numbers(row).join(",")}\n`).join("")}`
  )
  const other = floatNpy(`(${rows}, 3)`, turned.flatMap(numbers))
  place.file(
    "two.npz",
    zip([
      { name: "a.npy", data: array, deflate: true },
      { name: "b.npy", data: other, deflate: true }
    ])
  )
  place.file(
    "keyed.npz",
    zip([
      { name: "x.npy", data: other },
      { name: "words.npy", data: textNpy(turned.map((row) => `k${row}`)) }
    ])
  )
  place.file("flags.npy", npy(header("|b1", "(2, 2)"), Buffer.from([0, 1, 1, 1])))
})
afterAll(() => place.remove())

const align = async (...args: ReadonlyArray<string>) => {
  const ran = await place.asterism(
    "align",
    ...args,
    "--metrics",
    "mutual_knn",
    "--k",
    "3",
    "--permutations",
    "0",
    "--json"
  )
  const said = JSON.parse(ran.code === 0 ? ran.stdout : "{}") as {
    readonly joinedBy?: string
    readonly metrics?: ReadonlyArray<{ readonly value: number }>
    readonly notes?: ReadonlyArray<string>
  }
  return { ...ran, by: said.joinedBy, value: said.metrics?.[0]?.value, notes: said.notes }
}

describe("align", () => {
  it(
    "--keys names the keys of the file that has none, and leaves those of the other",
    { timeout: 60_000 },
    async () => {
      for (const keys of [
        ["ordered.npy", "--keys", "keys.txt"],
        ["ordered.npy", "--keys-b", "keys.txt"],
        ["ordered.npy:keys.txt"]
      ])
        expect(await align("turned.csv", ...keys)).toMatchObject({ code: 0, by: "key", value: 1 })
      const told = await align("keyed.npz", "ordered.npy", "--keys", "keys.txt")
      expect(told).toMatchObject({ code: 0, by: "key", value: 1 })
      expect(told.notes).toEqual(["keyed.npz: The file has keys of its own; keys.txt is not used for it."])
      expect(told.stderr).toContain("note: keyed.npz: The file has keys of its own")
    }
  )

  it(
    "refuses keys that would replace those of a file, or that nobody needs",
    { timeout: 60_000 },
    async () => {
      const cases: ReadonlyArray<readonly [message: RegExp, args: ReadonlyArray<string>]> = [
        [
          /has keys of its own, and keys\.txt names others/,
          ["turned.csv", "ordered.npy", "--keys-a", "keys.txt"]
        ],
        [/Both files have keys already/, ["turned.csv", "keyed.npz", "--keys", "keys.txt"]],
        [/named twice/, ["turned.csv", "ordered.npy:keys.txt", "--keys-b", "keys.txt"]]
      ]
      for (const [message, args] of cases) {
        const ran = await align(...args)
        expect({ args, code: ran.code }).toEqual({ args, code: 2 })
        expect(ran.stderr).toMatch(message)
      }
    }
  )

  it("--array chooses for both files, --array-a and --array-b for one", { timeout: 60_000 }, async () => {
    const unclear = await align("two.npz", "two.npz")
    expect(unclear.code).toBe(2)
    expect(unclear.stderr).toMatch(/2 arrays of numbers[\s\S]*a \(12 × 3\), b \(12 × 3\)[\s\S]*--array/)
    expect(await align("two.npz", "two.npz", "--array", "b")).toMatchObject({ code: 0, value: 1 })
    expect(await align("two.npz", "ordered.npy", "--array", "a")).toMatchObject({ code: 0, value: 1 })
    const apart = await align("two.npz", "two.npz", "--array-a", "a", "--array-b", "b")
    expect(apart.value).toBeLessThan(1)
    expect((await align("ordered.npy", "ordered.npy", "--array", "a")).stderr).toMatch(/leave out --array/)
  })
})

describe("import", () => {
  it("gives the notes on standard error and in its JSON", { timeout: 60_000 }, async () => {
    const ran = await place.asterism("import", "flags.npy", "--json")
    expect(ran.code, ran.stderr).toBe(0)
    expect(JSON.parse(ran.stdout)).toMatchObject({
      rows: 2,
      dims: 2,
      notes: ["The values are booleans; they are read as 0 and 1."]
    })
    expect(ran.stderr).toBe("note: The values are booleans; they are read as 0 and 1.\n")
    const named = await place.asterism("import", "ordered.npy:keys.txt", "--json")
    expect(JSON.parse(named.stdout)).toMatchObject({ rows, dims: 3, notes: [] })
    const refused = await place.asterism("import", "turned.csv", "--keys", "keys.txt")
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/has keys of its own/)
  })
})
