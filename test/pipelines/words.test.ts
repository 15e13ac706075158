import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Pipeline from "../../engine/Pipeline.ts"
import * as Stage from "../../engine/Stage.ts"
import words from "../../pipelines/words.ts"
import { packages } from "../../pipelines/words/packages.ts"
import { Corpus } from "../../schemas/Corpus.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"

/** A user's own view: it needs the words only. */
const lengths = Stage.make("mine/lengths", {
  description: "One number a word.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { corpus: Corpus },
  outputs: { embeddings: Embeddings },
  run: Effect.fn("mine/lengths")(function* ({ inputs }) {
    const { rows } = yield* inputs.corpus.read
    return {
      embeddings: {
        keys: rows.map((row) => row.key),
        dims: 1,
        data: Float32Array.from(rows, (row) => row.text.length)
      }
    }
  })
})

describe("the words pipeline", () => {
  it.effect("fetches every pinned package and aligns four views, raw and centred", () =>
    Effect.gen(function* () {
      const { nodes } = yield* words.build(Pipeline.noOverrides)
      for (const [name, pinned] of Object.entries(packages)) {
        expect(nodes.get(`packages/${name}`)?.params).toEqual(pinned)
      }
      const views = ["glove", "use", "ppmi", "ppmi-brown"]
      for (const setting of ["raw", "centred"]) {
        const wire = nodes.get("align")?.wires[setting]
        expect(wire?.type === "each" && wire.members.map((member) => member.name)).toEqual(views)
      }
      expect(nodes.get("vocabulary")?.params).toEqual({ size: 5000 })
      expect(nodes.get("align")?.params).toMatchObject({ k: 10 })
    })
  )

  it.effect("takes the settings that its documentation names", () =>
    Effect.gen(function* () {
      const set = [
        { node: "vocabulary", param: "size", value: "300" },
        { node: "align", param: "k", value: "20" },
        { node: "ppmi", param: "words", value: "1000" },
        { node: "ppmi-brown", param: "words", value: "1000" },
        { node: "sae", param: "steps", value: "100" }
      ]
      const { nodes } = yield* words.build({ set, swap: [] })
      expect(nodes.get("vocabulary")?.params).toEqual({ size: 300 })
      expect(nodes.get("align")?.params).toMatchObject({ k: 20 })
      expect(nodes.get("ppmi-brown")?.params).toMatchObject({ words: 1000 })
      expect(nodes.get("sae/use")?.params).toMatchObject({ steps: 100 })
    })
  )

  it.effect("lets a user's stage stand in for ppmi, wired to the words alone", () =>
    Effect.gen(function* () {
      const { nodes } = yield* words.build({
        set: [],
        swap: [{ node: "ppmi", stage: lengths as Stage.Stage }]
      })
      expect(nodes.get("ppmi")?.stage.id).toBe("mine/lengths")
      expect(Object.keys(nodes.get("ppmi")?.wires ?? {})).toEqual(["corpus"])
    })
  )
})
