/** Reads `--set node.param=value`, `--swap node=stage` and `--sweep node.param=a,b,c`. */
import * as Effect from "effect/Effect"
import * as Flag from "effect/cli/Flag"
import type { Overrides } from "../engine/Pipeline.ts"
import { InputError } from "../schemas/errors.ts"
import { findStage } from "./modules.ts"

export const overrideFlags = {
  set: Flag.String("set").pipe(
    Flag.withMetavar("node.param=value"),
    Flag.withDescription(
      "set a parameter of a node, of every member of a group, or of the pipeline itself; may be repeated"
    ),
    Flag.atLeast(0)
  ),
  swap: Flag.String("swap").pipe(
    Flag.withMetavar("node=stage"),
    Flag.withDescription("run another stage at a node: a stage's name or file.ts#export; may be repeated"),
    Flag.atLeast(0)
  )
}

export const sweepFlag = Flag.String("sweep").pipe(
  Flag.withMetavar("node.param=a,b,c"),
  Flag.withDescription("run the pipeline once for each value; several sweeps give every combination"),
  Flag.atLeast(0)
)

type Setting = Overrides["set"][number]

const usage = (option: string, given: string, expected: string) =>
  new InputError({ what: `'${given}' cannot be read.`, where: `--${option}`, expected })

const parseSetting = (option: string, given: string): Effect.Effect<Setting, InputError> => {
  const match = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(given)
  return match === null
    ? Effect.fail(usage(option, given, `node.param=value, such as --${option} align.k=20`))
    : Effect.succeed({ node: match[1]!, param: match[2]!, value: match[3]! })
}

export const parseOverrides = Effect.fn("parseOverrides")(function* (given: {
  readonly set: ReadonlyArray<string>
  readonly swap: ReadonlyArray<string>
}) {
  const set = yield* Effect.forEach(given.set, (text) => parseSetting("set", text))
  const swap = yield* Effect.forEach(given.swap, (text) =>
    Effect.gen(function* () {
      const equals = text.indexOf("=")
      if (equals < 1)
        return yield* usage("swap", text, "node=stage, such as --swap ppmi=./my-embed.ts#default")
      return { node: text.slice(0, equals), stage: yield* findStage(text.slice(equals + 1)) }
    })
  )
  return { set, swap } satisfies Overrides
})

/** The swept settings, one list of them an axis. */
export const parseSweep = (given: ReadonlyArray<string>) =>
  Effect.forEach(given, (text) =>
    Effect.map(parseSetting("sweep", text), (axis) =>
      splitValues(String(axis.value)).map((value): Setting => ({ ...axis, value }))
    )
  )

/** Every combination of the axes, the last one fastest; made as they are asked for. */
export function* combinations(
  axes: ReadonlyArray<ReadonlyArray<Setting>>
): Generator<ReadonlyArray<Setting>> {
  const [first, ...rest] = axes
  if (first === undefined) return yield []
  for (const setting of first) for (const others of combinations(rest)) yield [setting, ...others]
}

/** Splits at commas outside brackets and quotes, so that `[1,2],[3,4]` is two values. */
const splitValues = (text: string): ReadonlyArray<string> => {
  const values: Array<string> = []
  let depth = 0
  let quoted = false
  let current = ""
  for (const char of text) {
    if (char === '"') quoted = !quoted
    if (!quoted && (char === "[" || char === "{")) depth += 1
    if (!quoted && (char === "]" || char === "}")) depth -= 1
    if (char === "," && depth === 0 && !quoted) {
      values.push(current)
      current = ""
    } else current += char
  }
  return [...values, current]
}
