/**
 * `asterism accept <pipeline> --why "…"`: takes older results for the current ones where somebody vouches that what changed
 * (code, captures, numerics) does not change them. The record keeps who, when, why and what differed.
 *
 * `--json`: `{pipeline, dryRun, accepted: [{name, stage, fingerprint, outputs, seconds, accepted: {who, when, why, differed:
 * [{component, name, from, to, text}], from, earlier}}], left: [{name, stage, because}]}`.
 */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { hostname, userInfo } from "node:os"
import type { AcceptResult } from "../../engine/accept/acceptStudy.ts"
import { acceptStudy } from "../../engine/accept/acceptStudy.ts"
import { commandLine } from "../../engine/run/nextStep.ts"
import { InputError } from "../../schemas/errors.ts"
import { duration, result } from "../output.ts"
import { withStore } from "../services.ts"
import type { StudyRequest } from "../study.ts"
import { makeStudy, studyFlags, studyRequest } from "../study.ts"

const acceptFlags = {
  ...studyFlags,
  node: Flag.String("node").pipe(
    Flag.withMetavar("node"),
    Flag.withDescription(
      "accept this node, or every member of this group, and nothing if one of them cannot be; may be repeated. Default: all that can be"
    ),
    Flag.atLeast(0)
  ),
  why: Flag.String("why").pipe(
    Flag.withMetavar("text"),
    Flag.withDescription("why the results are still right; kept in the records")
  ),
  dryRun: Flag.Boolean("dry-run").pipe(
    Flag.withDescription("only say what would be accepted"),
    Flag.withDefault(false)
  )
}

/** `user@host`; users without a name in the system's list go by their number. */
const whoami = (): string => {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    return `${process.getuid?.() ?? "unknown"}@${hostname()}`
  }
}

const reasonOf = (given: string): Effect.Effect<string, InputError> => {
  const why = given.trim().replace(/\s+/g, " ")
  return why !== "" && !/\p{Cc}/u.test(why)
    ? Effect.succeed(why)
    : Effect.fail(
        new InputError({
          what: why === "" ? "No reason is given." : "The reason holds control characters.",
          where: "--why",
          expected: "a sentence that says why the results are still right",
          next: `--why "only the progress messages changed"`
        })
      )
}

/** The command that does something else with the same study. */
const commandOf = (verb: string, request: StudyRequest): string =>
  commandLine([
    verb,
    request.pipeline,
    ...request.set.flatMap((setting) => ["--set", setting]),
    ...request.swap.flatMap((swap) => ["--swap", swap]),
    ...(request.seed === "0" ? [] : ["--seed", request.seed]),
    ...(request.backend === "onnx" ? [] : ["--backend", request.backend]),
    ...(request.device === "cpu" ? [] : ["--device", request.device]),
    ...(request.until === null ? [] : ["--until", request.until])
  ])

const text = ({ accepted, left, pipeline }: AcceptResult, dryRun: boolean): string => {
  const names = [...accepted, ...left].map(({ planned }) => planned.node.name.length)
  const width = Math.max(4, ...names)
  const seconds = accepted.reduce((sum, { record }) => sum + record.seconds, 0)
  const nodes = accepted.length === 1 ? "1 node" : `${accepted.length} nodes`
  return [
    ...accepted.flatMap(({ planned, record }) => [
      `accepted  ${planned.node.name.padEnd(width)}  ${planned.node.stage.id}`,
      ...record.accepted!.differed.map((reason) => `${" ".repeat(12)}${reason.text}`)
    ]),
    ...left.map(({ planned, because }) => `left      ${planned.node.name.padEnd(width)}  ${because}`),
    `${pipeline}: ${nodes} ${dryRun ? "would be accepted; nothing was written" : "accepted"}, ${duration(seconds)} of work by earlier runs.`
  ].join("\n")
}

export const accept = Command.make(
  "accept",
  acceptFlags,
  Effect.fn("accept")(function* (given) {
    const why = yield* reasonOf(given.why)
    const request = studyRequest(given)
    const study = yield* makeStudy(request)
    const commands = {
      plan: commandOf("plan", request),
      run: commandOf("run", request),
      list: commandLine(["list", request.pipeline])
    }
    const found = yield* withStore(
      acceptStudy(study, { nodes: given.node, who: whoami(), why, dryRun: given.dryRun, commands })
    )
    const json = {
      pipeline: found.pipeline,
      dryRun: given.dryRun,
      accepted: found.accepted.map(({ planned, record }) => ({
        name: planned.node.name,
        stage: planned.node.stage.id,
        fingerprint: record.fingerprint,
        outputs: record.outputs,
        seconds: record.seconds,
        accepted: record.accepted
      })),
      left: found.left.map(({ planned, because }) => ({
        name: planned.node.name,
        stage: planned.node.stage.id,
        because
      }))
    }
    yield* result(json, () => text(found, given.dryRun))
  })
).pipe(
  Command.withDescription("take older results for the current ones, after a change that does not change them")
)
