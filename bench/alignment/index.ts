/**
 * The eight alignment metrics of arXiv 2605.28870 (CKA, unbiased CKA, SVCCA 10 and 100, mutual kNN and edit distance at 10
 * and 100) for 30 synthetic views of the paper's dimensions, all 435 pairs, n = 1000 × 10 subsamples: our whole job against
 * the reference way of doing it, which treats every pair and subsample on its own (reference.py, PyTorch on the same cores).
 *
 * Ours is timed whole. The reference is timed on some pairs and subsamples, in turn with ours, and multiplied up: 435 pairs ×
 * 10 subsamples × the median of the measured ones.
 *
 * `npm run bench:alignment [-- --quick] [-- --json] [-- --subsamples 10 --measured 10]`; `--quick` takes 8 views, 2
 * subsamples and 2 measured pairs.
 */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { l2prhMetrics, parseMetrics } from "../../compute/alignment/metrics.ts"
import { selectDense } from "../../compute/alignment/rows.ts"
import type { DenseRows } from "../../compute/alignment/rows.ts"
import { scorePair } from "../../compute/alignment/scores.ts"
import { subsampleRows } from "../../compute/alignment/subsamples.ts"
import { needsOf, prepareView } from "../../compute/alignment/views.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"

const quick = process.argv.includes("--quick")
const json = process.argv.includes("--json")

/** LLMs, embedders, multimodal text and image towers, image models: the paper's 30 views. */
const paperDims = [
  2048, 3072, 2048, 2560, 1152, 2560, 768, 1024, 768, 768, 2048, 2560, 768, 1024, 512, 1024, 512, 768, 768,
  1024, 512, 1024, 512, 768, 768, 1024, 768, 1024, 1024, 1280
]
const dims = quick ? paperDims.filter((_, view) => view % 4 === 0) : paperDims
const corpusRows = 2000
const argument = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
const subsampleCount = argument("subsamples", quick ? 2 : 10)
const measuredPairs = argument("measured", quick ? 2 : 10)
const threads = os.availableParallelism()

/** Row-normalised mixtures of a shared signal, an offset and noise: views that agree in part, as real ones do. */
const makeView = (view: number, signal: Float32Array, signalDims: number): DenseRows => {
  const random = makeRandom("bench alignment", `view ${view}`)
  const d = dims[view]
  const directions = new Float32Array(signalDims * d)
  random.fillGaussian(directions, 1 / Math.sqrt(d))
  const offset = new Float32Array(d)
  random.fillGaussian(offset, 1 / Math.sqrt(d))
  const data = new Float32Array(corpusRows * d)
  random.fillGaussian(data, (0.3 + 0.05 * (view % 10)) / Math.sqrt(d))
  for (let i = 0; i < corpusRows; i++) {
    const row = data.subarray(i * d, (i + 1) * d)
    for (let s = 0; s < signalDims; s++) {
      const weight = signal[i * signalDims + s]
      if (weight === 0) continue
      for (let j = 0; j < d; j++) row[j] += weight * directions[s * d + j]
    }
    let square = 0
    for (let j = 0; j < d; j++) square += (row[j] += offset[j]) ** 2
    for (let j = 0; j < d; j++) row[j] /= Math.sqrt(square)
  }
  return { rows: corpusRows, dims: d, data }
}

const makeViews = (): ReadonlyArray<DenseRows> => {
  const signalDims = 256
  const random = makeRandom("bench alignment", "signal")
  const signal = new Float32Array(corpusRows * signalDims)
  for (let i = 0; i < corpusRows; i++) {
    for (const s of random.sample(signalDims, 8)) signal[i * signalDims + s] = 0.5 + random.uniform()
  }
  return dims.map((_, view) => makeView(view, signal, signalDims))
}

interface Answer {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly parts: { readonly [part: string]: number }
  readonly values: { readonly [metric: string]: number }
}

