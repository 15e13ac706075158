/** The tfjs backend: programs interpreted instruction by instruction on any TensorFlow.js; states stay in its memory. */
import type { Tensor } from "@tensorflow/tfjs-core"
import type { Bindings, Engine, Executable, Handle, HeldEntries, HostTensor } from "../../Engine.ts"
import { checkBindings, checkHost, executable, floats, integers, isHandle } from "../../Engine.ts"
import { checkComputed, indexUses } from "../../program/indexChecks.ts"
import type { Program } from "../../program/Program.ts"
import type { DType, Shape } from "../../program/Tensor.ts"
import { lower, tfTypes } from "./lower.ts"
import type { Flavour, TfRuntime } from "./runtime.ts"
import { tfjsNumerics } from "./numerics.ts"
import { loadTf } from "./runtime.ts"

interface Held extends Handle {
  tensor: Tensor
}

const toTensor = ({ tf }: TfRuntime, data: HostTensor["data"], shape: Shape, dtype: DType): Tensor =>
  tf.tensor(dtype === "float" ? floats(data).slice() : integers(data).slice(), [...shape], tfTypes[dtype])

const toHost = async (tensor: Tensor, shape: Shape): Promise<HostTensor> => {
  const data = await tensor.data()
  return { shape, data: data instanceof Uint8Array ? Int32Array.from(data) : data }
}

const heldBy = (handle: Handle): HeldEntries => {
  const { tensor } = handle as Held
  return { of: tensor, entries: () => tensor.dataSync() }
}

const compile = <Outputs extends string>(
  runtime: TfRuntime,
  program: Program<Outputs>
): Executable<Outputs> => {
  const { tf } = runtime
  // Constant indices are checked now, and not at the first run.
  indexUses(program)
  let bytes = 0

  /** After which instruction each value is read for the last time: then its memory goes. */
  const lastReader = program.instructions.map((_, at) => at)
  program.instructions.forEach(({ inputs }, at) => inputs.forEach((input) => (lastReader[input] = at)))
  const kept = new Set([...program.outputs.values(), ...program.updates.values()])
  const dying = program.instructions.map((): Array<number> => [])
  lastReader.forEach((reader, at) => {
    if (!kept.has(at)) dying[reader]!.push(at)
  })

  const run = async (bindings: Bindings): Promise<{ readonly [name: string]: HostTensor }> => {
    checkBindings(program, bindings, heldBy)
    await runtime.activate()
    const values: Array<Tensor> = []
    const borrowed = new Set<number>()
    program.instructions.forEach((instruction, at) => {
      const { op, shape, dtype, inputs } = instruction
      if (op.kind === "input" || op.kind === "state") {
        const binding = bindings[op.name]!
        if (typeof binding === "number")
          values.push(toTensor(runtime, Float64Array.of(binding), shape, dtype))
        else if (isHandle(binding)) {
          borrowed.add(at)
          values.push((binding as Held).tensor)
        } else values.push(toTensor(runtime, binding.data, shape, dtype))
      } else
        values.push(
          tf.tidy(() =>
            lower(
              tf,
              instruction,
              inputs.map((input) => values[input]!)
            )
          )
        )
      checkComputed(program, at, () => values[at]!.dataSync())
      for (const gone of dying[at]!) if (!borrowed.has(gone)) values[gone]!.dispose()
    })
    const outputs: { [name: string]: HostTensor } = {}
    for (const [name, at] of program.outputs) {
      outputs[name] = await toHost(values[at]!, program.instructions[at]!.shape)
      bytes += outputs[name].data.byteLength
    }
    const replaced = [...program.updates].map(
      ([name, at]) => [bindings[name] as Held, values[at]!.clone()] as const
    )
    for (const at of kept) if (!borrowed.has(at)) values[at]!.dispose()
    for (const [held, tensor] of replaced) {
      held.tensor.dispose()
      held.tensor = tensor
    }
    return outputs
  }
  return executable({ run, bytes: () => bytes, dispose: () => {} })
}

/** Loads TensorFlow.js in the given flavour, and makes the engine. */
export const makeTfjs = async (flavour: Flavour): Promise<Engine> => {
  const runtime = await loadTf(flavour)
  return {
    numerics: tfjsNumerics(flavour),
    upload: async (tensor, dtype = "float"): Promise<Held> => {
      await runtime.activate()
      return {
        "~asterism/Handle": true,
        shape: tensor.shape,
        dtype,
        tensor: toTensor(runtime, checkHost(tensor, dtype).data, tensor.shape, dtype)
      }
    },
    read: async (handle) => {
      await runtime.activate()
      const { shape, data } = await toHost((handle as Held).tensor, handle.shape)
      return { shape, data: data.slice() }
    },
    write: async (handle, tensor) => {
      await runtime.activate()
      const held = handle as Held
      held.tensor.dispose()
      held.tensor = toTensor(runtime, checkHost(tensor, handle.dtype).data, handle.shape, handle.dtype)
    },
    dispose: (handle) => (handle as Held).tensor.dispose(),
    compile: async (program) => compile(runtime, program),
    close: async () => {}
  }
}
