/**
 * Which instructions run in the engine and which in kernels, and in what order.
 *
 * Sparse products and recognised Adam updates go to kernels; everything else to the engine, in as few sessions as their
 * dependencies allow: sessions and kernels alternate by level. Kernels that update states in place come last, so that
 * every other instruction has read the old values.
 */
import type { SparseAdamMatch } from "../../kernels/adamPattern.ts"
import { sparseAdams } from "../../kernels/adamPattern.ts"
import { fusible } from "../../kernels/fusion.ts"
import type { Program } from "../../program/Program.ts"
import { indexUses } from "../../program/indexChecks.ts"
import { sizeOf } from "../../program/Tensor.ts"

export type KernelStep =
  | { readonly type: "sparseMatmul" | "sampledDot"; readonly at: number }
  | { readonly type: "sparseAdam"; readonly match: SparseAdamMatch }
  /** Element-wise instructions of one shape, in order; `outputs` of them are needed elsewhere. */
  | { readonly type: "fused"; readonly members: ReadonlyArray<number>; readonly outputs: ReadonlySet<number> }

export type Step =
  | {
      readonly type: "session"
      readonly members: ReadonlyArray<number>
      readonly writes: ReadonlyArray<number>
    }
  | { readonly type: "kernels"; readonly steps: ReadonlyArray<KernelStep> }

/** The engine alone: one session. */
export const wholePlan = (program: Program): ReadonlyArray<Step> =>
  schedule(program, new Set(), [], new Set())

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
  const fused = fusible(program, new Set([...covered, ...kernels]))
  return schedule(program, new Set([...kernels, ...fused]), adams, fused)
}

/** What an instruction reads; a fused one reads through the comparisons that it makes itself. */
const reads = (program: Program, at: number, fused: ReadonlySet<number>): ReadonlyArray<number> => {
  const { inputs, op } = program.instructions[at]!
  if (!fused.has(at) || op.kind !== "where") return inputs
  return [...program.instructions[inputs[0]!]!.inputs, ...inputs.slice(1)]
}

/** The kernels of one level in order: runs of fused instructions of one shape become one kernel each. */
const kernelSteps = (
  program: Program,
  here: ReadonlyArray<number>,
  fused: ReadonlySet<number>,
  needed: ReadonlySet<number>
): ReadonlyArray<KernelStep> => {
  const steps: Array<KernelStep> = []
  const open = new Map<number, Array<number>>()
  const close = (): void => {
    for (const members of open.values()) {
      const own = new Set(members)
      const elsewhere = new Set(here.filter((at) => !own.has(at)).flatMap((at) => reads(program, at, fused)))
      const outputs = new Set(members.filter((at) => needed.has(at) || elsewhere.has(at)))
      steps.push({ type: "fused", members, outputs })
    }
    open.clear()
  }
  for (const at of here) {
    const { op, shape, inputs } = program.instructions[at]!
    if (fused.has(at)) {
      const size = sizeOf(op.kind === "reduce" ? program.instructions[inputs[0]!]!.shape : shape)
      open.set(size, [...(open.get(size) ?? []), at])
    } else {
      close()
      steps.push({ type: op.kind as "sparseMatmul" | "sampledDot", at })
    }
  }
  close()
  return steps
}

const schedule = (
  program: Program,
  kernels: ReadonlySet<number>,
  adams: ReadonlyArray<SparseAdamMatch>,
  fused: ReadonlySet<number>
): ReadonlyArray<Step> => {
  const covered = new Set(adams.flatMap((match) => [...match.covers]))
  const wanted = new Set<number>()
  for (const [, at] of program.outputs) wanted.add(at)
  for (const [, at] of program.updates) if (!covered.has(at)) wanted.add(at)
  // Indices that the program computes are looked at when they are there.
  for (const at of indexUses(program).computed.keys()) wanted.add(at)

  // A comparison that fused instructions make themselves may be read by nobody.
  const live = new Set(wanted)
  for (const { gradient, rate, root, decay } of adams) {
    for (const at of [...gradient, rate, root, ...(decay === undefined ? [] : [decay])]) live.add(at)
  }
  for (let at = program.instructions.length - 1; at >= 0; at--) {
    if (live.has(at)) for (const input of reads(program, at, fused)) live.add(input)
  }

  // Even levels are sessions, odd levels kernels; leaves and constants are there from the start.
  const levels = program.instructions.map(() => -1)
  let last = -1
  program.instructions.forEach(({ op }, at) => {
    if (
      !live.has(at) ||
      covered.has(at) ||
      op.kind === "input" ||
      op.kind === "state" ||
      op.kind === "constant"
    )
      return
    const kernel = kernels.has(at)
    // A sum that a fused kernel makes is there once the kernel has ended.
    const ready = (input: number): number =>
      kernel && fused.has(input) && program.instructions[input]!.op.kind === "reduce"
        ? levels[input]! + 2
        : levels[input]!
    const after = Math.max(-1, ...reads(program, at, fused).map(ready))
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
    for (const input of inputs) {
      // Within a level kernels hand over in memory, except between members of one fused group.
      if (levels[input] !== levels[at] || fused.has(at) !== fused.has(input)) fromOutside.add(input)
    }
    if (fused.has(at))
      for (const input of reads(program, at, fused)) if (!fused.has(input)) fromOutside.add(input)
  })
  for (const { gradient, rate, root, decay } of adams) {
    for (const at of [...gradient, rate, root, ...(decay === undefined ? [] : [decay])]) fromOutside.add(at)
  }

  const steps: Array<Step> = []
  members.forEach((here, level) => {
    if (here.length === 0) return
    if (level % 2 === 1) {
      steps.push({ type: "kernels", steps: kernelSteps(program, here, fused, fromOutside) })
    } else {
      steps.push({ type: "session", members: here, writes: here.filter((at) => fromOutside.has(at)) })
    }
  })
  if (adams.length > 0) {
    steps.push({ type: "kernels", steps: adams.map((match) => ({ type: "sparseAdam", match })) })
  }
  return steps
}
