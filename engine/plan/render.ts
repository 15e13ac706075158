/** A plan as the documented JSON; the command line writes the text. */
import type { Accepted } from "../../artifacts/NodeRecord.ts"
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
    /** For a cached node whose result was accepted: who, when, why and what differed. */
    readonly accepted: Accepted | null
    readonly expectedSeconds: number | null
  }>
  readonly cached: number
  readonly run: number
  readonly resume: number
  readonly expectedSeconds: number
}

export const planJson = (plan: Plan): PlanJson => ({
  pipeline: plan.graph.pipeline,
  nodes: plan.nodes.map(({ node, status, mayBeCutOff, reasons, fingerprint, accepted, expectedSeconds }) => ({
    name: node.name,
    stage: node.stage.id,
    status,
    mayBeCutOff,
    reasons,
    fingerprint,
    accepted,
    expectedSeconds
  })),
  cached: plan.cached,
  run: plan.run,
  resume: plan.resume,
  expectedSeconds: plan.expectedSeconds
})
