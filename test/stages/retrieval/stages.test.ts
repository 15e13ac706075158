import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { State } from "../../../engine/services/Checkpoint.ts"
import type { Matrix, SparseRows } from "../../../schemas/Matrix.ts"
import { bound } from "../../../stages/retrieval/bound.ts"
import { collect } from "../../../stages/retrieval/collect.ts"
import { completeRelevance } from "../../../stages/retrieval/complete.ts"
import { construct } from "../../../stages/retrieval/construct.ts"
import { contentHash } from "../../../stages/data/pinnedFile.ts"
import { fileRelevance } from "../../../stages/retrieval/file.ts"
import { infonce } from "../../../stages/retrieval/infonce.ts"
import { infonceAdapter } from "../../../stages/retrieval/infonceAdapter.ts"
import { measure } from "../../../stages/retrieval/measure.ts"
import { randomRelevance } from "../../../stages/retrieval/random.ts"
import { robustness } from "../../../stages/retrieval/robustness.ts"
import { sigmoid } from "../../../stages/retrieval/sigmoid.ts"
import { sigmoidAdapter } from "../../../stages/retrieval/sigmoidAdapter.ts"
import { solve } from "../../../stages/retrieval/solve.ts"
import { summary } from "../../../stages/retrieval/summary.ts"
import { limitTexts } from "../../../stages/retrieval/texts.ts"
import { runStage } from "../../support/runStage.ts"

const graph = (documents: number) => runStage(completeRelevance, { params: { documents, k: 2 }, inputs: {} })

describe("relevance sources", () => {
  it.effect("the complete graph, with keys in order", () =>
    Effect.gen(function* () {
      const { keys, relevance } = yield* graph(6)
      expect((relevance as SparseRows).keys.length).toBe(15)
      expect(keys.filter(({ side }) => side === "document").length).toBe(6)
    }).pipe(Effect.scoped)
  )

  it.effect("random rows depend on the seed alone", () =>
    Effect.gen(function* () {
      const draw = (seed: string) =>
        runStage(randomRelevance, { params: { documents: 20, k: 3, rows: 30 }, inputs: {}, seed })
      const [one, again, other] = [yield* draw("a"), yield* draw("a"), yield* draw("b")]
      expect(one).toEqual(again)
      expect((one.relevance as SparseRows).indices).not.toEqual((other.relevance as SparseRows).indices)
    }).pipe(Effect.scoped)
  )

  const folder = mkdtempSync(join(tmpdir(), "qrels-"))
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const read = (file: string) =>
    runStage(fileRelevance, { params: { file }, inputs: {} }).pipe(
      Effect.map(({ relevance }) => {
        const { indices, indptr, keys } = relevance as SparseRows
        return keys.map((key, j) => [key, ...indices.subarray(Number(indptr[j]), Number(indptr[j + 1]))])
      })
    )

  it.effect("TREC, BEIR tsv and json lines hold the same judgements; explicit zeros are not relevant", () =>
    Effect.gen(function* () {
      const expected = [
        ["q1", 0, 1],
        ["q2", 2]
      ]
      expect(yield* read(write("a.trec", "q1 0 d1 1\nq1 0 d2 2\nq2 0 d1 0\nq2 0 d3 1\n"))).toEqual(expected)
      expect(
        yield* read(
          write("a.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t2\nq2\td1\t0\nq2\td3\t1\n")
        )
      ).toEqual(expected)
      expect(
        yield* read(
          write(
            "a.jsonl",
            [
              ["q1", "d1", 1],
              ["q1", "d2", 2],
              ["q2", "d1", -1],
              ["q2", "d3", 1]
            ]
              .map(([q, d, score]) => JSON.stringify({ "query-id": q, "corpus-id": d, score }))
              .join("\n")
          )
        )
      ).toEqual(expected)
    }).pipe(Effect.scoped)
  )

  it.effect("a LIMIT folder: every document is a column, a query without judgements an empty row", () =>
    Effect.gen(function* () {
      const limit = join(folder, "limit")
      mkdirSync(limit)
      const lines = (name: string, records: ReadonlyArray<object>): void =>
        writeFileSync(join(limit, name), records.map((record) => JSON.stringify(record)).join("\n"))
      lines(
        "corpus.jsonl",
        ["Ann", "Bo", "Cy"].map((_id) => ({ _id, title: "", text: `${_id} likes tea.` }))
      )
      lines(
        "queries.jsonl",
        ["q0", "q1"].map((_id) => ({ _id, text: "Who likes tea?" }))
      )
      lines(
        "qrels.jsonl",
        ["Cy", "Ann"].map((id) => ({ "query-id": "q0", "corpus-id": id, score: 1 }))
      )
      expect(yield* read(limit)).toEqual([["q0", 0, 2], ["q1"]])
    }).pipe(Effect.scoped)
  )

  it.effect("bad files are refused with file and line", () =>
    Effect.gen(function* () {
      const refused = (text: string) => Effect.flip(read(write("bad.tsv", text))).pipe(Effect.map(String))
      expect(yield* refused("q1\td1\t1\nq1\td1\t1\n")).toMatch(/judged twice.*line 2/)
      expect(yield* refused("q1\td1\tyes\n")).toMatch(/not a number.*line 1/)
      expect(yield* refused("q1 d1\n")).toMatch(/2 fields.*line 1/)
      const file = write("c.tsv", "q\td\t1\n")
      const found = yield* Effect.promise(() => contentHash(file))
      const pinned = (sha256: string) => runStage(fileRelevance, { params: { file, sha256 }, inputs: {} })
      expect((yield* pinned(found.toUpperCase())).keys.length).toBe(2)
      const other = String(yield* Effect.flip(pinned("0".repeat(64))))
      expect(other).toMatch(/not the one that was pinned/)
      expect(other).toContain(`found ${found}`)
    }).pipe(Effect.scoped)
  )
})

