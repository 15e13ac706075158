/**
 * One study of the sigmoid-loss paper, the way its notebooks do it and ours, on the same cores: N = 100 pairs, d = 10,
 * relative bias fixed at 0, t trained from 10, full-batch Adam, five seeds.
 *
 * The peer (`reference.py`, PyTorch CPU) is written after the notebooks' recipe, one run after another: a label matrix and
 * both log-sigmoids at every step, the margin from a masked copy of all scores at every step. Blocks of steps alternate with
 * ours in turn; the figure is the median time of a step, and the whole study is steps × seeds times that. Ours runs on one
 * core; PyTorch takes what it takes (the number of threads is printed).
 *
 * `npm run bench:constellation [-- --quick] [-- --json] [-- --keep]`.
 */
import { spawn } from "node:child_process"
import * as os from "node:os"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { fusedTraining } from "../../compute/constellation/fusedTraining.ts"
import { randomCode } from "../../compute/constellation/optimisedCode.ts"
import { edgesOf } from "../../compute/constellation/synchronisation.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { tell } from "./measured.ts"

const quick = process.argv.includes("--quick")
const asJson = process.argv.includes("--json")
const [items, dims, seeds, steps] = [100, 10, 5, 10_000]
const blocks = quick ? 5 : 15
const [ourSteps, theirSteps] = quick ? [500, 50] : [2000, 200]

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

const random = makeRandom("bench constellation", "start")
const initial = Float32Array.from([...randomCode(items, dims, random), ...randomCode(items, dims, random)])
const training = fusedTraining(
  {
    modalities: 2,
    items,
    dims,
    edges: edgesOf("complete", 2),
    locked: [false, false],
    adapter: undefined,
    gradient: "tangential",
    epsilon: 0,
    steps: 10_000_000,
    learningRate: 1e-2,
    recordEvery: 100
  },
  [
    {
      form: "relative",
      inverseTemperature: 10,
      bias: 0,
      trainInverseTemperature: true,
      trainBias: false,
      guide: undefined
    }
  ],
  initial
)

const python = process.env.ASTERISM_PYTHON ?? "/usr/bin/python3"
const peer = spawn(python, [fileURLToPath(new URL("./reference.py", import.meta.url)), String(theirSteps)], {
  stdio: ["pipe", "pipe", "inherit"]
})
const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]()
const ask = async (): Promise<{
  readonly seconds: number
  readonly cpu: number
  readonly threads: number
}> => {
  peer.stdin.write("go\n")
  const { done, value } = await lines.next()
  if (done === true)
    throw new Error("the PyTorch peer ended; apt-get install python3-torch, or set ASTERISM_PYTHON")
  return JSON.parse(value)
}

const ours = async () => {
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  await training.advance(ourSteps)
  const used = process.cpuUsage(cpu)
  return { seconds: (performance.now() - start) / 1000, cpu: (used.user + used.system) / 1e6 }
}

await ours()
let { threads } = await ask()
const times = {
  ours: [] as Array<number>,
  oursCpu: [] as Array<number>,
  peer: [] as Array<number>,
  peerCpu: [] as Array<number>
}
for (let block = 0; block < blocks; block++) {
  const mine = await ours()
  const theirs = await ask()
  threads = theirs.threads
  times.ours.push((mine.seconds / ourSteps) * 1e6)
  times.oursCpu.push((mine.cpu / ourSteps) * 1e6)
  times.peer.push((theirs.seconds / theirSteps) * 1e6)
  times.peerCpu.push((theirs.cpu / theirSteps) * 1e6)
}
peer.stdin.end()

const step = {
  asterism: median(times.ours),
  pytorch: median(times.peer),
  asterismCpu: median(times.oursCpu),
  pytorchCpu: median(times.peerCpu)
}
const result = {
  study: `N = ${items}, d = ${dims}, ${seeds} seeds × ${steps} steps`,
  machine: `${os.cpus()[0]?.model ?? "?"}, ${os.availableParallelism()} cores, load ${os.loadavg()[0].toFixed(1)}`,
  pytorchThreads: threads,
  microsecondsPerStep: step,
  studySeconds: {
    asterism: (step.asterism * seeds * steps) / 1e6,
    pytorch: (step.pytorch * seeds * steps) / 1e6
  },
  ratios: { wall: step.pytorch / step.asterism, cpu: step.pytorchCpu / step.asterismCpu }
}
if (asJson) console.log(JSON.stringify(result, null, 2))
else {
  console.log(`${result.study}; ${result.machine}; PyTorch on ${threads} thread(s)`)
  tell(
    "index.ts",
    `A step beside the reference's recipe (PyTorch on ${threads} thread(s), alternating), ${result.study}`,
    `Asterism ${step.asterism.toFixed(1)} µs wall, ${step.asterismCpu.toFixed(1)} µs CPU; PyTorch ${step.pytorch.toFixed(0)} µs wall, ${step.pytorchCpu.toFixed(0)} µs CPU; ratio ${result.ratios.wall.toFixed(1)} wall, ${result.ratios.cpu.toFixed(1)} CPU; the study ${result.studySeconds.asterism.toFixed(1)} s against ${result.studySeconds.pytorch.toFixed(0)} s`
  )
}
