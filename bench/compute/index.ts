/**
 * `npm run bench:compute`: training steps and a matrix product, ours and PyTorch's in turn on the same cores.
 *
 * Blocks alternate between the two sides; a row is the median over blocks of the block's median. Then both train on from the
 * same start, so that the losses can be compared, and gradients are compared element by element. `--quick` does less of
 * everything, `--json` prints one object.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import * as os from "node:os"
import { join } from "node:path"
import { makeOnnx } from "../../compute/backends/onnx/engine.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import type { Case, Settings } from "./cases.ts"
import { contrastive, gemm, sae } from "./cases.ts"
import { startPeer } from "./peer.ts"

const quick = process.argv.includes("--quick")
const asJson = process.argv.includes("--json")
/** `--only sae`, `contrastive` or `gemm`. */
const only = process.argv.indexOf("--only")
const chosen = (name: string): boolean => only < 0 || process.argv[only + 1] === name
const blocks = quick ? 5 : 7
const compared = quick ? 30 : 200

const folder = mkdtempSync(join(os.tmpdir(), "asterism-bench-"))
const settings: Settings = {
  threads: os.availableParallelism(),
  folder,
  sae: { batch: 1024, dims: 768, dictionary: 8192, k: 32, rows: 8192 },
  contrastive: { queries: 5000, documents: 1000, dims: 64 },
  gemm: [2048, 768, 8192]
}

const log = (line: string): void => {
  if (!asJson) process.stdout.write(`${line}\n`)
}

const write = (name: string, data: Float32Array): void => writeFileSync(join(folder, `${name}.f32`), data)

