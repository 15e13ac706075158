import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll } from "vitest"
import { builtInStages } from "../../cli/modules.ts"
import * as Pipeline from "../../engine/Pipeline.ts"
import type * as Stage from "../../engine/Stage.ts"
import endToEnd from "../../pipelines/end-to-end.ts"
import limit from "../../pipelines/limit.ts"
import retrieval from "../../pipelines/retrieval.ts"
import { infonceAdapter } from "../../stages/retrieval/infonceAdapter.ts"
import { workplace } from "../support/command.ts"

const place = workplace()
afterAll(() => place.remove())

/** Runs a pipeline with settings `name=value`. */
const runWith = (pipeline: string, settings: ReadonlyArray<string>) =>
  place.asterism("run", pipeline, ...settings.flatMap((setting) => ["--set", setting]))

/** What the latest run did with each node. */
const statuses = async (): Promise<{ readonly [node: string]: string }> => {
  const { stdout } = await place.asterism("show", "latest", "--json")
  const { nodes } = JSON.parse(stdout) as { nodes: { [node: string]: { status: string } } }
  return Object.fromEntries(Object.entries(nodes).map(([name, { status }]) => [name, status]))
}

describe("the retrieval pipeline", () => {
  it.effect("has a node for each cell, and takes the settings that its documentation names", () =>
    Effect.gen(function* () {
      const set = [
        { node: "retrieval", param: "documents", value: "[8,9]" },
        { node: "retrieval", param: "dims", value: "[5,3]" },
        { node: "retrieval", param: "steps", value: "100000" },
        { node: "retrieval", param: "seeds", value: "3" }
      ]
      const { nodes } = yield* retrieval.build({ set, swap: [] })
      for (const cell of ["n8-d3", "n8-d5", "n9-d3", "n9-d5"]) {
        expect(nodes.has(`solver/${cell}`)).toBe(true)
        for (const seed of [0, 1, 2]) {
          expect(nodes.get(`sigmoid/${cell}-${seed}`)?.params).toMatchObject({ steps: 100_000 })
          expect(nodes.get(`infonce/${cell}-${seed}`)?.params).toMatchObject({ evaluateEvery: 1000 })
        }
      }
      // Each dimension starts from the one below.
      expect(Object.keys(nodes.get("solver/n8-d3")?.wires ?? {})).not.toContain("warmQueries")
      expect(nodes.get("solver/n8-d5")?.wires.warmQueries).toMatchObject({
        handle: { node: "solver/n8-d3" }
      })
    })
  )

  it("cells that are finished are not run again in a wider grid", { timeout: 120_000 }, async () => {
    const run = (dims: string) =>
      runWith("retrieval", ["retrieval.documents=[6]", "retrieval.steps=30", `retrieval.dims=${dims}`])
    expect((await run("[3]")).code).toBe(0)
    expect((await statuses())["solver/n6-d3"]).toBe("ran")
    expect((await run("[3,4]")).code).toBe(0)
    expect(await statuses()).toMatchObject({
      "graphs/n6": "cached",
      "bounds/n6": "cached",
      "solver/n6-d3": "cached",
      "sigmoid/n6-d3-0": "cached",
      "infonce/n6-d3-0": "cached",
      "solver/n6-d4": "ran",
      "sigmoid/n6-d4-0": "ran",
      margins: "ran"
    })
  })
})

describe("the limit pipeline", () => {
  const folder = join(place.folder, "limit")
  mkdirSync(folder)
  const lines = (name: string, records: ReadonlyArray<object>): void =>
    writeFileSync(join(folder, name), records.map((record) => JSON.stringify(record)).join("\n"))
  const people = ["Ann", "Bo", "Cy", "Di", "Ed"]
  lines(
    "corpus.jsonl",
    people.map((_id) => ({ _id, title: "", text: `${_id} likes tea.` }))
  )
  const pairs = people.flatMap((a, i) => people.slice(i + 1).map((b) => [a, b]))
  lines(
    "queries.jsonl",
    pairs.map((_, j) => ({ _id: `q${j}`, text: "Who likes tea?" }))
  )
  lines(
    "qrels.jsonl",
    pairs.flatMap((pair, j) => pair.map((who) => ({ "query-id": `q${j}`, "corpus-id": who, score: 1 })))
  )

  it.effect("reads a folder where one is given, and searches critical n where asked", () =>
    Effect.gen(function* () {
      const plain = yield* limit.build(Pipeline.noOverrides)
      expect(plain.nodes.get("relevance")?.stage.id).toBe("relevance/random")
      expect(plain.nodes.get("critical/d5-n11")?.params).toMatchObject({
        temperature: 0.1,
        trainTemperature: false
      })
      const set = [
        { node: "limit", param: "folder", value: folder },
        { node: "limit", param: "critical", value: "[]" }
      ]
      const { nodes } = yield* limit.build({ set, swap: [] })
      expect(nodes.get("relevance")?.stage.id).toBe("relevance/file")
      expect([...nodes.keys()].some((name) => name.startsWith("critical"))).toBe(false)
    })
  )

  it("its embeddings leave as npy that holds the solver's numbers", { timeout: 120_000 }, async () => {
    const ran = await runWith("limit", [
      `limit.folder=${folder}`,
      "limit.dims=[4]",
      "limit.steps=30",
      "limit.critical=[]"
    ])
    expect(ran.code, ran.stderr).toBe(0)
    const shown = await place.asterism("show", "latest", "--json")
    const { nodes } = JSON.parse(shown.stdout) as {
      nodes: { [node: string]: { outputs: { [output: string]: { digest: string } } } }
    }
    const file = join(place.folder, "queries.npy")
    await place.asterism("export", nodes["solver/d4"].outputs.queries.digest, "--to", file)
    const bytes = readFileSync(file)
    const start = 10 + bytes.readUInt16LE(8)
    expect(bytes.subarray(10, start).toString("latin1")).toMatch(/'<f8'.*\(10, 4\)/)
    for (let row = 0; row < 10; row++) {
      let square = 0
      for (let k = 0; k < 4; k++) square += bytes.readDoubleLE(start + 8 * (row * 4 + k)) ** 2
      expect(square).toBeCloseTo(1, 12)
    }
  })
})

describe("the end-to-end pipeline", () => {
  it.effect("offers the InfoNCE adapter to --swap by its name", () =>
    Effect.gen(function* () {
      const stages = yield* builtInStages
      expect(stages.get("contrastive/infonce-adapter")).toBe(infonceAdapter)
      for (const id of ["margin/construct", "relevance/file"]) expect(stages.has(id)).toBe(true)
    })
  )

  it.effect("takes the InfoNCE adapter in place of the sigmoid one, wired alike", () =>
    Effect.gen(function* () {
      const before = yield* endToEnd.build(Pipeline.noOverrides)
      const { nodes } = yield* endToEnd.build({
        set: [],
        swap: [{ node: "adapter", stage: infonceAdapter as Stage.Stage }]
      })
      expect(nodes.get("adapter")?.stage.id).toBe("contrastive/infonce-adapter")
      expect(nodes.get("adapter")?.wires).toEqual(before.nodes.get("adapter")?.wires)
      expect(nodes.get("adapter")?.params).toMatchObject({ dims: 32, steps: 5000 })
    })
  )
})
