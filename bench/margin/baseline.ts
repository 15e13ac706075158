/**
 * The soft-min Adam baseline (`adam.py`) on one matrix: two processes, seeds 0 and 1, one core each, both for all of the
 * time given; the better margin of the two counts, threshold by threshold.
 */
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Relevance, Threshold } from "../../compute/margin/Relevance.ts"

export interface BaselineOptions {
  readonly dim: number
  /** Wall seconds, an equal part for each threshold. */
  readonly seconds: number
  readonly thresholds: ReadonlyArray<Threshold>
  /** Default 0 and 1: a process each. */
  readonly seeds?: ReadonlyArray<number>
}

export interface BaselineMargin {
  /** Half gap in float64. */
  readonly margin: number
  /** Wall seconds of the longer process. */
  readonly seconds: number
  /** Of both processes. */
  readonly restarts: number
}

export interface Baseline {
  readonly margins: { readonly [T in Threshold]?: BaselineMargin }
  /** As in "numpy 2.4.6, OpenBLAS 0.3.31, SkylakeX kernel". */
  readonly numpy: string
}

/** What `adam.py` prints; null for a threshold that the matrix has not. */
interface Printed {
  readonly results: {
    readonly [T in Threshold]?: {
      readonly margin: number
      readonly seconds: number
      readonly restarts: number
    } | null
  }
  readonly numpy: string
  readonly blas: string
}

const script = fileURLToPath(new URL("./adam.py", import.meta.url))

/** The environment of the baseline: OpenBLAS chooses its kernel for this processor itself, and uses one thread. */
const environment = (): NodeJS.ProcessEnv => {
  const { OPENBLAS_CORETYPE: _type, OPENBLAS_L2_SIZE: _size, ...rest } = process.env
  return { ...rest, OPENBLAS_NUM_THREADS: "1" }
}

const start = (job: string, seed: number): Promise<Printed> =>
  new Promise((resolve, reject) => {
    execFile(
      "python3",
      [script, job, "--seed", String(seed)],
      { encoding: "utf8", env: environment(), maxBuffer: 2 ** 24 },
      (error, stdout, stderr) => {
        if (error === null) resolve(JSON.parse(stdout) as Printed)
        else reject(new Error(`adam.py failed: ${stderr || error.message}`))
      }
    )
  })

/** The relevant columns of each row. */
export const listsOf = (a: Relevance): ReadonlyArray<ReadonlyArray<number>> =>
  Array.from({ length: a.rows }, (_, j) => [...a.indices.subarray(a.indptr[j], a.indptr[j + 1])])

/** Needs python3 with numpy. */
export const baseline = async (a: Relevance, options: BaselineOptions): Promise<Baseline> => {
  const { dim, seconds, seeds = [0, 1], thresholds } = options
  const folder = mkdtempSync(join(tmpdir(), "asterism-adam-"))
  try {
    const job = join(folder, "job.json")
    writeFileSync(job, JSON.stringify({ columns: a.columns, lists: listsOf(a), dim, seconds, thresholds }))
    const printed = await Promise.all(seeds.map((seed) => start(job, seed)))
    const margins: { [T in Threshold]?: BaselineMargin } = {}
    for (const threshold of thresholds) {
      const found = printed.flatMap(({ results }) => results[threshold] ?? [])
      if (found.length === 0) continue
      margins[threshold] = {
        margin: Math.max(...found.map(({ margin }) => margin)),
        seconds: Math.max(...found.map(({ seconds }) => seconds)),
        restarts: found.reduce((sum, { restarts }) => sum + restarts, 0)
      }
    }
    return { margins, numpy: `numpy ${printed[0].numpy}, ${printed[0].blas}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
