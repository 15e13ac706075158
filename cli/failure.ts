/**
 * How a command ends badly: one clear message on standard error, an exit code, and never a stack trace for what a user
 * can mend. 1: a stage failed. 2: bad usage or bad input. 130: interrupted, can be resumed.
 */
import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import { commandLine, nextStep } from "../engine/run/nextStep.ts"
import { withoutCredentials } from "../schemas/credentials.ts"
import type { ArtifactError, InputError, StageFailure } from "../schemas/errors.ts"
import { inStore } from "./next.ts"

export interface Failure {
  readonly exitCode: 1 | 2 | 130
  readonly what: string
  readonly details: ReadonlyArray<readonly [label: string, text: string]>
  /** Already on the screen. */
  readonly shown?: boolean
}

type Known = InputError | ArtifactError | StageFailure

const isTagged = (u: unknown): u is { readonly _tag: string; readonly message: string } =>
  typeof u === "object" && u !== null && "_tag" in u && typeof u._tag === "string"

const detail = (label: string, text: string | undefined): ReadonlyArray<readonly [string, string]> =>
  text === undefined || text === "" ? [] : [[label, text]]

/** An error of a running stage or run carries its own exit code and details (see engine/run). */
interface Described {
  readonly exitCode: 1 | 2 | 130
  readonly what: string
  readonly where?: string
  readonly expected?: string
  readonly next?: string
}

const isDescribed = (u: unknown): u is Described =>
  typeof u === "object" && u !== null && "exitCode" in u && "what" in u && typeof u.what === "string"

const known = (error: Known): Failure => {
  switch (error._tag) {
    case "InputError":
      return {
        exitCode: 2,
        what: error.what,
        details: [
          ...detail("where", error.where),
          ...detail("expected", error.expected),
          ...detail("next", error.next)
        ]
      }
    case "ArtifactError":
      return {
        exitCode: error.reason === "full-disk" || error.reason === "unwritable" ? 2 : 1,
        what: error.detail,
        details: [...detail("where", error.path), ...detail("next", error.next)]
      }
    case "StageFailure":
      return { exitCode: 1, what: error.what, details: detail("next", error.next) }
  }
}

/** What to tell the user about a cause, with hints completed for the command that was typed. */
export const describe = (cause: Cause.Cause<unknown>, command: ReadonlyArray<string> = []): Failure => {
  const failure = described(cause, command)
  return {
    ...failure,
    details: failure.details.map(([label, text]) => [
      label,
      label === "next" && command.length > 0 ? inStore(nextStep(text, command), command) : text
    ])
  }
}

/** Defects (mistakes of ours) keep their stack. */
const described = (cause: Cause.Cause<unknown>, command: ReadonlyArray<string>): Failure => {
  if (Cause.hasInterruptsOnly(cause)) {
    return {
      exitCode: 130,
      what: "Interrupted.",
      details: [["next", `${commandLine(command)}  # it goes on from where it stopped`]]
    }
  }
  const error = Cause.squash(cause)
  if (isDescribed(error)) {
    return {
      exitCode: error.exitCode,
      what: error.what,
      details: [
        ...detail("where", error.where),
        ...detail("expected", error.expected),
        ...detail("next", error.next)
      ]
    }
  }
  if (CliError.isCliError(error))
    return { exitCode: 2, what: error.message, details: [], shown: error._tag === "ShowHelp" }
  if (isTagged(error)) {
    if (error._tag === "InputError" || error._tag === "ArtifactError" || error._tag === "StageFailure") {
      return known(error as Known)
    }
    return { exitCode: 1, what: error.message, details: [["error", error._tag]] }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    exitCode: 1,
    what: "Asterism itself failed: this is a mistake of ours, not of yours.",
    details: [
      ["error", stack],
      [
        "next",
        "report it with the command you ran; finished nodes are kept, and running the command again is safe"
      ]
    ]
  }
}

/** Further lines are set in, so that no text of the data begins a line as ours do. */
const indented = (text: string, by: number): string => text.replaceAll("\n", `\n${" ".repeat(by)}`)

export const renderFailure = (failure: Failure): string =>
  withoutCredentials(
    [
      `asterism: ${indented(failure.what, 2)}`,
      ...failure.details.map(([label, text]) => `  ${`${label}:`.padEnd(10)}${indented(text, 12)}`)
    ].join("\n")
  )

export const failureJson = (failure: Failure) => ({
  error: {
    exitCode: failure.exitCode,
    what: withoutCredentials(failure.what),
    ...Object.fromEntries(failure.details.map(([label, text]) => [label, withoutCredentials(text)]))
  }
})
