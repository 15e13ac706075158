/** Certificates from `asterism margin --save`, checked by `asterism certify` and, apart from it, by docs/certify.py. */
import { spawnSync } from "node:child_process"
import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readArrays, writeArrays, type NamedArray } from "../../artifacts/files/arrays.ts"
import { workplace } from "../support/command.ts"

const place = workplace()
afterAll(() => place.remove())

const script = fileURLToPath(new URL("../../docs/certify.py", import.meta.url))
const numpy = spawnSync("python3", ["-c", "import numpy"]).status === 0
if (!numpy) console.warn("skipped: docs/certify.py is not run, python3 has no numpy")

const python = (
  ...paths: ReadonlyArray<string>
): { readonly status: number | null; readonly stdout: string } =>
  spawnSync("python3", [script, ...paths], { encoding: "utf8" })

const changed = join(place.folder, "changed")
mkdirSync(changed)

type Change = (name: string, data: Float64Array) => Float64Array

/** A copy of a certificate with its numbers or its claims changed. */
const tampered = async (from: string, name: string, change: Change, claims = (text: string) => text) => {
  const { arrays, text } = await readArrays(from, "claims", "a certificate")
  const path = join(changed, `${name}-certificate.npz`)
  const arraysNow: { [name: string]: NamedArray } = {}
  for (const [array, { data, shape }] of arrays) {
    const numbers = change(array, Float64Array.from(data))
    const whole = ["indptr", "indices", "columns"].includes(array)
    arraysNow[array] = { shape, data: whole ? Uint32Array.from(numbers) : numbers }
  }
  writeArrays(path, { text: { name: "claims", value: claims(text) }, arrays: arraysNow })
  return path
}

describe("asterism certify", () => {
  const saved = join(place.folder, "saved")
  const packed = join(place.folder, "packed")
  const qrels = place.file(
    "qrels.trec",
    "q1 0 d1 1\nq1 0 d2 2\nq2 0 d1 0\nq2 0 d3 1\nq3 0 d2 1\nq3 0 d4 0\nq4 0 d5 0\n"
  )
  beforeAll(async () => {
    for (const [matrix, dim, folder] of [
      [qrels, "3", saved],
      ["complete:9,2", "1", packed]
    ] as const) {
      const words = ["margin", matrix, "--dim", dim, "--rounds", "1", "--save", folder]
      const { code, stderr } = await place.asterism(...words)
      expect(code, stderr).toBe(0)
    }
  }, 60_000)

  it("proves what 'margin --save' wrote, of the matrix that is named", { timeout: 60_000 }, async () => {
    const { code, stdout } = await place.asterism("certify", saved, "--matrix", qrels, "--json")
    expect(code).toBe(0)
    const { certificates, proved } = JSON.parse(stdout)
    expect(proved).toBe(true)
    expect(
      certificates.map(({ claims }: { claims: Array<{ threshold: string }> }) => claims[0].threshold)
    ).toEqual(["global", "row", "zero"])
    for (const { claims, columns, rows } of certificates) {
      expect([rows, columns, claims[0].dim]).toEqual([4, 5, 3])
      expect(claims[0].bound).toBe(claims[0].boundClaimed)
      expect(claims[0].margin).toBe(claims[0].marginClaimed)
      expect(claims[0].faults).toEqual([])
    }
    const other = await place.asterism(
      "certify",
      join(saved, "row-certificate.npz"),
      "--matrix",
      "complete:4,2"
    )
    expect(other.code).toBe(1)
    expect(other.stdout).toContain("Its matrix is not that of complete:4,2.")
    const packing = await place.asterism("certify", join(packed, "zero-certificate.npz"))
    expect(packing.code, packing.stdout).toBe(0)
    expect(packing.stdout).toMatch(/packing +yes/)
  })

  it("refuses tampered ones with exit code 1, and so does docs/certify.py", { timeout: 60_000 }, async () => {
    const zero = join(saved, "zero-certificate.npz")
    const same: Change = (_, data) => data
    const scaled =
      (wanted: string, by: number): Change =>
      (name, data) =>
        name === wanted ? data.map((x) => x * by) : data
    const files = [
      await tampered(zero, "p", scaled("zero.weights.p", 0.5)),
      await tampered(zero, "q-first", (name, data) =>
        name === "zero.weights.q" ? data.map((x, i) => (i === 0 ? x * 0.5 : x)) : data
      ),
      await tampered(zero, "queries", (name, data) => (name === "zero.queries" ? data.toReversed() : data)),
      await tampered(zero, "bound", same, (text) => text.replace(/"bound":0\.\d/, '"bound":0.0')),
      await tampered(zero, "margin", same, (text) => text.replace(/"margin":0\.\d/, '"margin":0.9')),
      await tampered(join(packed, "zero-certificate.npz"), "packed", same, (text) =>
        text.replaceAll(/"bound":0\.\d+/g, '"bound":0.02')
      )
    ]
    // A factor on all of p changes no bound: the control.
    const control = files[0]
    const { code, stdout } = await place.asterism("certify", changed, "--json")
    expect(code).toBe(1)
    const { certificates } = JSON.parse(stdout) as {
      readonly certificates: ReadonlyArray<{
        readonly file: string
        readonly claims: ReadonlyArray<{ readonly faults: ReadonlyArray<string> }>
      }>
    }
    expect(certificates).toHaveLength(files.length)
    for (const { claims, file } of certificates) {
      if (file === control) expect(claims[0].faults).toEqual([])
      else expect(claims[0].faults.join(" "), file).toMatch(/The proof gives|Its embeddings have/)
    }
    if (!numpy) return
    const kinds = ["zero", "global", "row"].flatMap((t) =>
      [saved, packed].map((f) => join(f, `${t}-certificate.npz`))
    )
    const good = python(...kinds, control)
    expect(good.status, good.stdout).toBe(0)
    const bad = python(...files.slice(1))
    expect(bad.status).toBe(1)
    for (const file of files.slice(1)) expect(bad.stdout).toContain(`${file} NOT PROVED: `)
    expect(bad.stdout).not.toMatch(/proved$/m)
  })

  it("is told what is no certificate, with exit code 2", { timeout: 60_000 }, async () => {
    const empty = join(place.folder, "empty")
    mkdirSync(empty)
    for (const [given, said] of [
      [qrels, /is not an npz file/],
      [empty, /The folder holds no certificate/],
      ["nowhere.npz", /is not an id/]
    ] as const) {
      const { code, stderr } = await place.asterism("certify", given)
      expect(code).toBe(2)
      expect(stderr).toMatch(said)
    }
    rmSync(empty, { recursive: true })
  })
})
