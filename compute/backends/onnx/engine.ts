/**
 * The onnx backend: a program becomes engine sessions and kernel calls (`plan.ts`). States live in ordinary arrays that the
 * engine reads in place, or in the kernels' shared memory once a kernel updates them.
 */
import * as os from "node:os"
import type { Bindings, Engine, Executable, Handle, HeldEntries, HostTensor } from "../../Engine.ts"
import { checkBindings, checkHost, executable } from "../../Engine.ts"
import { KernelPool } from "../../kernels/KernelPool.ts"
import { checkComputed } from "../../program/indexChecks.ts"
import type { Program } from "../../program/Program.ts"
import { sizeOf } from "../../program/Tensor.ts"
import { KernelRunner } from "./kernelRunner.ts"
import { onnxNumerics } from "./numerics.ts"
import type { Step } from "./plan.ts"
import { kernelPlan, wholePlan } from "./plan.ts"
import type { Device, Runtime } from "./runtime.ts"
import { loadRuntime } from "./runtime.ts"
import type { Segment } from "./segment.ts"
import { makeSegment, valueName } from "./segment.ts"
import type { Entries, Held } from "./values.ts"
import { entriesOf, hostOf, ordinary, tensorTypes, Values } from "./values.ts"

interface Parts {
  readonly runtime: Runtime
  /** Made when the first program needs it; none on a GPU. */
  readonly pool: () => Promise<KernelPool>
}

const heldBy = (handle: Handle): HeldEntries => {
  const data = ordinary(handle as Held)
  return { of: data, entries: () => data }
}

const compile = async <Outputs extends string>(
  parts: Parts,
  program: Program<Outputs>
): Promise<Executable<Outputs>> => {
  const { runtime } = parts
  const plan = runtime.device === "cpu" ? kernelPlan(program) : wholePlan(program)
  const pool = plan.some(({ type }) => type === "kernels") ? await parts.pool() : undefined
  const segments = new Map<Step, Segment>()
  for (const step of plan) {
    if (step.type === "session") {
      segments.set(step, await makeSegment(runtime, program, step.members, step.writes))
    }
  }
  const read = new Set<string>()
  for (const at of [...segments.values()].flatMap(({ reads }) => reads)) {
    const { op } = program.instructions[at]!
    if (op.kind === "state") read.add(op.name)
  }
  const runner = pool === undefined ? undefined : new KernelRunner(pool, program, plan, read)
  const leaving = new Set([...program.outputs.values(), ...program.updates.values()])
  const staging = new Map(
    (runner?.results ?? [])
      .filter((at) => !leaving.has(at))
      .map((at) => [at, new Float32Array(sizeOf(program.instructions[at]!.shape))])
  )
  const { Tensor } = runtime.ort
  let bytes = 0

  const runSession = async (segment: Segment, values: Values): Promise<void> => {
    const feeds: { [name: string]: InstanceType<typeof Tensor> } = {}
    for (const at of segment.reads) {
      const { shape, dtype } = program.instructions[at]!
      feeds[valueName(at)] = new Tensor(tensorTypes[dtype], values.ordinary(at) as never, shape)
    }
    const results = await segment.session.run(feeds)
    for (const [at, name] of segment.writes) {
      const data = results[name]!.data as Entries
      bytes += data.byteLength
      values.set(at, data)
      checkComputed(program, at, () => data)
    }
  }

  const run = async (bindings: Bindings): Promise<{ readonly [name: string]: HostTensor }> => {
    checkBindings(program, bindings, heldBy)
    const values = new Values(program, bindings, pool, staging)
    for (const step of plan) {
      if (step.type === "session") await runSession(segments.get(step)!, values)
      else await runner!.run(step.steps, values)
    }
    const outputs: { [name: string]: HostTensor } = {}
    for (const [name, at] of program.outputs) {
      outputs[name] = hostOf(program.instructions[at]!.shape, values.ordinary(at))
    }
    for (const [name, at] of program.updates) {
      if (!runner?.updates.has(name)) values.replaceState(bindings[name] as Held, at)
    }
    return outputs
  }
  return executable({
    run,
    bytes: () => bytes,
    dispose: () => {
      runner?.dispose()
      for (const segment of segments.values()) void segment.session.release()
    }
  })
}

/** Loads onnxruntime on the device, and makes the engine. */
export const makeOnnx = async (options: {
  readonly device: Device
  readonly threads?: number | undefined
  /** Run everything in the engine, also what kernels can do: the tests' other side. */
  readonly kernels?: boolean
}): Promise<Engine> => {
  const threads = options.threads ?? os.availableParallelism()
  const runtime = await loadRuntime(options.device, threads)
  let opened: Promise<KernelPool> | undefined
  const parts: Parts = {
    runtime: options.kernels === false ? { ...runtime, device: "webgpu" } : runtime,
    pool: () => (opened ??= KernelPool.make(threads))
  }
  return {
    numerics: onnxNumerics(options.device),
    upload: async (tensor, dtype = "float"): Promise<Held> => ({
      "~asterism/Handle": true,
      shape: tensor.shape,
      dtype,
      data: entriesOf(checkHost(tensor, dtype).data, dtype).slice(),
      shared: undefined
    }),
    read: async (handle) => hostOf(handle.shape, ordinary(handle as Held).slice()),
    write: async (handle, tensor) => {
      const held = handle as Held
      held.data = entriesOf(checkHost(tensor, handle.dtype).data, handle.dtype).slice()
      if (held.shared !== undefined) held.shared.pool.floats(held.shared.block).set(held.data)
    },
    dispose: (handle) => {
      const held = handle as Held
      if (held.shared !== undefined) held.shared.pool.release(held.shared.block)
      held.shared = undefined
      held.data = new Float32Array()
    },
    compile: (program) => compile(parts, program),
    close: async () => {
      if (opened !== undefined) await (await opened).close()
    }
  }
}
