/**
 * Reads inputs one after another and says what came of each, a line each: `b <input>` before, `e <input> <outcome>` after.
 * The parent ends this process where a reader does not return.
 */
import * as fs from "node:fs"
import { join } from "node:path"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { makeInput } from "./inputs.ts"
import type { Value } from "./targets.ts"

export interface Outcome {
  readonly kind: "accepted" | "refused" | "engine's text" | "raw error"
  readonly detail: string
  /** The extension of the file left for the judges, beside it what was read as `<input>.json`. */
  readonly judged?: string
}

const ours = new Set(["InputError", "ArtifactError", "StageFailure"])

/** Texts of V8, Node and libraries. */
const engine =
  /Cannot (read|set|convert|mix|create|destructure)|is not (a function|iterable|defined|a constructor|valid JSON)|Invalid (typed |string |array |data|count|DataView|atob)|out of (bounds|range)|outside the bounds|Unexpected (token|end|non-)|allocation failed|Maximum call stack|should be a multiple|ERR_[A-Z]|\bundefined\b|\[object|at .*:\d+:\d+\)?$|Expected .*, got/m

/** What a failed reading counts as. */
export const failureOf = (error: unknown): Outcome => {
  const tagged =
    typeof error === "object" && error !== null && "_tag" in error && ours.has(String(error._tag))
  const text = error instanceof Error ? error.message : String(error)
  if (!tagged) return { kind: "raw error", detail: error instanceof Error ? (error.stack ?? text) : text }
  // What stands in quotes is the file's own.
  const said = text.replaceAll(/'[^']*'|"[^"]*"/gs, "")
  return { kind: engine.test(said) ? "engine's text" : "refused", detail: text }
}

const most = 100_000

const written = (work: string, input: number, extension: string, value: Value): string | undefined => {
  if (value.type === "matrix" && value.rows * value.dims > most) return undefined
  const plain = value.type === "matrix" ? { ...value, data: Array.from(value.data, (x) => String(x)) } : value
  fs.writeFileSync(join(work, `${input}.json`), JSON.stringify(plain))
  return extension
}

const outcomeOf = async (work: string, seeds: string, seed: number, input: number): Promise<Outcome> => {
  const { target, bytes } = makeInput(seeds, seed, input)
  const path = join(work, `${input}.${target.extension}`)
  fs.writeFileSync(path, bytes)
  fs.writeSync(1, `b ${input}\n`)
  const exit = await Effect.runPromiseExit(target.read(path))
  if (Exit.isSuccess(exit)) {
    const judged = exit.value === undefined ? undefined : written(work, input, target.extension, exit.value)
    if (judged !== undefined) return { kind: "accepted", detail: "", judged }
    fs.rmSync(path)
    return { kind: "accepted", detail: "" }
  }
  fs.rmSync(path)
  return failureOf(Cause.squash(exit.cause))
}

/** `first`, then every `step`th up to `end` whose target is wanted. */
export const child = async (options: {
  readonly work: string
  readonly seeds: string
  readonly seed: number
  readonly inputs: ReadonlyArray<number>
}): Promise<void> => {
  for (const [count, input] of options.inputs.entries()) {
    const outcome = await outcomeOf(options.work, options.seeds, options.seed, input)
    fs.writeSync(1, `e ${input} ${JSON.stringify(outcome)}\n`)
    // Buffers that wait to be collected are not the reader's.
    if (count % 50 === 0) (globalThis as { gc?: () => void }).gc?.()
  }
}
