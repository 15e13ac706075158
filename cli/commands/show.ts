/**
 * `asterism show <id>`: a run, a node's record or an artifact, by any unique prefix: schema, first rows, statistics,
 * lineage. `--json`: `{type: "run" | "record" | "artifact", ...}`.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { Store } from "../../artifacts/Store.ts"
import type { RunFile } from "../../engine/run/RunFile.ts"
import { commandLine } from "../../engine/run/nextStep.ts"
import { listRuns, loadRun } from "../../engine/run/runs.ts"
import { resolvePrefix } from "../artifact.ts"
import { acceptedLines } from "../accepted.ts"
import { columns, duration, result, short } from "../output.ts"
import { inspect, inspectText } from "../inspect.ts"
import { withStore } from "../services.ts"

const runText = (file: RunFile, status: string): string =>
  [
    `run ${file.id}  ${file.pipeline}  ${status}`,
    `started ${file.started.slice(0, 19).replace("T", " ")} UTC${file.seconds === null ? "" : `, ${duration(file.seconds)}`}, seed ${file.seed}, ${commandLine(file.command)}`,
    "",
    columns(
      Object.entries(file.nodes).map(([name, node]) => [
        `  ${name}`,
        node.accepted === undefined ? node.status : "accepted",
        node.seconds === null ? "" : duration(node.seconds),
        Object.entries(node.outputs ?? {})
          .map(([output, { kind, digest }]) => `${output}: ${kind} ${short(digest)}`)
          .join("  ")
      ])
    )
  ].join("\n")

const showRecord = Effect.fn("showRecord")(function* (fingerprint: string) {
  const store = yield* Store
  const record = Option.getOrThrow(yield* store.record(fingerprint))
  const { components } = record
  yield* result({ type: "record", ...record }, () =>
    [
      `record ${fingerprint}`,
      `node ${record.node} of ${record.pipeline}, stage ${components.stage}, ${duration(record.seconds)}, run ${record.run}`,
      "",
      ...acceptedLines(record.accepted),
      `params   ${JSON.stringify(components.params)}`,
      `code     ${short(components.code.hash)} (${Object.keys(components.code.files).length} files)`,
      columns([
        ...Object.entries(components.code.files).map(([file, hash]) => [`    ${file}`, short(hash)]),
        ...Object.entries(components.code.packages).map(([name, version]) => [`    ${name}`, version])
      ]),
      ...(components.captures === undefined ? [] : [`captures ${JSON.stringify(components.captures)}`]),
      `inputs   ${
        Object.entries(components.inputs)
          .map(([name, digest]) => `${name} ${short(digest)}`)
          .join("  ") || "(none)"
      }`,
      ...(components.seed === null ? [] : [`seed     ${components.seed}`]),
      ...(components.numerics === null ? [] : [`numerics ${JSON.stringify(components.numerics)}`]),
      `outputs  ${Object.entries(record.outputs)
        .map(([name, digest]) => `${name} ${short(digest)}`)
        .join("  ")}`,
      `ran on   ${Object.entries(record.provenance)
        .map(([name, value]) => `${name} ${value}`)
        .join(", ")}`
    ].join("\n")
  )
})

const showArtifact = Effect.fn("showArtifact")(function* (digest: string) {
  const inspected = yield* inspect(digest)
  yield* result({ type: "artifact", ...inspected }, () => inspectText(inspected))
})

export const show = Command.make(
  "show",
  {
    id: Argument.String("id").pipe(
      Argument.withDescription("a run (or 'latest'), a record or an artifact, by any unique prefix")
    )
  },
  Effect.fn("show")(function* ({ id }) {
    yield* withStore(
      Effect.gen(function* () {
        const runs = yield* listRuns
        if (id === "latest" || runs.some((run) => run.id.startsWith(id))) {
          const { file, status } = yield* loadRun(id)
          return yield* result({ type: "run", ...file, status }, () => runText(file, status))
        }
        const found = yield* resolvePrefix(id)
        yield* found.type === "record" ? showRecord(found.id) : showArtifact(found.id)
      })
    )
  })
).pipe(Command.withDescription("a run, a record or an artifact: schema, first rows, statistics, lineage"))
