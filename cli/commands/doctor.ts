/** `asterism doctor`: what this machine can run, and what to do about what it cannot. */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { execFile } from "node:child_process"
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statfsSync } from "node:fs"
import { createRequire } from "node:module"
import { availableParallelism, cpus, totalmem } from "node:os"
import { dirname } from "node:path"
import { fusedMultiplyAdd } from "../../compute/processor.ts"
import { storeRoot } from "../globals.ts"
import { bytes, columns, result } from "../output.ts"
import { version } from "../version.ts"

interface Check {
  readonly name: string
  readonly status: "ok" | "absent" | "problem"
  readonly found: string
  readonly next?: string
}

const require = createRequire(import.meta.url)

/** First line of a command's output; undefined when it is absent or fails. */
const ask = (command: string, args: ReadonlyArray<string>): Effect.Effect<string | undefined> =>
  Effect.callback((resume) => {
    execFile(command, [...args], { timeout: 10_000 }, (error, stdout) =>
      resume(Effect.succeed(error === null ? stdout.trim().split("\n")[0] : undefined))
    )
  })

/** The vector instructions that numeric results may depend on, as Linux names them. */
const instructionSet = (): string => {
  const wanted = ["sse4_2", "avx2", "fma", "avx512f", "asimd"]
  try {
    const flags =
      /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1]?.split(" ") ?? []
    return [process.arch, ...wanted.filter((flag) => flags.includes(flag))].join(" ")
  } catch {
    return process.arch
  }
}

const packageVersion = (name: string): string | undefined => {
  try {
    return (
      JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")) as {
        readonly version: string
      }
    ).version
  } catch {
    return undefined
  }
}

const engine = (name: string, packageName: string, next: string): Check => {
  const found = packageVersion(packageName)
  return found === undefined
    ? { name, status: "absent", found: `${packageName} is not installed`, next }
    : { name, status: "ok", found: `${packageName} ${found}` }
}

const storeCheck = (root: string): Check => {
  let folder = root
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    const { bavail, bsize } = statfsSync(folder)
    const free = bavail * bsize
    return free < 2e9
      ? {
          name: "store",
          status: "problem",
          found: `${root}: only ${bytes(free)} free`,
          next: "free some space ('asterism gc'), or choose another folder with --store"
        }
      : { name: "store", status: "ok", found: `${root}: ${bytes(free)} free` }
  } catch {
    return {
      name: "store",
      status: "problem",
      found: `${root} cannot be written`,
      next: "choose a folder you may write with --store or ASTERISM_STORE"
    }
  }
}

const nodeCheck = (): Check => {
  const [major, minor] = process.versions.node.split(".").map(Number) as [number, number]
  const old = major < 20 || (major === 20 && minor < 19)
  return {
    name: "node",
    status: old ? "problem" : "ok",
    found: `${process.versions.node}, ${process.platform} ${process.arch}`,
    ...(old ? { next: "install Node 20.19 or newer" } : {})
  }
}

const examine = Effect.fn("doctor.examine")(function* () {
  const root = yield* storeRoot
  const gpu = yield* ask("nvidia-smi", [
    "--query-gpu=name,memory.total,driver_version",
    "--format=csv,noheader"
  ])
  const slurm = yield* ask("sbatch", ["--version"])
  const tfjsGpu = packageVersion("@tensorflow/tfjs-node-gpu")
  const major = Number(process.versions.node.split(".")[0])
  const checks: ReadonlyArray<Check> = [
    nodeCheck(),
    {
      name: "cores",
      status: "ok",
      found: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? "unknown"} (${instructionSet()}, multiply-add ${fusedMultiplyAdd()})`
    },
    { name: "memory", status: "ok", found: bytes(totalmem()) },
    storeCheck(root),
    engine("backend onnx", "onnxruntime-node", "run 'npm ci'"),
    engine("backend tfjs", "@tensorflow/tfjs-core", "run 'npm ci'"),
    { name: "backend reference", status: "ok", found: "plain float64, the judge in tests" },
    gpu === undefined
      ? {
          name: "gpu",
          status: "absent",
          found: "no NVIDIA driver answers (nvidia-smi)",
          next: "stages run on the CPU; --device cuda needs a card and its driver"
        }
      : { name: "gpu", status: "ok", found: gpu },
    tfjsGpu === undefined
      ? {
          name: "tfjs on cuda",
          status: "absent",
          found: "@tensorflow/tfjs-node-gpu is not installed",
          next: "optional: npm install @tensorflow/tfjs-node-gpu (Node 20 to 22)"
        }
      : major > 22
        ? {
            name: "tfjs on cuda",
            status: "problem",
            found: `@tensorflow/tfjs-node-gpu ${tfjsGpu} does not run on Node ${major}`,
            next: "use Node 20 or 22 for --backend tfjs --device cuda"
          }
        : { name: "tfjs on cuda", status: "ok", found: `@tensorflow/tfjs-node-gpu ${tfjsGpu}` },
    slurm === undefined
      ? {
          name: "slurm",
          status: "absent",
          found: "sbatch is not on the path",
          next: "runs use --executor local"
        }
      : { name: "slurm", status: "ok", found: slurm }
  ]
  return checks
})

export const doctor = Command.make(
  "doctor",
  {},
  Effect.fn("doctor")(function* () {
    const checks = yield* examine()
    const mark = { ok: "ok", absent: "--", problem: "!!" }
    yield* result({ version, checks }, () =>
      [
        `asterism ${version}`,
        columns(
          checks.map((check) => [
            ` ${mark[check.status]}`,
            check.name,
            check.next === undefined ? check.found : `${check.found}; ${check.next}`
          ])
        )
      ].join("\n")
    )
  })
).pipe(Command.withDescription("what this machine can run: cores, memory, GPU, backends, Slurm, disk"))
