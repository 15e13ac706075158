/** Every operation and every gradient on every backend that loads, against the reference. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openBackend } from "../../../compute/backends/open.ts"
import { makeTfjs } from "../../../compute/backends/tfjs/engine.ts"
import { makeReference } from "../../../compute/backends/reference/engine.ts"
import type { Engine, HostTensor } from "../../../compute/Engine.ts"
import { createState } from "../../../compute/Engine.ts"
import { gradient } from "../../../compute/program/gradient.ts"
import * as Program from "../../../compute/program/Program.ts"
import { cases, lossOfCase, statesOfCase } from "../program/cases.ts"

const backends: ReadonlyArray<readonly [name: string, open: () => Promise<Engine>]> = [
  ["onnx on cpu", () => openBackend({ backend: "onnx", device: "cpu" })],
  ["tfjs on cpu (wasm)", () => openBackend({ backend: "tfjs", device: "cpu" })],
  ["tfjs on cpu (plain)", () => makeTfjs("cpu")]
]

describe.each(backends)("%s", (_name, open) => {
  let engine: Engine
  let reference: Engine
  beforeAll(async () => {
    engine = await open()
    reference = await makeReference()
  })
  afterAll(() => engine.close())

  it.each(cases.map((test) => [test.name, test] as const))("%s", async (_, test) => {
    const { loss, states } = lossOfCase(test)
    const program = Program.make(test.name, {
      outputs: { value: test.value(states), loss, ...gradient(loss, states) }
    })
    const initial = statesOfCase(test)
    const results = await Promise.all(
      [reference, engine].map(async (each) =>
        (await each.compile(program)).run(await createState(each, program, initial))
      )
    )
    const [expected, got] = results as unknown as ReadonlyArray<{ readonly [name: string]: HostTensor }> as [
      { readonly [name: string]: HostTensor },
      { readonly [name: string]: HostTensor }
    ]
    expect(Object.keys(got)).toEqual(Object.keys(expected))
    for (const [name, tensor] of Object.entries(expected)) {
      expect(got[name]!.shape).toEqual(tensor.shape)
      tensor.data.forEach((want, i) => {
        const error = Math.abs(got[name]!.data[i]! - want) / Math.max(1, Math.abs(want))
        if (!(error < 2e-5)) throw new Error(`${name}[${i}] is ${got[name]!.data[i]}, expected ${want}`)
      })
    }
  })
})
