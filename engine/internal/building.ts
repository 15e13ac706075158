/**
 * How a pipeline's graph is put together: decodes parameters, applies `--set` and `--swap`, checks the wiring, and says
 * which override matched nothing. Pure and linear in the number of nodes and wires.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Cause from "effect/Cause"
import * as Schema from "effect/Schema"
import { InputError } from "../../schemas/errors.ts"
import { own, setOwn } from "../../schemas/named.ts"
import type { Builder, Handle, Handles, Node, Overrides, Wire } from "../Pipeline.ts"
import type { Inputs, Outputs, Stage } from "../Stage.ts"
import { isEach, isOptional, kindOf } from "../Stage.ts"
import { stageIdentity } from "./stageIdentity.ts"

type Decode = (value: unknown) => Exit.Exit<{ readonly [name: string]: unknown }, unknown>

/** decode → encode, so that the stored form has its defaults filled in and is plain JSON. Built once a schema. */
const canonicalisers = new WeakMap<Schema.Top, Decode>()
const canonicaliser = (schema: Schema.Top): Decode => {
  const known = canonicalisers.get(schema)
  if (known !== undefined) return known
  const codec = schema as unknown as Schema.Codec<unknown, unknown>
  const decode = Schema.decodeUnknownExit(codec)
  const encode = Schema.encodeUnknownExit(codec)
  const both: Decode = (value) => {
    // Without a prototype, so that a field named `constructor` may have a default.
    const decoded = decode(Object.assign(Object.create(null), value), { onExcessProperty: "error" })
    return (Exit.isSuccess(decoded) ? encode(decoded.value) : decoded) as Exit.Exit<
      { readonly [name: string]: unknown },
      unknown
    >
  }
  canonicalisers.set(schema, both)
  return both
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]*(\/[A-Za-z0-9][A-Za-z0-9_-]*)*$/

/** Reads a value as typed on a command line: JSON where it parses, text otherwise. */
const readings = (value: unknown): ReadonlyArray<unknown> => {
  if (typeof value !== "string") return [value]
  try {
    return [JSON.parse(value), value]
  } catch {
    return [value]
  }
}

const setPath = (
  target: object,
  path: ReadonlyArray<string>,
  value: unknown
): { [name: string]: unknown } => {
  const copy: { [name: string]: unknown } = { ...target }
  const [head, ...rest] = path as [string, ...Array<string>]
  const inner = own(copy, head)
  setOwn(
    copy,
    head,
    rest.length === 0 ? value : setPath(typeof inner === "object" && inner !== null ? inner : {}, rest, value)
  )
  return copy
}

/** The names of a struct schema's fields, for messages and for `asterism list`. */
export const fieldNames = (schema: Schema.Top): ReadonlyArray<string> =>
  "fields" in schema && typeof schema.fields === "object" && schema.fields !== null
    ? Object.keys(schema.fields)
    : []

const firstLines = (error: unknown): string => String(error instanceof Error ? error.message : error).trim()

/** `node` or any member of the group `node`. */
const reaches = (target: string, node: string): boolean => node === target || node.startsWith(`${target}/`)

