/** `asterism status`: the runs that are going on in this store, and how far they are. `--json`: `{live: [...]}`. */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { liveRuns } from "../../engine/run/runs.ts"
import { columns, result } from "../output.ts"
import { withStore } from "../services.ts"

export const status = Command.make(
  "status",
  {},
  Effect.fn("status")(function* () {
    const live = yield* withStore(liveRuns)
    yield* result({ live }, () =>
      live.length === 0
        ? "Nothing is running in this store."
        : live
            .map((one) =>
              [
                `${one.run.id}  ${one.run.pipeline}  ${one.finished}/${one.nodes} nodes`,
                columns(
                  one.active.map((node) => [
                    `  ${node.node}`,
                    node.stage,
                    node.state === "waiting"
                      ? "waiting for another run"
                      : node.total === null || node.total === 0
                        ? "running"
                        : `${Math.floor((100 * (node.done ?? 0)) / node.total)} %`,
                    node.note ?? ""
                  ])
                )
              ].join("\n")
            )
            .join("\n")
    )
  })
).pipe(Command.withDescription("runs that are going on, and how far they are"))
