/**
 * The exact sigmoid loss over all pairs of N free embeddings: seconds a step and peak memory.
 *
 * `node bench/run.mjs bench/constellation/large.ts [N] [d] [steps] [tile]`, by default 100,000 pairs in 64 dimensions, 1 step.
 */
import * as os from "node:os"
import { openBackend } from "../../compute/backends/open.ts"
import { randomCode } from "../../compute/constellation/optimisedCode.ts"
import { tiledTraining } from "../../compute/constellation/tiledTraining.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"

const [items = 100_000, dims = 64, steps = 1, tile = 2048] = process.argv.slice(2).map(Number)
const engine = await openBackend({ backend: "onnx", device: "cpu" })
const initial = new Float32Array(2 * items * dims)
for (const side of [0, 1]) {
  initial.set(randomCode(items, dims, makeRandom("bench large", `side ${side}`)), side * items * dims)
}
const training = await tiledTraining(
  engine,
  {
    items,
    dims,
    tile,
    steps,
    learningRate: 1e-2,
    inverseTemperature: 10,
    relativeBias: 0,
    trainRelativeBias: true
  },
  initial
)
const tiles = training.total / steps
console.log(
  `N = ${items}, d = ${dims}: ${items * items} pairs a step in ${tiles} tiles; load ${os.loadavg()[0].toFixed(1)}`
)
for (let step = 0; step < steps; step++) {
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  await training.advance(tiles)
  const used = process.cpuUsage(cpu)
  const { records } = await training.result()
  const [loss, t, bias, lowest, highest] = records.subarray(step * 5, step * 5 + 5)
  console.log(
    `step ${step + 1}: loss before ${loss.toPrecision(8)}, t ${t.toFixed(3)}, b_rel ${bias.toFixed(3)}, scores ${lowest.toFixed(3)} … ${highest.toFixed(3)}; ${((performance.now() - start) / 1000).toFixed(1)} s wall, ${((used.user + used.system) / 1e6).toFixed(1)} s CPU, peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`
  )
}
training.close()
await engine.close()
