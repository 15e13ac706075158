/**
 * The trained-model measures at the size of ImageNet's validation set: seconds and peak memory.
 *
 * `node bench/run.mjs bench/constellation/trained.ts [images] [texts] [dims] [--keep]`, by default 50,000 × 1,000 in 768 dimensions.
 */
import * as Effect from "effect/Effect"
import * as os from "node:os"
import { measureTrained } from "../../stages/constellation/measureTrained.ts"
import { syntheticPair } from "../../stages/constellation/syntheticPair.ts"
import { runStage } from "../../test/support/runStage.ts"
import { numbersGiven, peakMemory, tell } from "./measured.ts"

const [images = 50_000, texts = 1000, dims = 768] = numbersGiven()
const clock = () => ({ wall: performance.now(), cpu: process.cpuUsage() })
const since = (start: ReturnType<typeof clock>) => {
  const { system, user } = process.cpuUsage(start.cpu)
  return `${((performance.now() - start.wall) / 1000).toFixed(1)} s wall, ${((user + system) / 1e6).toFixed(1)} s CPU`
}

const program = Effect.gen(function* () {
  const begun = clock()
  const pair = yield* runStage(syntheticPair, { params: { images, texts, dims, noise: 0.5 }, inputs: {} })
  console.log(`made ${images} × ${texts} in ${dims} dimensions; load ${os.loadavg()[0].toFixed(1)}`)
  const start = clock()
  const { measures } = yield* runStage(measureTrained, {
    params: { inverseTemperature: 100, bias: 10 },
    inputs: { left: pair.images, right: pair.texts, labels: pair.labels }
  })
  tell(
    "trained.ts",
    `Trained-model measures of ${images} × ${texts} in ${dims} dimensions`,
    `${since(start)} (${since(begun)} with making them), peak ${peakMemory()}`
  )
  for (const { measure, value } of measures) console.log(`${measure.padEnd(24)} ${value}`)
})

await Effect.runPromise(Effect.scoped(program))
