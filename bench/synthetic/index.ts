/**
 * `npm run bench:synthetic [-- --seeds 3]`: runs the synthetic study for the seeds 1, 2, … and three lengths of bias β, through the
 * command, and writes docs/results/synthetic.md: attributes recovered, what centring changes, the fit against f^(−1/2), matched features.
 *
 * The store is ASTERISM_STORE or a temporary one; what it holds already is not computed again, so a killed bench goes on.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { FileStore } from "../../artifacts/store/FileStore.ts"
import { Store } from "../../artifacts/Store.ts"
import { loadRun } from "../../engine/run/runs.ts"
import { FeatureMatches } from "../../schemas/FeatureMatches.ts"
import { FrequencyFits } from "../../schemas/FrequencyFits.ts"
import type { Kind, ReaderOf } from "../../schemas/Kind.ts"
import { PairedChanges } from "../../schemas/PairedChanges.ts"
import { Recovery } from "../../schemas/Recovery.ts"
import { dateAndCommit, processor } from "../provenance.ts"
import { page } from "./page.ts"
import type { Point } from "./sections.ts"

const option = process.argv.indexOf("--seeds")
const seeds = option < 0 ? 3 : Number(process.argv[option + 1])
const root = fileURLToPath(new URL("../..", import.meta.url))
const store = process.env.ASTERISM_STORE ?? mkdtempSync(join(tmpdir(), "asterism-synthetic-"))
const command = ["run", "synthetic", "--sweep", "biased.bias=0,1,3", "--seed", "1", "--seeds", String(seeds)]

const started = performance.now()
const ran = spawnSync(
  process.execPath,
  [join(root, "bin", "asterism.mjs"), ...command, "--json", "--store", store],
  { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 2 ** 30 }
)
if (ran.status !== 0) throw new Error(`asterism ${command.join(" ")} ended with ${ran.status ?? ran.signal}`)
const { runs } = JSON.parse(ran.stdout.trim().split("\n").at(-1)!) as {
  readonly runs: ReadonlyArray<{
    readonly run: string
    readonly seed: string
    readonly settings: ReadonlyArray<string>
  }>
}

const pointOf = Effect.fnUntraced(function* (run: string, seed: string, bias: number) {
  const opened = yield* Store
  const { file } = yield* loadRun(run)
  const table = <K extends Kind>(
    node: string,
    output: string,
    kind: K
  ): Effect.Effect<ReaderOf<K>, unknown> =>
    opened.open(kind, file.nodes[node]!.outputs![output]!.digest) as Effect.Effect<ReaderOf<K>, unknown>
  const recovered: Array<Point["recovered"][number]> = []
  for (const model of ["a", "b", "c"]) {
    const { rows } = yield* (yield* table(`recovery/${model}`, "recovery", Recovery)).read
    recovered.push({ model, rows })
  }
  return {
    seed,
    bias,
    recovered,
    changes: (yield* (yield* table("bias-change", "changes", PairedChanges)).read).rows,
    fits: (yield* (yield* table("noise", "fits", FrequencyFits)).read).rows,
    matches: (yield* (yield* table("match", "matches", FeatureMatches)).read).rows
  } satisfies Point
})

const points = await Effect.runPromise(
  Effect.forEach(runs, ({ run, seed, settings }) =>
    pointOf(run, seed, Number(settings[0]!.split("=")[1]))
  ).pipe(Effect.provide(Layer.provideMerge(FileStore.layer(store), NodeServices.layer)))
)
const made = `Written ${dateAndCommit()} by \`npm run bench:synthetic\` (\`asterism ${command.join(" ")}\`); ${processor()}, Node ${process.versions.node}.`
const folder = join(root, "docs", "results")
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, "synthetic.md"), page(points, made))
console.log(
  `docs/results/synthetic.md: ${points.length} runs, ${((performance.now() - started) / 1000).toFixed(0)} s`
)
