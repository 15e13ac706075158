import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { linearProbe } from "../../docs/examples/linear-probe.ts"
import { runStage } from "../support/runStage.ts"

it.effect("the example stage of CONTRIBUTING separates what is separable", () =>
  Effect.gen(function* () {
    const keys = Array.from({ length: 20 }, (_, i) => `row ${i}`)
    const data = Float32Array.from({ length: 40 }, (_, at) => Math.sin(7 * at))
    const labels = keys.map((key, i) => ({ key, label: data[2 * i]! > 0.3 * data[2 * i + 1]! }))
    const { probe } = yield* runStage(linearProbe, {
      inputs: { embeddings: { keys, dims: 2, data }, labels }
    })
    const { weights, bias } = probe.tensors
    labels.forEach(({ label }, i) => {
      const score = data[2 * i]! * weights!.data[0]! + data[2 * i + 1]! * weights!.data[1]! + bias!.data[0]!
      assert.strictEqual(score > 0, label)
    })
  })
)

it("it takes 60 lines at the most", () => {
  const text = readFileSync(new URL("../../docs/examples/linear-probe.ts", import.meta.url), "utf8")
  assert.isAtMost(text.trimEnd().split("\n").length, 60)
})