const writeInputs = (): void => {
  const random = makeRandom("bench", "compute")
  const { dims, dictionary, rows } = settings.sae
  const encoder = new Float32Array(dictionary * dims)
  random.fillUniform(encoder, -1 / Math.sqrt(dims), 1 / Math.sqrt(dims))
  const decoder = new Float32Array(dictionary * dims)
  random.fillUniform(decoder, -Math.sqrt(6 / dictionary), Math.sqrt(6 / dictionary))
  const data = new Float32Array(rows * dims)
  random.fillGaussian(data, 1 / Math.sqrt(dims))
  write("encoder", encoder)
  write("decoder", decoder)
  write("data", data)
  write("centre", new Float32Array(dims))
  const { queries, documents, dims: width } = settings.contrastive
  const [u, v] = [new Float32Array(queries * width), new Float32Array(documents * width)]
  random.fillGaussian(u)
  random.fillGaussian(v)
  write("queries", u)
  write("documents", v)
  const labels = new Float32Array(queries * documents)
  for (let i = 0; i < labels.length; i++) labels[i] = random.uniform() < 0.01 ? 1 : -1
  write("labels", labels)
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** Largest difference over largest entry. */
const deviation = (ours: ArrayLike<number>, theirs: ArrayLike<number>): number => {
  let [difference, size] = [0, 0]
  for (let i = 0; i < theirs.length; i++) {
    difference = Math.max(difference, Math.abs(ours[i]! - theirs[i]!))
    size = Math.max(size, Math.abs(theirs[i]!))
  }
  return difference / size
}

interface Row {
  readonly case: string
  readonly tool: string
  readonly seconds: ReadonlyArray<number>
  readonly median: number
}

writeInputs()
const engine = await makeOnnx({ device: "cpu", threads: settings.threads })
const peer = await startPeer(settings)
const rows: Array<Row> = []
const ratios: { [name: string]: number } = {}
const checks: { [name: string]: number } = {}
const traffic: { [name: string]: number } = {}

/** Times a case against its peers in alternating blocks; our ratio is against the fastest of them. */
const compare = async (
  name: string,
  made: Case,
  peers: ReadonlyArray<string>,
  steps: number
): Promise<void> => {
  const times = new Map<string, Array<number>>(["asterism", ...peers].map((tool) => [tool, []]))
  const losses = new Map<string, Array<number>>(["asterism", ...peers].map((tool) => [tool, []]))
  let at = 0
  const ours = async (count: number): Promise<ReadonlyArray<number>> => {
    const seconds: Array<number> = []
    for (let i = 0; i < count; i++) {
      const start = performance.now()
      losses.get("asterism")!.push(await made.step(at + i))
      seconds.push((performance.now() - start) / 1000)
    }
    at += count
    return seconds
  }
  for (let block = -1; block < blocks; block++) {
    // The block before the first warms both sides up and does not count.
    const seconds = await ours(steps)
    if (block >= 0) times.get("asterism")!.push(median(seconds))
    for (const tool of peers) {
      const answer = await peer.run({ case: tool, steps })
      losses.get(tool)!.push(...answer.losses)
      if (block >= 0) times.get(tool)!.push(median(answer.seconds))
    }
  }
  for (const [tool, seconds] of times) {
    rows.push({ case: name, tool, seconds, median: median(seconds) })
    log(
      `  ${tool.padEnd(14)} ${(median(seconds) * 1000).toFixed(1).padStart(8)} ms   blocks ${seconds.map((s) => (s * 1000).toFixed(0)).join(" ")}`
    )
  }
  const fastest = peers.reduce((a, b) => (median(times.get(a)!) < median(times.get(b)!) ? a : b))
  ratios[name] = median(times.get(fastest)!) / median(times.get("asterism")!)
  const { bytes, runs } = made.traffic()
  traffic[name] = Math.round(bytes / runs)
  log(
    `  ${name}: ${ratios[name]!.toFixed(2)}× the speed of ${fastest}; ${traffic[name]!.toLocaleString("en")} bytes into JavaScript a step`
  )
  if (name === "gemm") return

  const more = compared - at
  if (more > 0) {
    await ours(more)
    for (const tool of [peers[0]!])
      losses.get(tool)!.push(...(await peer.run({ case: tool, steps: more })).losses)
  }
  const [mine, theirs] = [losses.get("asterism")!, losses.get(peers[0]!)!]
  const worst = Math.max(...mine.map((loss, i) => Math.abs(loss - theirs[i]!) / Math.abs(theirs[i]!)))
  checks[`${name}: loss, worst relative difference over ${mine.length} steps`] = worst
  log(
    `  losses over ${mine.length} steps agree to ${worst.toExponential(1)} (last ${mine.at(-1)!.toPrecision(6)} and ${theirs.at(-1)!.toPrecision(6)})`
  )
}

/** Gradients at the start, element by element. */
const compareGradients = async (name: string, made: Case, tool: string): Promise<void> => {
  const ours = await made.gradients(0)
  await peer.run({ case: tool, steps: 1, gradients: folder })
  await peer.run({ case: tool, steps: 0, drop: true })
  const peerNames: { readonly [ours: string]: string } = { encoderBias: "bias" }
  for (const [parameter, { data }] of Object.entries(ours)) {
    const bytes = readFileSync(join(folder, `${peerNames[parameter] ?? parameter}.grad.f32`))
    const theirs = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    checks[`${name}: gradient of ${parameter}, worst difference over largest entry`] = deviation(data, theirs)
  }
}

const pause = `${os.cpus()[0]?.model ?? "unknown processor"}, ${settings.threads} threads, Node ${process.versions.node}, ${engine.numerics.engine}, PyTorch ${peer.version}, load ${os.loadavg()[0]!.toFixed(1)}`
log(pause)
if (chosen("sae")) {
  log("\nTopK autoencoder step: batch 1024, d 768, dictionary 8192, k 32, AdamW")
  const made = await sae(engine, settings)
  await compareGradients("sae", made, "sae-dense")
  await compare("sae", made, ["sae-dense", "sae-sparse", "sae-spmm"], quick ? 1 : 4)
}
if (chosen("contrastive")) {
  log("\nSigmoid contrastive step: 5000 × 1000, d 64, rows normalised, Adam")
  const made = await contrastive(engine, settings)
  await compareGradients("contrastive", made, "contrastive")
  await compare("contrastive", made, ["contrastive"], quick ? 4 : 10)
}
if (chosen("gemm")) {
  log("\nMatrix product 2048 × 768 × 8192")
  await compare("gemm", await gemm(engine, settings), ["gemm"], quick ? 2 : 5)
}

peer.close()
await engine.close()
rmSync(folder, { recursive: true, force: true })
if (asJson) {
  process.stdout.write(
    `${JSON.stringify({ ratios, rows, checks, bytesPerStep: traffic, machine: pause }, null, 2)}\n`
  )
} else {
  log("")
  for (const [check, value] of Object.entries(checks)) log(`${check}: ${value.toExponential(1)}`)
}
