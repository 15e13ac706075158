/** Central finite differences of a program's scalar output with respect to a state, in float64: the judge of gradients. */
import type { Engine, HostTensor } from "../../../compute/Engine.ts"
import { createState, numberOf } from "../../../compute/Engine.ts"
import type { Program } from "../../../compute/program/Program.ts"

export const finiteDifferences = async (
  engine: Engine,
  program: Program<"loss">,
  initial: { readonly [state: string]: HostTensor },
  state: string,
  step = 1e-5
): Promise<Float64Array> => {
  const run = await engine.compile(program)
  const at = async (data: Float64Array): Promise<number> => {
    const shape = initial[state]!.shape
    const handles = await createState(engine, program, { ...initial, [state]: { shape, data } })
    return numberOf((await run.run(handles)).loss)
  }
  const base = Float64Array.from(initial[state]!.data)
  const slopes = new Float64Array(base.length)
  for (let i = 0; i < base.length; i++) {
    const [up, down] = [base.slice(), base.slice()]
    up[i]! += step
    down[i]! -= step
    slopes[i] = ((await at(up)) - (await at(down))) / (2 * step)
  }
  return slopes
}
