import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import { canonicalJson } from "../../../artifacts/canonicalJson.ts"
import { jsonCodec } from "../../../artifacts/codecs/json.ts"
import { encode, open } from "../encoding.ts"
import { Summary, temporaryFolder } from "../fixtures.ts"

describe("json codec", () => {
  it("is canonical: any order of keys gives one text, which means the same value", () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled)
      if (typeof value !== "object" || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([name, field]) => [name, shuffled(field)])
      )
    }
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(canonicalJson(shuffled(value))).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      })
    )
    expect(canonicalJson({ b: [1, { d: null, c: "é" }], a: 1e21, gone: undefined })).toBe(
      '{"a":1e+21,"b":[1,{"c":"é","d":null}]}'
    )
    expect(() => canonicalJson({ a: [1, Number.NaN] })).toThrow("$.a[1] is NaN")
  })

  it.effect("decodes with the kind's schema, and says where a value does not fit", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const encoded = yield* encode(jsonCodec, Summary, { name: "x", score: 0.5 }, folder)
      expect(yield* (yield* open(jsonCodec, Summary, encoded)).read).toEqual({ name: "x", score: 0.5 })
      const misfit = yield* Effect.flip(
        encode(jsonCodec, Summary, { name: "x", score: "high" as unknown as number }, folder)
      )
      expect(misfit).toMatchObject({ _tag: "ArtifactError", reason: "mismatch" })
      expect(misfit.message).toContain("score")
      fs.writeFileSync(encoded.path, '{"name":1,"score":2}')
      const reader = yield* open(jsonCodec, Summary, encoded)
      expect(yield* Effect.flip(reader.read)).toMatchObject({ reason: "mismatch" })
      fs.writeFileSync(encoded.path, '{"name":')
      expect(yield* Effect.flip(reader.read)).toMatchObject({ reason: "corrupt" })
    }).pipe(Effect.scoped)
  )
})
