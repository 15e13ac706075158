/** The reference backend: programs interpreted in float64. Slow, exact, and independent of every engine. */
import type { Bindings, Engine, Executable, Handle, HeldEntries, HostTensor } from "../../Engine.ts"
import { checkBindings, checkHost, executable, isHandle } from "../../Engine.ts"
import { checkComputed, indexUses } from "../../program/indexChecks.ts"
import type { Program } from "../../program/Program.ts"
import type { Value } from "./kernels.ts"
import { evaluate } from "./kernels.ts"
import { referenceNumerics } from "./numerics.ts"

interface Held extends Handle {
  data: Float64Array
}

const heldBy = (handle: Handle): HeldEntries => {
  const { data } = handle as Held
  return { of: data, entries: () => data }
}

const compile = <Outputs extends string>(program: Program<Outputs>): Executable<Outputs> => {
  // Constant indices are checked now, and not at the first run.
  indexUses(program)
  let bytes = 0
  const run = async (bindings: Bindings): Promise<{ readonly [name: string]: HostTensor }> => {
    checkBindings(program, bindings, heldBy)
    const values: Array<Value> = []
    for (const [at, instruction] of program.instructions.entries()) {
      const { op, shape } = instruction
      if (op.kind === "input" || op.kind === "state") {
        const binding = bindings[op.name]!
        const data =
          typeof binding === "number"
            ? Float64Array.of(binding)
            : isHandle(binding)
              ? (binding as Held).data
              : Float64Array.from(binding.data)
        values.push({ shape, data })
      } else {
        const inputs = instruction.inputs.map((input) => values[input]!)
        const data = evaluate(instruction, inputs)
        checkComputed(program, at, () => data)
        values.push({ shape, data })
      }
    }
    const outputs: { [name: string]: HostTensor } = {}
    for (const [name, at] of program.outputs) {
      outputs[name] = { shape: values[at]!.shape, data: values[at]!.data.slice() }
      bytes += values[at]!.data.byteLength
    }
    for (const [name, at] of program.updates) (bindings[name] as Held).data = values[at]!.data
    return outputs
  }
  return executable({ run, bytes: () => bytes, dispose: () => {} })
}

/** Makes the engine. */
export const makeReference = async (): Promise<Engine> => ({
  numerics: referenceNumerics,
  upload: async (tensor, dtype = "float"): Promise<Held> => ({
    "~asterism/Handle": true,
    shape: tensor.shape,
    dtype,
    data: Float64Array.from(checkHost(tensor, dtype).data)
  }),
  read: async (handle) => ({ shape: handle.shape, data: (handle as Held).data.slice() }),
  write: async (handle, tensor) => {
    ;(handle as Held).data = Float64Array.from(checkHost(tensor, handle.dtype).data)
  },
  dispose: () => {},
  compile: async (program) => compile(program),
  close: async () => {}
})
