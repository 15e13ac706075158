/**
 * The exact sigmoid loss over all pairs of N free embeddings: seconds a step and peak memory.
 *
 * `node bench/run.mjs bench/constellation/large.ts [N] [d] [steps] [--program] [--keep]`, by default 100,000 pairs in 64 dimensions, 1
 * step, by the fused kernels on threads; `--program` takes the tensor program on onnxruntime in tiles of 2,048.
 */
import * as os from "node:os"
import { openBackend } from "../../compute/backends/open.ts"
import { kernelPairs } from "../../compute/constellation/kernelPairs.ts"
import { randomCode } from "../../compute/constellation/optimisedCode.ts"
import { programPairs } from "../../compute/constellation/programPairs.ts"
import { tiledTraining } from "../../compute/constellation/tiledTraining.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { numbersGiven, peakMemory, tell } from "./measured.ts"

const program = process.argv.includes("--program")
const [items = 100_000, dims = 64, steps = 1] = numbersGiven()
const engine = program ? await openBackend({ backend: "onnx", device: "cpu" }) : undefined
const pairs = engine === undefined ? kernelPairs(items, dims) : programPairs(engine, items, dims, 2048)
const initial = new Float32Array(2 * items * dims)
for (const side of [0, 1]) {
  initial.set(randomCode(items, dims, makeRandom("bench large", `side ${side}`)), side * items * dims)
}
const training = tiledTraining(
  pairs,
  {
    items,
    dims,
    steps,
    learningRate: 1e-2,
    inverseTemperature: 10,
    relativeBias: 0,
    trainRelativeBias: true
  },
  initial
)
const parts = training.total / steps
console.log(
  `N = ${items}, d = ${dims}: ${items * items} pairs a step in ${parts} parts; load ${os.loadavg()[0].toFixed(1)}`
)
for (let step = 0; step < steps; step++) {
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  await training.advance(parts)
  const used = process.cpuUsage(cpu)
  const { records } = await training.result()
  const [loss, t, bias, lowest, highest] = records.subarray(step * 5, step * 5 + 5)
  console.log(
    `step ${step + 1}: loss before ${loss.toPrecision(8)}, t ${t.toFixed(3)}, b_rel ${bias.toFixed(3)}, scores ${lowest.toFixed(3)} … ${highest.toFixed(3)}`
  )
  const seconds = (performance.now() - start) / 1000
  tell(
    "large.ts",
    `Exact loss over ${items} × ${items} pairs, d = ${dims}, one step`,
    `${seconds.toFixed(1)} s wall, ${((used.user + used.system) / 1e6).toFixed(1)} s CPU, peak ${peakMemory()}, loss ${loss.toPrecision(6)}`
  )
}
await training.close()
await engine?.close()
