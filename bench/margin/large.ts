/**
 * All 3-subsets of 120 documents (280,840 rows) in dimension 20, with its peak memory: `node bench/run.mjs
 * bench/margin/large.ts [--time 240]`. Writes docs/results/retrieval-large.json: what `asterism margin complete:120,3
 * --dim 20 --time 240s` prints, and the greatest resident memory of this process.
 */
import { writeFileSync } from "node:fs"
import { relevanceOfText } from "../../compute/margin/relevanceText.ts"
import { solveMargin, type MarginRecord } from "../../compute/margin/solveMargin.ts"
import { now, option, pathOf, type Measured } from "./results.ts"

export interface LargeResult extends Partial<Measured> {
  readonly matrix: string
  readonly record: MarginRecord
  readonly peakMebibytes: number
  readonly cpuSeconds: number
}

const matrix = "complete:120,3"
const { record } = await solveMargin(relevanceOfText(matrix)!, {
  dim: 20,
  time: Number(option("time") ?? 240)
})
const { maxRSS, systemCPUTime, userCPUTime } = process.resourceUsage()
const result: LargeResult = {
  matrix,
  record,
  peakMebibytes: maxRSS / 1024,
  cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  ...now()
}
writeFileSync(pathOf("large.json"), `${JSON.stringify(result, undefined, 1)}\n`)
console.log(JSON.stringify(result))
