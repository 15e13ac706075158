/**
 * `npm run bench:compute`: training steps and a matrix product, ours and PyTorch's in turn on the same cores.
 *
 * Blocks alternate between the sides; a row is the median over blocks of the block's median step. Both then train from the
 * same start for 200 steps, so that the losses can be compared, and gradients are compared element by element. Last, a
 * view of 100,000 × 768 is encoded with 16,384 features through `sae/encode`, and the peak memory of that process is read.
 *
 * `--quick` does less of everything (below 120 s), `--json` prints one object, `--only sae` (contrastive, gemm, encode) does
 * one case. A full run writes docs/results/compute.md.
 */
import { mkdtempSync, rmSync } from "node:fs"
import * as os from "node:os"
import { join } from "node:path"
import { makeOnnx } from "../../compute/backends/onnx/engine.ts"
import type { Engine } from "../../compute/Engine.ts"
import { compareGradients, lossDifference, trainBoth } from "./agreement.ts"
import type { Case } from "./cases.ts"
import { contrastive, gemm, sae } from "./cases.ts"
import type { Encoded } from "./encoding.ts"
import { encodeLarge } from "./encoding.ts"
import type { Settings } from "./inputs.ts"
import { fullSizes, writeInputs } from "./inputs.ts"
import { startPeer } from "./peer.ts"
import type { Results } from "./results.ts"
import { writeResults } from "./results.ts"
import type { Row } from "./timing.ts"
import { time } from "./timing.ts"

const quick = process.argv.includes("--quick")
const asJson = process.argv.includes("--json")
const only = process.argv.indexOf("--only")
const chosen = (name: string): boolean => only < 0 || process.argv[only + 1] === name

const folder = mkdtempSync(join(os.tmpdir(), "asterism-bench-"))
const settings: Settings = { ...fullSizes, threads: os.availableParallelism(), folder }
const blocks = quick ? 5 : 7

interface Comparison {
  readonly name: "sae" | "contrastive" | "gemm"
  readonly title: string
  readonly make: (engine: Engine, settings: Settings) => Promise<Case>
  /** The first is the one whose losses and gradients are compared. */
  readonly peers: readonly [string, ...ReadonlyArray<string>]
  /** Steps of a block. */
  readonly steps: number
  /** Steps whose losses are compared. */
  readonly compared: number
}

const comparisons: ReadonlyArray<Comparison> = [
  {
    name: "sae",
    title: "TopK autoencoder step: batch 1024, d 768, dictionary 8192, k 32, AdamW",
    make: sae,
    peers: ["sae-dense", "sae-sparse", "sae-spmm"],
    steps: quick ? 1 : 4,
    compared: quick ? 5 : 200
  },
  {
    name: "contrastive",
    title: "Sigmoid contrastive step: 5000 × 1000, d 64, rows normalised, Adam",
    make: contrastive,
    peers: ["contrastive"],
    steps: quick ? 4 : 10,
    compared: quick ? 50 : 200
  },
  {
    name: "gemm",
    title: "Matrix product 2048 × 768 × 8192",
    make: gemm,
    peers: ["gemm"],
    steps: quick ? 2 : 10,
    compared: 0
  }
]

const log = (line: string): void => {
  if (!asJson) process.stdout.write(`${line}\n`)
}

writeInputs(settings)
const engine = await makeOnnx({ device: "cpu", threads: settings.threads })
const peer = await startPeer(settings)
const rows: Array<Row> = []
const ratios: { [name: string]: number } = {}
const checks: { [name: string]: number } = {}
const bytesPerStep: { [name: string]: number } = {}
const machine = `${os.cpus()[0]?.model ?? "unknown processor"}, ${settings.threads} threads, Node ${process.versions.node}, ${engine.numerics.engine}, PyTorch ${peer.version}, load ${os.loadavg()[0]!.toFixed(1)} at the start`
log(machine)

for (const { name, title, make, peers, steps, compared } of comparisons.filter(({ name }) => chosen(name))) {
  log(`\n${title}`)
  const made = await make(engine, settings)
  if (compared > 0) {
    for (const { parameter, worst, beyond } of await compareGradients(made, peer, peers[0], folder)) {
      checks[`${name}: gradient of ${parameter}, worst difference over largest entry`] = worst
      checks[`${name}: gradient of ${parameter}, share of entries off by more than 1e-4 of it`] = beyond
    }
    const { ours, theirs } = await trainBoth(made, peer, peers[0], compared)
    checks[`${name}: loss, worst relative difference over ${compared} steps`] = lossDifference(ours, theirs)
    log(
      `  after ${compared} steps the loss is ${ours.at(-1)!.toPrecision(6)}, theirs ${theirs.at(-1)!.toPrecision(6)}`
    )
  }
  const timed = await time(name, made, peer, peers, { blocks, steps })
  rows.push(...timed.rows)
  ratios[name] = timed.ratio
  bytesPerStep[name] = timed.bytesPerStep
  for (const { tool, seconds, median } of timed.rows) {
    const each = seconds.map((s) => (s * 1000).toFixed(0)).join(" ")
    log(`  ${tool.padEnd(14)} ${(median * 1000).toFixed(1).padStart(8)} ms   blocks ${each}`)
  }
  log(
    `  ${timed.ratio.toFixed(2)}× the speed of ${timed.fastest}; ${timed.bytesPerStep.toLocaleString("en")} bytes into JavaScript a step`
  )
}
peer.close()
await engine.close()
rmSync(folder, { recursive: true, force: true })

let encoded: Encoded | undefined
if (chosen("encode")) {
  encoded = encodeLarge(quick ? 5000 : 100_000)
  log(
    `\nsae/encode of ${encoded.rows} × ${encoded.dims} with ${encoded.features} features, k ${encoded.k}: ${encoded.seconds.toFixed(1)} s, peak ${encoded.peakMegabytes} MB`
  )
}
const results: Results = { ratios, rows, checks, bytesPerStep, ...(encoded ? { encoded } : {}), machine }
if (asJson) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
else {
  log("")
  for (const [check, value] of Object.entries(checks)) log(`${check}: ${value.toExponential(1)}`)
}
if (!quick && only < 0) writeResults(results, comparisons)
