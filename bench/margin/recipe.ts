/**
 * The published training recipes through our own stages, cell by cell: `node bench/run.mjs bench/margin/recipe.ts
 * [--only 20] [--out file.jsonl]` (`--only n` takes the cells with n documents).
 *
 * One JSON line a cell, appended as it is done; cells that the file already has are skipped. The stages run as in a
 * pipeline (onnx, float32, 100,000 steps, an evaluation every 1,000) and are measured in float64: `global` is the best
 * half gap of any evaluation, which is what the published table reports; `latest` that after the last step.
 */
import * as Effect from "effect/Effect"
import { completeRelevance } from "../../stages/retrieval/complete.ts"
import { infonce } from "../../stages/retrieval/infonce.ts"
import { sigmoid } from "../../stages/retrieval/sigmoid.ts"
import { runStage } from "../../test/support/runStage.ts"
import { dimensions, infonce as publishedInfonce, sigmoid as publishedSigmoid } from "./reference.ts"
import { appendLine, now, option, pathOf, readLines, type Measured } from "./results.ts"

export interface RecipeCell extends Partial<Measured> {
  readonly loss: "sigmoid" | "infonce"
  readonly n: number
  readonly d: number
  readonly trainBias: boolean
  readonly steps: number
  /** Best global half gap of any evaluation, and after the last step. */
  readonly global: number
  readonly latest: number
  /** Zero and row margin of the best embeddings, and the greatest share of queries ranked right at any evaluation. */
  readonly zero: number
  readonly row: number
  readonly rankedRight: number
  /** t or T after the last step. */
  readonly temperature: number
  readonly published: number | null
  readonly seconds: number
}

/** Loss, n, d, and whether b is trained: what the published table and its claims name and two cores can train. */
const cells: ReadonlyArray<readonly ["sigmoid" | "infonce", number, number, boolean?]> = [
  ["sigmoid", 20, 20],
  ["sigmoid", 20, 30],
  ["sigmoid", 20, 10],
  ["sigmoid", 20, 6],
  ["sigmoid", 20, 20, true],
  ["infonce", 20, 20],
  ["infonce", 20, 5],
  ["infonce", 20, 8],
  ["infonce", 20, 9],
  ["infonce", 20, 10],
  ["infonce", 20, 11],
  ["sigmoid", 40, 7],
  ["sigmoid", 40, 15],
  ["infonce", 40, 15],
  ["sigmoid", 100, 15],
  ["infonce", 100, 15],
  ["sigmoid", 100, 8],
  ["sigmoid", 100, 30],
  ["infonce", 60, 17]
]

const out = option("out") ?? pathOf("recipe.jsonl")
const only = option("only")
const steps = 100_000
const nameOf = ({ d, loss, n, trainBias }: Pick<RecipeCell, "loss" | "n" | "d" | "trainBias">): string =>
  `${loss} ${n} ${d} ${trainBias}`
const done = new Set(readLines<RecipeCell>(out).map(nameOf))

const measure = Effect.fn("bench/recipe")(function* (
  loss: "sigmoid" | "infonce",
  n: number,
  d: number,
  trainBias: boolean
) {
  const started = performance.now()
  const graph = yield* runStage(completeRelevance, { params: { documents: n, k: 2 }, inputs: {} })
  const options = { inputs: graph, backend: { backend: "onnx", device: "cpu" } } as const
  const { curve, margins } =
    loss === "sigmoid"
      ? yield* runStage(sigmoid, { ...options, params: { dims: d, steps, trainBias } })
      : yield* runStage(infonce, { ...options, params: { dims: d, steps } })
  const margin = (name: string): number => margins.find(({ threshold }) => threshold === name)!.margin!
  const series = (name: string): ReadonlyArray<number> =>
    curve.filter((point) => point.series === name).map(({ y }) => y!)
  const published = (loss === "sigmoid" ? publishedSigmoid : publishedInfonce)[n]
  const at = dimensions.findIndex((dims) => dims === d)
  return {
    loss,
    n,
    d,
    trainBias,
    steps,
    global: margin("global"),
    latest: series("global").at(-1)!,
    zero: margin("zero"),
    row: margin("row"),
    rankedRight: Math.max(...series("ranked right")),
    temperature: series("temperature").at(-1)!,
    published: trainBias || at < 0 ? null : published[at],
    seconds: (performance.now() - started) / 1000,
    ...now()
  } satisfies RecipeCell
})

for (const [loss, n, d, trainBias = false] of cells) {
  if ((only !== undefined && Number(only) !== n) || done.has(nameOf({ loss, n, d, trainBias }))) continue
  const cell = await Effect.runPromise(Effect.scoped(measure(loss, n, d, trainBias)))
  appendLine(out, cell)
  console.log(JSON.stringify(cell))
}
