import { describe, expect, it } from "vitest"
import { makeReference } from "../../../compute/backends/reference/engine.ts"
import { createState } from "../../../compute/Engine.ts"
import { gradient } from "../../../compute/program/gradient.ts"
import * as Op from "../../../compute/program/ops.ts"
import * as Program from "../../../compute/program/Program.ts"
import { cases, lossOfCase, statesOfCase } from "./cases.ts"
import { finiteDifferences } from "./finiteDifferences.ts"

describe("gradients agree with finite differences in float64", () => {
  it.each(cases.map((test) => [test.name, test] as const))("%s", async (_, test) => {
    const engine = await makeReference()
    const { loss, states } = lossOfCase(test)
    const initial = statesOfCase(test)
    const program = Program.make("loss", { outputs: { loss } })
    const backward = await engine.compile(Program.make("gradient", { outputs: gradient(loss, states) }))
    const gradients = await backward.run(await createState(engine, program, initial))
    // stopGradient is meant to differ from the slope of the value.
    if (test.name === "stopGradient") {
      const weights = Array.from({ length: 12 }, (_unused, i) => 2 * Math.fround(Math.sin(i + 1)))
      expect(Array.from(gradients.x!.data)).toEqual(weights)
      return
    }
    for (const state of Object.keys(states)) {
      const slopes = await finiteDifferences(engine, program, initial, state)
      slopes.forEach((slope, i) => {
        expect(Math.abs(gradients[state]!.data[i]! - slope)).toBeLessThan(1e-4 * Math.max(1, Math.abs(slope)))
      })
    }
  })

  it("is zero for a parameter that the loss does not read", async () => {
    const engine = await makeReference()
    const x = Op.state("x", [2])
    const unused = Op.state("unused", [3])
    const { unused: slope } = gradient(Op.sum(x), { x, unused })
    const run = await engine.compile(Program.make("gradient", { outputs: { slope } }))
    expect(Array.from((await run.run({})).slope.data)).toEqual([0, 0, 0])
  })

  it("refuses a loss that is not a scalar", () => {
    const x = Op.state("x", [2])
    expect(() => gradient(x, { x })).toThrow("gradient: the loss must be a float scalar, not float [2]")
  })
})
