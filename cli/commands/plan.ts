/**
 * `asterism plan <pipeline>`: what would run, and why. Reads the store and writes nothing.
 *
 * `--json`: `{pipeline, nodes: [{name, stage, status, reasons: [{component, name, from, to, text}], fingerprint,
 * accepted: {who, when, why, differed, from, earlier} | null, expectedSeconds}], cached, run, resume, expectedSeconds}`.
 */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import type { Plan } from "../../engine/plan/Plan.ts"
import { planJson } from "../../engine/plan/render.ts"
import { plan as planStudy } from "../../engine/plan/planStudy.ts"
import { acceptedNote } from "../accepted.ts"
import { duration, result } from "../output.ts"
import { noteChangedSources } from "../changedSources.ts"
import { codeLayer, withStore } from "../services.ts"
import { makeStudy, studyFlags, studyRequest } from "../study.ts"

/** Cached nodes in a line of their own each only while there are few: what will run is what matters. */
const text = (plan: Plan): string => {
  const lines: Array<string> = []
  const showCached = plan.nodes.length <= 40
  const width = plan.nodes.reduce((most, planned) => Math.max(most, planned.node.name.length), 4)
  for (const planned of plan.nodes) {
    if (planned.status === "cached" && !showCached && planned.accepted === null) continue
    const time =
      planned.status !== "cached" && planned.expectedSeconds !== null
        ? `  (took ${duration(planned.expectedSeconds)})`
        : planned.accepted === null
          ? ""
          : `  (${acceptedNote(planned.accepted)})`
    lines.push(
      `${planned.status.padEnd(6)}  ${planned.node.name.padEnd(width)}  ${planned.node.stage.id}${time}`
    )
    for (const reason of planned.reasons) lines.push(`${" ".repeat(10)}${reason.text}`)
  }
  const work = plan.run + plan.resume
  const known =
    plan.expectedSeconds > 0 ? `, about ${duration(plan.expectedSeconds)} of work by earlier runs` : ""
  lines.push(
    work === 0
      ? `${plan.graph.pipeline}: all ${plan.cached} nodes are cached; a run would do nothing.`
      : `${plan.graph.pipeline}: ${plan.cached} cached, ${plan.run} to run${plan.resume > 0 ? `, ${plan.resume} to resume` : ""}${known}.`
  )
  return lines.join("\n")
}

export const plan = Command.make(
  "plan",
  studyFlags,
  Effect.fn("plan")(function* (given) {
    const study = yield* makeStudy(studyRequest(given))
    const planned = yield* withStore(planStudy(study))
    yield* result(planJson(planned), () => text(planned))
    yield* Effect.provide(noteChangedSources, codeLayer)
  })
).pipe(Command.withDescription("each node: cached, run or resume, and why"))
