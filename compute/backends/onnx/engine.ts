/** The onnx backend: a program becomes one or more onnxruntime sessions; states are fed back in place. */
import type { Bindings, Engine, Executable, HostTensor } from "../../Engine.ts"
import { checkBindings, checkHost, isHandle, stack } from "../../Engine.ts"
import type { Program } from "../../program/Program.ts"
import type { Device, Runtime } from "./runtime.ts"
import { engineVersion, loadRuntime } from "./runtime.ts"
import { makeSegment, valueName } from "./segment.ts"
import type { Entries, Held } from "./values.ts"
import { entriesOf, hostOf, tensorTypes } from "./values.ts"

const compile = async <Outputs extends string>(
  runtime: Runtime,
  program: Program<Outputs>
): Promise<Executable<Outputs>> => {
  const wanted = [...new Set([...program.outputs.values(), ...program.updates.values()])]
  const members = program.instructions.flatMap(({ op }, at) =>
    op.kind === "input" || op.kind === "state" || op.kind === "constant" ? [] : [at]
  )
  const segment = await makeSegment(runtime, program, members, wanted)
  const { Tensor } = runtime.ort
  let [bytes, runs] = [0, 0]

  const run = async (bindings: Bindings): Promise<{ readonly [name: string]: HostTensor }> => {
    checkBindings(program, bindings)
    const feeds: { [name: string]: InstanceType<typeof Tensor> } = {}
    for (const at of segment.reads) {
      const { op, shape, dtype } = program.instructions[at]!
      const binding = bindings[(op as { readonly name: string }).name]!
      const data =
        typeof binding === "number"
          ? entriesOf(Float64Array.of(binding), dtype)
          : isHandle(binding)
            ? (binding as Held).data
            : entriesOf(binding.data, dtype)
      feeds[valueName(at)] = new Tensor(tensorTypes[dtype], data as never, shape)
    }
    const results = await segment.session.run(feeds)
    const valueAt = (at: number): Entries => {
      const data = results[`${valueName(at)}o`]!.data as Entries
      bytes += data.byteLength
      return data
    }
    const outputs: { [name: string]: HostTensor } = {}
    for (const [name, at] of program.outputs)
      outputs[name] = hostOf(program.instructions[at]!.shape, valueAt(at))
    for (const [name, at] of program.updates) (bindings[name] as Held).data = valueAt(at)
    runs += 1
    return outputs
  }
  const repeat = async (times: number, bindings: Bindings) => {
    const results: Array<{ readonly [name: string]: HostTensor }> = []
    for (let i = 0; i < times; i++) results.push(await run(bindings))
    return stack(results)
  }
  return {
    run: run as Executable<Outputs>["run"],
    repeat: repeat as Executable<Outputs>["repeat"],
    traffic: () => ({ bytes, runs }),
    dispose: () => void segment.session.release()
  }
}

/** Loads onnxruntime on the device, and makes the engine. */
export const makeOnnx = async (options: {
  readonly device: Device
  readonly threads?: number | undefined
}): Promise<Engine> => {
  const runtime = await loadRuntime(options.device, options.threads)
  return {
    numerics: {
      family: "onnx",
      precision: "float32",
      device: options.device,
      engine: `onnxruntime ${engineVersion()}`
    },
    upload: async (tensor, dtype = "float"): Promise<Held> => ({
      "~asterism/Handle": true,
      shape: tensor.shape,
      dtype,
      data: entriesOf(checkHost(tensor).data, dtype).slice()
    }),
    read: async (handle) => hostOf(handle.shape, (handle as Held).data.slice()),
    write: async (handle, tensor) => {
      ;(handle as Held).data = entriesOf(checkHost(tensor).data, handle.dtype).slice()
    },
    dispose: () => {},
    compile: (program) => compile(runtime, program),
    close: async () => {}
  }
}
