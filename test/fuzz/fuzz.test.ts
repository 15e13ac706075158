/** The fuzzer itself: inputs can be made again, changes inside of wrappings keep them whole, and faults are told apart. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import { unzipSync, zipSync } from "fflate"
import { afterAll, describe, expect, it } from "vitest"
import { InputError } from "../../schemas/errors.ts"
import { failureOf } from "./child.ts"
import { makeInput, targetOf } from "./inputs.ts"
import { mutateNpz, mutateSafetensors, mutateTarball } from "./mutateParts.ts"
import { Random } from "./Random.ts"
import { targets } from "./targets.ts"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "asterism-fuzz-test-"))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))
for (const { name } of targets) {
  fs.mkdirSync(path.join(folder, name))
  const member = Buffer.alloc(200, "a,1.5,2\n")
  const seed = name === "npz" || name === "scipy" ? zipSync({ "x.npy": member }) : member
  fs.writeFileSync(path.join(folder, name, "0"), seed)
}

describe("inputs", () => {
  const wanted = targets.findIndex(({ name }) => name === "csv")
  const input = (turn: number): number => wanted + turn * targets.length

  it("are the valid files first, and then the same for the same seed and number only", () => {
    expect(Buffer.from(makeInput(folder, 1, input(0)).bytes)).toEqual(
      fs.readFileSync(path.join(folder, "csv", "0"))
    )
    const made = (seed: number) =>
      Array.from({ length: 50 }, (_, i) =>
        Buffer.from(makeInput(folder, seed, input(i + 1)).bytes).toString()
      )
    expect(made(1)).toEqual(made(1))
    expect(new Set(made(1)).size).toBeGreaterThan(40)
    expect(made(1)).not.toEqual(made(2))
    expect(targetOf(input(3)).name).toBe("csv")
  })
})

describe("changes", () => {
  const random = (i: number) => new Random("changes", i)

  it("inside of a zip, a gzip and a header keep the wrapping whole, most often", () => {
    const numbers = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer)
    const json = Buffer.from('{"x":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}')
    const head = Buffer.alloc(8)
    head.writeBigUInt64LE(BigInt(json.length))
    const safetensors = Buffer.concat([head, json, numbers])
    const zip = zipSync({ "x.npy": numbers })
    const whole = (is: (i: number) => unknown): number =>
      Array.from({ length: 200 }, (_, i) => i).filter((i) => {
        try {
          return is(i) !== false
        } catch {
          return false
        }
      }).length
    expect(whole((i) => unzipSync(mutateNpz(zip, random(i), [zip])))).toBeGreaterThan(120)
    expect(
      whole((i) => {
        const bytes = Buffer.from(mutateSafetensors(safetensors, random(i), [safetensors]))
        return 8 + Number(bytes.readBigUInt64LE(0)) + numbers.length === bytes.length
      })
    ).toBeGreaterThan(100)
    const tarball = gzipSync(Buffer.alloc(1024, "tar"))
    expect(whole((i) => gunzipSync(mutateTarball(tarball, random(i), [tarball])))).toBeGreaterThan(120)
  })
})

describe("what a reader throws", () => {
  it("is refused in our words, an engine's text in them, or raw", () => {
    const input = (what: string) => new InputError({ what, where: "a.npy", expected: "numbers" })
    expect(failureOf(input("Row 3 holds NaN.")).kind).toBe("refused")
    expect(failureOf(input("Column 'undefined' is not a function.")).kind).toBe("engine's text")
    expect(failureOf(input("Column 'Unexpected token' has no name.")).kind).toBe("refused")
    expect(failureOf(input("The file cannot be read: Invalid typed array length: -5.")).kind).toBe(
      "engine's text"
    )
    expect(failureOf(new TypeError("x is not a function")).kind).toBe("raw error")
    expect(failureOf("text").kind).toBe("raw error")
  })
})