const startReference = async () => {
  const script = fileURLToPath(new URL("./reference.py", import.meta.url))
  const child = spawn(process.env["ASTERISM_BENCH_PYTHON"] ?? "/usr/bin/python3", [script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) }
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (request: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(request)}\n`)
    const { done, value } = await lines.next()
    if (done === true) {
      throw new Error(
        "The reference stopped. It needs Debian's python3-torch, python3-sklearn and python3-levenshtein."
      )
    }
    return JSON.parse(value)
  }
  const versions = (await ask({ threads })) as { readonly [name: string]: string }
  return { versions, ask: ask as (request: object) => Promise<Answer>, stop: () => child.stdin.end() }
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((x, y) => x - y)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

const line = (label: string, text: string): void => console.log(`${label.padEnd(34)} ${text}`)

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "asterism-bench-alignment-"))
const reference = await startReference()
try {
  const views = makeViews()
  const files = views.map(({ data, dims }, view) => {
    const file = path.join(folder, `${view}.f32`)
    fs.writeFileSync(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    return { file, dims }
  })
  const specs = parseMetrics(l2prhMetrics, { k: 10, q: 10 })
  const subsamples = subsampleRows(
    "bench",
    Array.from({ length: corpusRows }, (_, i) => String(i)),
    1000,
    subsampleCount
  )
  const pairs: Array<readonly [number, number]> = []
  for (let a = 0; a < views.length; a++) for (let b = a + 1; b < views.length; b++) pairs.push([a, b])
  const chosen = makeRandom("bench alignment", "pairs").sample(pairs.length, measuredPairs)

  let prepareSeconds = 0
  let pairSeconds = 0
  let cpuSeconds = 0
  const answers: Array<Answer> = []
  const differences: { [metric: string]: number } = {}
  for (const [s, rows] of subsamples.entries()) {
    const started = performance.now()
    const cpu = process.cpuUsage()
    const prepared = views.map((view) =>
      prepareView(selectDense(view, rows), needsOf(specs), { convention: "l2prh" })
    )
    const between = performance.now()
    const scores = pairs.map(([a, b]) => scorePair(prepared[a], prepared[b], specs, "l2prh"))
    prepareSeconds += (between - started) / 1000
    pairSeconds += (performance.now() - between) / 1000
    const { system, user } = process.cpuUsage(cpu)
    cpuSeconds += (system + user) / 1e6

    const share = chosen.filter((_, at) => at % subsampleCount === s)
    for (const at of share) {
      const [a, b] = pairs[at]
      const answer = await reference.ask({ a: files[a], b: files[b], rows: Array.from(rows) })
      answers.push(answer)
      specs.forEach((spec, m) => {
        const name = spec.size === null ? spec.name : `${spec.name}@${spec.size}`
        const difference = Math.abs(answer.values[name] - scores[at][m])
        differences[name] = Math.max(differences[name] ?? 0, difference)
      })
    }
  }
  reference.stop()

  const units = pairs.length * subsampleCount
  const ours = prepareSeconds + pairSeconds
  const theirs = median(answers.map((answer) => answer.seconds)) * units
  const theirCpu = median(answers.map((answer) => answer.cpuSeconds)) * units
  const parts = Object.fromEntries(
    Object.keys(answers[0].parts).map((part) => [part, median(answers.map((answer) => answer.parts[part]))])
  )
  const result = {
    views: views.length,
    pairs: pairs.length,
    subsamples: subsampleCount,
    n: 1000,
    threads: { ours: 1, reference: threads },
    versions: { node: process.version, ...reference.versions },
    ours: {
      seconds: ours,
      cpuSeconds,
      prepareSeconds,
      pairSeconds,
      millisecondsPerPair: (1000 * pairSeconds) / units
    },
    reference: {
      seconds: theirs,
      cpuSeconds: theirCpu,
      extrapolated: `median of ${answers.length} measured pairs, one subsample each, × ${units}`,
      measured: answers.map((answer) => answer.seconds),
      medianParts: parts
    },
    largestDifference: differences,
    ratio: theirs / ours,
    /** Processor seconds: steadier than the clock on a machine that does other work too. */
    cpuRatio: theirCpu / cpuSeconds
  }
  if (json) {
    console.log(JSON.stringify(result))
  } else {
    line("views, pairs, subsamples of 1000", `${result.views}, ${result.pairs}, ${result.subsamples}`)
    line(
      "ours, 1 thread",
      `${ours.toFixed(1)} s  (views ${prepareSeconds.toFixed(1)} s, pairs ${pairSeconds.toFixed(1)} s)`
    )
    line(`reference way, ${threads} threads`, `${theirs.toFixed(0)} s  (${result.reference.extrapolated})`)
    for (const [part, seconds] of Object.entries(parts))
      line(`  ${part}`, `${(1000 * seconds).toFixed(0)} ms a pair`)
    line(
      "ratio",
      `${result.ratio.toFixed(1)}× by the clock, ${result.cpuRatio.toFixed(1)}× in processor seconds`
    )
    console.log("\nlargest difference between the two, same pair and subsample")
    for (const [metric, difference] of Object.entries(differences))
      line(`  ${metric}`, difference.toExponential(1))
    console.log("(SVCCA: the reference uses a randomised SVD and an iterative CCA; ours is exact.)")
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}
