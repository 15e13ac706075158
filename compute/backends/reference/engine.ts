/** The reference backend: programs interpreted in float64. Slow, exact, and independent of every engine. */
import type { Bindings, Engine, Executable, Handle, HostTensor } from "../../Engine.ts"
import { checkBindings, checkHost, executable, isHandle } from "../../Engine.ts"
import type { Program } from "../../program/Program.ts"
import type { Value } from "./kernels.ts"
import { evaluate } from "./kernels.ts"
import { referenceNumerics } from "./numerics.ts"

interface Held extends Handle {
  data: Float64Array
}

const compile = <Outputs extends string>(program: Program<Outputs>): Executable<Outputs> => {
  let bytes = 0
  const run = async (bindings: Bindings): Promise<{ readonly [name: string]: HostTensor }> => {
    checkBindings(program, bindings)
    const values: Array<Value> = []
    for (const instruction of program.instructions) {
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
        values.push({ shape, data: evaluate(instruction, inputs) })
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
    data: Float64Array.from(checkHost(tensor).data)
  }),
  read: async (handle) => ({ shape: handle.shape, data: (handle as Held).data.slice() }),
  write: async (handle, tensor) => {
    ;(handle as Held).data = Float64Array.from(checkHost(tensor).data)
  },
  dispose: () => {},
  compile: async (program) => compile(program),
  close: async () => {}
})