export const start = (pipeline: string, overrides: Overrides) => {
  const nodes = new Map<string, Node>()
  const identify = stageIdentity()
  const usedSets = new Set<number>()
  const usedSwaps = new Set<number>()
  const seenNames = new Set<string>([pipeline])

  const decode = (
    name: string,
    schema: Schema.Top,
    given: object
  ): Effect.Effect<Node["params"], InputError> =>
    Effect.suspend(() => {
      const canonical = canonicaliser(schema)
      const fields = fieldNames(schema)
      let params: { readonly [name: string]: unknown } = { ...given }
      for (let i = 0; i < overrides.set.length; i++) {
        const set = overrides.set[i]!
        if (!reaches(set.node, name)) continue
        const path = set.param.split(".")
        // A group override reaches the members that have the parameter; only an exact name must have it.
        if (!fields.includes(path[0]!)) continue
        usedSets.add(i)
        const candidates = readings(set.value)
        params =
          candidates.map((value) => setPath(params, path, value)).find((p) => Exit.isSuccess(canonical(p))) ??
          setPath(params, path, candidates[0])
      }
      const result = canonical(params)
      if (Exit.isSuccess(result)) return Effect.succeed(result.value)
      return Effect.fail(
        new InputError({
          what: `The parameters of '${name}' are not valid: ${firstLines(Cause.squash(result.cause))}.`,
          where: `${pipeline} → ${name}`,
          next: `give valid values with --set ${name}.<param>=<value>; 'asterism list ${pipeline}' shows the parameters and their defaults`
        })
      )
    })

  const wire = (node: string, stage: Stage, input: string, given: unknown): Effect.Effect<Wire, InputError> =>
    Effect.suspend((): Effect.Effect<Wire, InputError> => {
      const spec = stage.inputs[input]!
      const kind = kindOf(spec)
      const wrong = (handle: Handle) =>
        new InputError({
          what: `Input '${input}' of '${node}' takes ${kind.name}, but is wired to '${handle.node}.${handle.output}', which is ${handle.kind.name}.`,
          where: `${pipeline} → ${node} (stage ${stage.id})`,
          expected: `an output of kind ${kind.name}`,
          next: "wire another output, or swap in a stage with the same input and output kinds"
        })
      if (isEach(spec)) {
        const members = Object.entries(given as { readonly [name: string]: Handle }).map(
          ([name, handle]) => ({ name, handle })
        )
        const bad = members.find((member) => member.handle.kind.name !== kind.name)
        return bad === undefined
          ? Effect.succeed({ type: "each", members } as const)
          : Effect.fail(wrong(bad.handle))
      }
      const handle = given as Handle
      return handle.kind.name === kind.name
        ? Effect.succeed({ type: "one", handle } as const)
        : Effect.fail(wrong(handle))
    })

  const swapped = (name: string, stage: Stage): Stage => {
    const index = overrides.swap.findIndex((swap) => swap.node === name)
    if (index < 0) return stage
    usedSwaps.add(index)
    return overrides.swap[index]!.stage
  }

  const builder: Builder = {
    stage: <Id extends string, P, I extends Inputs, O extends Outputs>(
      name: string,
      declared: Stage<Id, P, I, O>,
      options: { readonly params?: P; readonly inputs?: { readonly [name: string]: unknown } }
    ) =>
      Effect.gen(function* () {
        if (!namePattern.test(name) || nodes.has(name) || name === pipeline) {
          return yield* new InputError({
            what: nodes.has(name) ? `Two nodes are named '${name}'.` : `'${name}' is not a node name.`,
            where: `pipeline ${pipeline}`,
            expected: "unique names of letters, digits, '-' and '_', with '/' between a group and a member"
          })
        }
        const stage = swapped(name, declared)
        const unusable = [...Object.keys(stage.inputs), ...Object.keys(stage.outputs)].includes("__proto__")
        if (unusable) {
          return yield* new InputError({
            what: `Stage ${stage.id} has an input or output named '__proto__'.`,
            where: `pipeline ${pipeline} → ${name}`,
            expected: "another name"
          })
        }
        const given = options.inputs ?? {}
        // A swapped-in stage keeps the parameters it knows and takes defaults for the rest.
        const fields = fieldNames(stage.params)
        const kept =
          stage === (declared as Stage)
            ? (options.params ?? {})
            : Object.fromEntries(Object.entries(options.params ?? {}).filter(([key]) => fields.includes(key)))
        const params = yield* decode(name, stage.params, kept)
        const wires: { [input: string]: Wire } = {}
        for (const input of Object.keys(stage.inputs)) {
          const wired = own(given, input)
          if (wired !== undefined) {
            wires[input] = yield* wire(name, stage, input, wired)
            continue
          }
          if (isOptional(stage.inputs[input]!)) continue
          return yield* new InputError({
            what: `Input '${input}' of '${name}' is not wired.`,
            where: `${pipeline} → ${name} (stage ${stage.id})`,
            expected: `an artifact of kind ${kindOf(stage.inputs[input]!).name}`,
            next: `wire it in the pipeline; a swapped-in stage may only use the inputs ${Object.keys(given).join(", ") || "(none)"}`
          })
        }
        for (const output of Object.keys(declared.outputs)) {
          const kind = declared.outputs[output]!.name
          if (own(stage.outputs, output)?.name === kind) continue
          return yield* new InputError({
            what: `Stage ${stage.id} cannot stand in for ${declared.id} at '${name}': it has no output '${output}' of kind ${kind}.`,
            where: `${pipeline} → ${name}`,
            expected: Object.entries(declared.outputs)
              .map(([key, k]) => `${key}: ${k.name}`)
              .join(", ")
          })
        }
        const twofold = identify(name, stage)
        if (twofold !== undefined) return yield* twofold
        nodes.set(name, { name, stage, params, wires })
        seenNames.add(name)
        const handles: { [output: string]: Handle } = {}
        for (const output of Object.keys(declared.outputs)) {
          handles[output] = { node: name, output, kind: declared.outputs[output]! }
        }
        return handles as Handles<O>
      })
  }

  /** Fails if an override matched nothing: a misspelt name must not be ignored. */
  const unused: Effect.Effect<void, InputError> = Effect.suspend(() => {
    const names = [...seenNames]
    for (let i = 0; i < overrides.set.length; i++) {
      if (usedSets.has(i)) continue
      const { node, param } = overrides.set[i]!
      const members = [...nodes.values()].filter((candidate) => reaches(node, candidate.name))
      const known = [...new Set(members.flatMap((member) => fieldNames(member.stage.params)))]
      return Effect.fail(
        members.length === 0
          ? new InputError({
              what: `No node or group is named '${node}'.`,
              where: `--set ${node}.${param}`,
              expected: `one of ${names.join(", ")}`,
              next: `'asterism list ${pipeline}' shows the nodes and their parameters`
            })
          : new InputError({
              what: `'${node}' has no parameter '${param}'.`,
              where: `--set ${node}.${param}`,
              expected: known.length === 0 ? "no parameter at all" : `one of ${known.join(", ")}`
            })
      )
    }
    for (let i = 0; i < overrides.swap.length; i++) {
      if (usedSwaps.has(i)) continue
      return Effect.fail(
        new InputError({
          what: `No node is named '${overrides.swap[i]!.node}'.`,
          where: `--swap ${overrides.swap[i]!.node}=…`,
          expected: `one of ${names.slice(1).join(", ")}`
        })
      )
    }
    return Effect.void
  })

  return { builder, nodes, decode, unused }
}
