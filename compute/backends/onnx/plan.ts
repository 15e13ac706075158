/**
 * Which instructions run in the engine and which in kernels, and in what order.
 *
 * Sparse products and recognised Adam updates go to kernels; everything else to the engine, in as few sessions as their
 * dependencies allow: sessions and kernels alternate by level. Kernels that update states in place come last, so that
 * every other instruction has read the old values.
 */
import type { SparseAdamMatch } from "../../kernels/adamPattern.ts"
import { sparseAdams } from "../../kernels/adamPattern.ts"
import type { Program } from "../../program/Program.ts"

export type KernelStep =
  | { readonly type: "sparseMatmul" | "sampledDot"; readonly at: number }
  | { readonly type: "sparseAdam"; readonly match: SparseAdamMatch }

export type Step =
  | {
      readonly type: "session"
      readonly members: ReadonlyArray<number>
      readonly writes: ReadonlyArray<number>
    }
  | { readonly type: "kernels"; readonly steps: ReadonlyArray<KernelStep> }

/** The engine alone: one session. */
export const wholePlan = (program: Program): ReadonlyArray<Step> => schedule(program, new Set(), [])

/** Engine and kernels. */
export const kernelPlan = (program: Program): ReadonlyArray<Step> => {
  const adams = sparseAdams(program)
  const covered = new Set(adams.flatMap((match) => [...match.covers]))
  const kernels = new Set<number>()
  program.instructions.forEach(({ op, shape }, at) => {
    if (covered.has(at)) return
    const width =
      op.kind === "sparseMatmul"
        ? shape[1]!
        : op.kind === "sampledDot"
          ? program.instructions[program.instructions[at]!.inputs[0]!]!.shape[1]!
          : undefined
    if (width !== undefined && width % 4 === 0) kernels.add(at)
  })
  return schedule(program, kernels, adams)
}

const schedule = (
  program: Program,
  kernels: ReadonlySet<number>,
  adams: ReadonlyArray<SparseAdamMatch>
): ReadonlyArray<Step> => {
  const covered = new Set(adams.flatMap((match) => [...match.covers]))
  const wanted = new Set<number>()
  for (const [, at] of program.outputs) wanted.add(at)
  for (const [, at] of program.updates) if (!covered.has(at)) wanted.add(at)

  // Even levels are sessions, odd levels kernels; leaves and constants are there from the start.
  const levels = program.instructions.map(() => -1)
  let last = -1
  program.instructions.forEach(({ op, inputs }, at) => {
    if (covered.has(at) || op.kind === "input" || op.kind === "state" || op.kind === "constant") return
    const after = Math.max(-1, ...inputs.map((input) => levels[input]!))
    const kernel = kernels.has(at)
    levels[at] = after < 0 ? (kernel ? 1 : 0) : after % 2 === (kernel ? 1 : 0) ? after : after + 1
    last = Math.max(last, levels[at]!)
  })

  const members: Array<Array<number>> = Array.from({ length: last + 1 }, () => [])
  levels.forEach((level, at) => {
    if (level >= 0) members[level]!.push(at)
  })
  const fromOutside = new Set(wanted)
  program.instructions.forEach(({ inputs }, at) => {
    if (levels[at]! < 0) return
    for (const input of inputs) if (levels[input] !== levels[at]) fromOutside.add(input)
  })
  for (const { gradient, rate, root, decay } of adams) {
    for (const at of [...gradient, rate, root, ...(decay === undefined ? [] : [decay])]) fromOutside.add(at)
  }

  const steps: Array<Step> = []
  members.forEach((here, level) => {
    if (here.length === 0) return
    if (level % 2 === 1) {
      const types = here.map((at) => program.instructions[at]!.op.kind as "sparseMatmul" | "sampledDot")
      steps.push({ type: "kernels", steps: here.map((at, i) => ({ type: types[i]!, at })) })
    } else {
      steps.push({ type: "session", members: here, writes: here.filter((at) => fromOutside.has(at)) })
    }
  })
  if (adams.length > 0) {
    steps.push({ type: "kernels", steps: adams.map((match) => ({ type: "sparseAdam", match })) })
  }
  return steps
}