describe("margin stages", () => {
  it.effect("bound, solve, construct and measure agree on a small graph", () =>
    Effect.gen(function* () {
      const { keys, relevance } = yield* graph(8)
      const { bounds, documents: optimum } = yield* runStage(bound, {
        params: {},
        inputs: { relevance, keys }
      })
      expect(bounds.length).toBe(3)
      for (const { lower, upper } of bounds) expect(lower!).toBeLessThanOrEqual(upper!)
      const solved = yield* runStage(solve, {
        params: { dims: 5, rounds: 1 },
        inputs: { relevance, keys, bounds, optimum }
      })
      const formula = yield* runStage(construct, { params: {}, inputs: { relevance, keys } })
      const global = (rows: typeof solved.margins) => rows.find(({ threshold }) => threshold === "global")!
      expect(global(solved.margins).margin!).toBeGreaterThan(global(formula.margins).margin!)
      expect(global(solved.margins).margin!).toBeLessThanOrEqual(global(solved.margins).upperBound!)
      const measured = yield* runStage(measure, {
        params: { cutoffs: [1, 2] },
        inputs: { relevance, keys, bounds, queries: solved.queries, documents: solved.documents }
      })
      expect(global(measured.margins).margin!).toBeCloseTo(global(solved.margins).margin!, 12)
      expect(measured.quality.find(({ metric }) => metric === "recall@2")!.value).toBe(1)
      const robust = yield* runStage(robustness, {
        params: { noise: [0], pairs: 20 },
        inputs: { relevance, keys, queries: solved.queries, documents: solved.documents }
      })
      expect(robust.noise.find(({ series: name }) => name === "ranked right under noise")!.y).toBe(1)
      const gathered = yield* runStage(collect, {
        params: {},
        inputs: { margins: { solver: solved.margins, formula: formula.margins } }
      })
      expect(gathered.margins.length).toBe(6)
      const quality = { solver: measured.quality }
      const { summary: rows } = yield* runStage(summary, {
        params: {},
        inputs: { margins: { solver: measured.margins }, quality }
      })
      expect(rows.map(({ metric }) => metric)).toEqual([
        ...["zero", "global", "row"].flatMap((name) => [`${name} margin`, `bound on the ${name} margin`]),
        ...measured.quality.map(({ metric }) => metric)
      ])
      for (const { dims, setting } of rows) expect([setting, dims]).toEqual(["solver", 5])
      expect(gathered.byDims.length).toBeGreaterThan(0)
      const higher = solved.margins.map((row) => ({ ...row, dims: 10, margin: row.margin! / 2 }))
      const { byDims, byDocuments } = yield* runStage(collect, {
        params: {},
        inputs: { margins: { solver: solved.margins, higher } }
      })
      // Panels go by their numbers, 5 before 10.
      expect(byDocuments.map(({ series }) => series)).toEqual([5, 10].map((d) => `d = ${d}/solver (global)`))
      expect(byDims.map(({ series, x }) => [series, x])).toEqual(
        ["proved bound", "solver (global)"].flatMap((name) => [5, 10].map((d) => [`n = 8/${name}`, d]))
      )
    }).pipe(Effect.scoped)
  )

  it.effect("a wired solution of lower dimension is never lost", () =>
    Effect.gen(function* () {
      const { keys, relevance } = yield* graph(8)
      const low = yield* runStage(solve, {
        params: { dims: 5, rounds: 1 },
        inputs: { relevance, keys }
      })
      const high = yield* runStage(solve, {
        params: { dims: 6, rounds: 1 },
        inputs: { relevance, keys, warmQueries: low.queries, warmDocuments: low.documents }
      })
      const margin = (rows: typeof low.margins) =>
        rows.find(({ threshold }) => threshold === "global")!.margin!
      expect(margin(high.margins)).toBeGreaterThanOrEqual(margin(low.margins) - 1e-14)
    }).pipe(Effect.scoped)
  )
})

