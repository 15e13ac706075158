/**
 * The `asterism` command: assembles the subcommands, runs one, and ends with the documented exit code (0 done, 1 a
 * stage failed, 2 bad usage or input, 130 interrupted).
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { accept } from "./commands/accept.ts"
import { align } from "./commands/align.ts"
import { diff } from "./commands/diff.ts"
import { doctor } from "./commands/doctor.ts"
import { exportFile } from "./commands/export.ts"
import { gc } from "./commands/gc.ts"
import { importFile } from "./commands/import.ts"
import { list } from "./commands/list.ts"
import { margin } from "./commands/margin.ts"
import { plan } from "./commands/plan.ts"
import { report } from "./commands/report.ts"
import { run } from "./commands/run.ts"
import { runs } from "./commands/runs.ts"
import { show } from "./commands/show.ts"
import { status } from "./commands/status.ts"
import { verify } from "./commands/verify.ts"
import { child } from "./child.ts"
import { describe, failureJson, renderFailure } from "./failure.ts"
import { Json, StoreFolder } from "./globals.ts"
import type { Modules } from "./modules.ts"
import { UserModules } from "./modules.ts"
import { version } from "./version.ts"

const asterism = Command.make("asterism").pipe(
  Command.withDescription(
    "declarative, cached, resumable studies of the geometry of learned representations"
  ),
  Command.withSubcommands([
    list,
    plan,
    run,
    accept,
    runs,
    show,
    diff,
    report,
    align,
    margin,
    importFile,
    exportFile,
    status,
    verify,
    gc,
    doctor
  ]),
  Command.withGlobalFlags([Json, StoreFolder])
)

/** A wrong invocation is one message, not a page of help. */
const presenter = (formatter: CliOutput.Formatter): CliOutput.Presenter => ({
  present: (event) =>
    Effect.sync(() => {
      switch (event._tag) {
        case "Help":
          return void process.stdout.write(`${formatter.formatHelpDoc(event.helpDoc)}\n`)
        case "Version":
          return void process.stdout.write(`asterism ${event.version}\n`)
        case "InvalidInvocation": {
          const command = event.commandPath.join(" ")
          const what = event.errors.map((error) => error.message).join(" ")
          return void process.stderr.write(
            `${renderFailure({
              exitCode: 2,
              what,
              details: [
                ["where", command],
                ["next", `'${command} --help' shows what it takes`]
              ]
            })}\n`
          )
        }
      }
    })
})

export const main = async (argv: ReadonlyArray<string>, modules: Modules): Promise<void> => {
  // A child of a run computes one node; it loads nothing of the command line's.
  if (argv[0] === "__child") return child(modules)
  // A reader that has seen enough (`asterism list | head`) ends us quietly.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1))
  const asJson = argv.includes("--json")
  const program = Command.runWith(asterism, { version })(argv).pipe(
    Effect.provide(
      Layer.mergeAll(
        NodeServices.layer,
        CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] }),
        Layer.succeed(UserModules, modules),
        CliOutput.layerPresenter(
          presenter(CliOutput.defaultFormatter({ colors: process.stdout.isTTY === true }))
        )
      )
    )
  )
  const exit = await Effect.runPromiseExit(program)
  process.exitCode = Exit.isSuccess(exit) ? (process.exitCode ?? 0) : conclude(exit, asJson)
}

const conclude = (exit: Exit.Failure<void, unknown>, asJson: boolean): number => {
  const failure = describe(exit.cause)
  if (failure.shown !== true) {
    process.stderr.write(`${renderFailure(failure)}\n`)
    if (asJson) process.stdout.write(`${JSON.stringify(failureJson(failure))}\n`)
  }
  return failure.exitCode
}
