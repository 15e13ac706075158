import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { join } from "node:path"
import { canonicalJson } from "../../artifacts/canonicalJson.ts"
import type { Components } from "../../artifacts/NodeRecord.ts"
import { fingerprintOf } from "../../engine/fingerprint/Fingerprint.ts"
import { nodeSeed } from "../../engine/fingerprint/seed.ts"
import { sha256 } from "../../engine/fingerprint/sha256.ts"
import * as Stage from "../../engine/Stage.ts"
import { bench, Number_, planIn, reasonsOf, runIn, study, type Bench } from "./support.ts"

const hex = fc.stringMatching(/^[0-9a-f]{64}$/)
const texts = fc.dictionary(fc.string(), fc.string())

const required = fc.record({
  stage: fc.string(),
  code: fc.record({ hash: hex, files: texts, packages: texts }),
  params: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
  inputs: fc.dictionary(fc.string(), hex),
  seed: fc.option(hex),
  numerics: fc.option(texts),
  format: texts
})

/** Captures are left out where a stage has none. */
const components: fc.Arbitrary<Components> = fc.oneof(
  required,
  fc
    .tuple(required, fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })))
    .map(([rest, captures]) => ({ ...rest, captures }))
)

/** The same value with every object's keys in reverse order. */
const reversed = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(reversed)
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, reversed(inner)])
  )
}

/** What is hashed. */
const key = (value: Components): string => canonicalJson({ ...value, code: value.code.hash })

/** A stage that reads a file from outside, as it says. */
const reader = ({ root }: Bench) =>
  Stage.make("test/reader", {
    description: "The length of a file.",
    source: import.meta.url,
    params: Schema.Struct({ file: Schema.String }),
    inputs: {},
    outputs: { number: Number_ },
    files: ({ file }) => [join(root, file)],
    captures: {},
    run: () => Effect.succeed({ number: 1 })
  })

describe("fingerprint", () => {
  it("C2: is the hash of the components as canonical JSON, whatever the order of keys", () => {
    fc.assert(
      fc.property(components, (given) => {
        const expected = sha256(key(given))
        assert.strictEqual(fingerprintOf(given), expected)
        assert.strictEqual(fingerprintOf(reversed(given) as Components), expected)
      })
    )
  })

  it("C2: differs where any component differs", () => {
    fc.assert(
      fc.property(components, components, (a, b) => {
        fc.pre(key(a) !== key(b))
        assert.notStrictEqual(fingerprintOf(a), fingerprintOf(b))
      })
    )
  })

  it("C8: seeds of different nodes and of different studies differ", () => {
    const seeds = ["0", "1"].flatMap((seed) => ["a", "b", "a/b"].map((node) => nodeSeed(seed, node)))
    assert.strictEqual(new Set(seeds).size, seeds.length)
  })

  it.effect("C20: a file that a stage says it reads counts by content", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const made = yield* study(function* (p) {
        yield* p.stage("node", reader(folder), { params: { file: "a.txt" } })
      })
      const missing = yield* Effect.flip(planIn(folder, made))
      assert.include(String(missing), "'node' cannot read")
      folder.file("a.txt", "one")
      assert.strictEqual((yield* runIn(folder, made)).exitCode, 0)
      folder.file("a.txt", "one")
      assert.strictEqual((yield* planIn(folder, made)).cached, 1)
      folder.file("a.txt", "two")
      const [reason] = reasonsOf(yield* planIn(folder, made), "node")
      assert.match(reason!, /^inputs: file:\S+a\.txt [0-9a-f]{8} → [0-9a-f]{8}$/)
      assert.strictEqual((yield* runIn(folder, made)).file.nodes["node"]!.status, "ran")
    })
  )
})
