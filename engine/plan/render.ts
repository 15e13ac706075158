/** A plan as text, one line a reason, and as the documented JSON. */
import type { Plan } from "./Plan.ts"

export interface PlanJson {
  readonly pipeline: string
  readonly nodes: ReadonlyArray<{
    readonly name: string
    readonly stage: string
    readonly status: "cached" | "run" | "resume"
    readonly mayBeCutOff: boolean
    readonly reasons: ReadonlyArray<{
      readonly component: string
      readonly name: string
      readonly from: unknown
      readonly to: unknown
      readonly text: string
    }>
    readonly fingerprint: string | null
    readonly expectedSeconds: number | null
  }>
  readonly cached: number
  readonly run: number
  readonly resume: number
  readonly expectedSeconds: number
}

export const planJson = (plan: Plan): PlanJson => ({
  pipeline: plan.graph.pipeline,
  nodes: plan.nodes.map(({ node, status, mayBeCutOff, reasons, fingerprint, expectedSeconds }) => ({
    name: node.name,
    stage: node.stage.id,
    status,
    mayBeCutOff,
    reasons,
    fingerprint,
    expectedSeconds
  })),
  cached: plan.cached,
  run: plan.run,
  resume: plan.resume,
  expectedSeconds: plan.expectedSeconds
})

/** `12 s`, `3 min`, `1 h 20 min`. */
export const duration = (seconds: number): string => {
  if (seconds < 1) return "< 1 s"
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A line for each node, an indented line for each reason, and a line of counts. */
export const planText = (plan: Plan): string => {
  const lines = plan.nodes.flatMap(({ node, status, reasons, expectedSeconds }) => [
    `${status.padEnd(6)}  ${node.name}${
      status === "cached" || expectedSeconds === null ? "" : `  (about ${duration(expectedSeconds)})`
    }`,
    ...reasons.map((reason) => `          ${reason.text}`)
  ])
  const counts = [
    `${plan.cached} cached`,
    `${plan.run} to run`,
    ...(plan.resume === 0 ? [] : [`${plan.resume} to resume`])
  ].join(", ")
  const time = plan.expectedSeconds > 0 ? `; about ${duration(plan.expectedSeconds)} of work` : ""
  return [...lines, `${counts}${time}`].join("\n")
}