describe("contrastive training", () => {
  const stages = [
    ["sigmoid", sigmoid],
    ["infonce", infonce]
  ] as const
  for (const [name, stage] of stages) {
    it.effect(`${name}: the loss falls, and a killed run ends with the same bytes`, () =>
      Effect.gen(function* () {
        const { keys, relevance } = yield* graph(6)
        const params = { dims: 4, steps: 60, evaluateEvery: 20, keep: "latest" } as const
        const saved: Array<Required<State>> = []
        const whole = yield* runStage(stage, { params, inputs: { relevance, keys }, saved })
        const losses = whole.curve.filter(({ series }) => series === "loss").map(({ y }) => y!)
        expect(losses.at(-1)!).toBeLessThan(losses[0])
        expect(saved.length).toBeGreaterThan(1)
        const resumed = yield* runStage(stage, { params, inputs: { relevance, keys }, resume: saved[0] })
        expect((resumed.queries as Matrix).data).toEqual((whole.queries as Matrix).data)
        expect(resumed.curve).toEqual(whole.curve)
      }).pipe(Effect.scoped)
    )
  }

  it.effect("the backends train alike", () =>
    Effect.gen(function* () {
      const inputs = yield* graph(6)
      const params = { dims: 4, steps: 40, evaluateEvery: 10, schedule: "constant" } as const
      for (const [, stage] of stages) {
        const losses = Effect.fnUntraced(function* (backend: "onnx" | "reference" | "tfjs") {
          const { curve } = yield* runStage(stage, {
            params,
            inputs,
            backend: { backend, device: "cpu" }
          })
          return curve.filter(({ series }) => series === "loss").map(({ y }) => y!)
        })
        const reference = yield* losses("reference")
        expect(reference.length).toBe(4)
        for (const backend of ["onnx", "tfjs"] as const) {
          const found = yield* losses(backend)
          found.forEach((loss, at) => expect(Math.abs(loss / reference[at] - 1)).toBeLessThan(1e-4))
        }
      }
    }).pipe(Effect.scoped)
  )

  it.effect("the absolute and the relative form start alike and then part", () =>
    Effect.gen(function* () {
      const { keys, relevance } = yield* graph(6)
      const run = (parameterisation: "absolute" | "relative") =>
        runStage(sigmoid, {
          params: { dims: 4, steps: 40, evaluateEvery: 1, trainBias: true, parameterisation },
          inputs: { relevance, keys }
        })
      const loss = (curve: ReadonlyArray<{ series: string; y: number | null }>) =>
        curve.filter(({ series }) => series === "loss").map(({ y }) => y!)
      const [absolute, relative] = [
        loss((yield* run("absolute")).curve),
        loss((yield* run("relative")).curve)
      ]
      // t starts at 1 and b at 0: the same loss before the first step.
      expect(absolute[0]).toBeCloseTo(relative[0], 5)
      expect(absolute.at(-1)!).not.toBeCloseTo(relative.at(-1)!, 5)
    }).pipe(Effect.scoped)
  )

  it.effect("adapters: trained on given vectors, they rank better than the vectors do", () =>
    Effect.gen(function* () {
      const { keys, relevance } = yield* graph(6)
      const { documents: texts, queries: asked } = yield* runStage(limitTexts, {
        params: {},
        inputs: { relevance, keys }
      })
      expect(asked[0].text).toMatch(/^Who likes .+\?$/)
      expect(texts.length).toBe(6)
      const vectors = (rows: number, names: ReadonlyArray<string>, shift: number): Matrix => ({
        keys: names,
        dims: 24,
        data: Float32Array.from({ length: rows * 24 }, (_, x) => Math.sin(shift + x * x))
      })
      const queries = vectors(15, (relevance as SparseRows).keys, 1)
      const documents = vectors(
        6,
        texts.map(({ key }) => key),
        2
      )
      for (const stage of [sigmoidAdapter, infonceAdapter]) {
        const adapted = yield* runStage(stage, {
          params: { dims: 8, steps: 150, evaluateEvery: 50 },
          inputs: { relevance, keys, queries, documents }
        })
        const right = adapted.curve.filter(({ series }) => series === "ranked right").map(({ y }) => y!)
        expect(right.at(-1)!).toBeGreaterThan(0.5)
      }
    }).pipe(Effect.scoped)
  )
})
