import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Pipeline from "../../engine/Pipeline.ts"
import synthetic, { alternatives } from "../../pipelines/synthetic.ts"

it.effect(
  "the synthetic pipeline has the published world, three models an effect, and other autoencoders to swap in",
  () =>
    Effect.gen(function* () {
      const set = [
        { node: "biased", param: "bias", value: "3" },
        { node: "noisy", param: "noise", value: "1" },
        { node: "sae", param: "steps", value: "500" }
      ]
      const { nodes } = yield* synthetic.build({
        set,
        swap: [{ node: "sae/b", stage: alternatives.trainJumpRelu as never }]
      })
      expect(nodes.get("objects")?.params).toMatchObject({ objects: 2000, attributes: 512, active: 8 })
      expect(nodes.get("clean/a")?.params).toEqual({ dims: 256, bias: 0, noise: 0 })
      for (const model of ["a", "b", "c"]) {
        expect(nodes.get(`biased/${model}`)?.params).toMatchObject({ bias: 3, noise: 0 })
        expect(nodes.get(`noisy/${model}`)?.params).toMatchObject({ bias: 0, noise: 1 })
        expect(nodes.get(`sae/${model}`)?.params).toMatchObject({ steps: 500 })
      }
      expect(nodes.get("sae/b")?.stage.id).toBe("sae/train-jumprelu")
      expect(
        yield* Effect.flip(
          synthetic.build({ ...Pipeline.noOverrides, set: [{ node: "sae/a", param: "q", value: "1" }] })
        )
      ).toMatchObject({ _tag: "InputError" })
    })
)
