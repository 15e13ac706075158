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
import { certify } from "./commands/certify.ts"
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
import { Json, StoreFolder, coloured } from "./globals.ts"
import type { Modules } from "./modules.ts"
import { UserModules } from "./modules.ts"
import { put } from "./output.ts"
import { outliveReaders, printingFailure } from "./streams.ts"
import { version } from "./version.ts"
import { json } from "./visible.ts"
import { outlivesTerminal } from "../engine/run/signals.ts"

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
    certify,
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
          // Its colours are ours, and nothing in it comes from data.
          return void process.stdout.write(`${formatter.formatHelpDoc(event.helpDoc)}\n`)
        case "Version":
          return void process.stdout.write(`asterism ${event.version}\n`)
        case "InvalidInvocation": {
          const command = event.commandPath.join(" ")
          const what = event.errors.map((error) => error.message).join(" ")
          return put(
            process.stderr,
            `${renderFailure({
              exitCode: 2,
              what,
              details: [
                ["where", command],
                ["next", `${command} --help`]
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
  outliveReaders()
  if (outlivesTerminal()) process.on("SIGHUP", () => undefined)
  const asJson = argv.includes("--json")
  const program = Command.runWith(asterism, { version })(argv).pipe(
    Effect.provide(
      Layer.mergeAll(
        NodeServices.layer,
        CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] }),
        Layer.succeed(UserModules, modules),
        CliOutput.layerPresenter(presenter(CliOutput.defaultFormatter({ colors: coloured(process.stdout) })))
      )
    )
  )
  const exit = await Effect.runPromiseExit(program)
  process.exitCode = Exit.isSuccess(exit) ? (process.exitCode ?? 0) : conclude(exit, argv, asJson)
  const failure = printingFailure()
  if (failure === undefined || process.exitCode !== 0) return
  process.exitCode = 2
  put(process.stderr, `asterism: Not all could be printed: ${failure.message}.\n`)
}

const conclude = (
  exit: Exit.Failure<void, unknown>,
  argv: ReadonlyArray<string>,
  asJson: boolean
): number => {
  const failure = describe(exit.cause, argv)
  if (failure.shown !== true) {
    put(process.stderr, `${renderFailure(failure)}\n`)
    if (asJson) put(process.stdout, `${json(failureJson(failure))}\n`)
  }
  return failure.exitCode
}
