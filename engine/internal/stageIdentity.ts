/**
 * One id, one stage: two stages of a graph that share an id must be the same, since records know a stage by its id. The same
 * are one object, a copy of it, and two that one factory made while it captured equal values, which it declares.
 */
import { fileURLToPath } from "node:url"
import { canonicalJson } from "../../artifacts/canonicalJson.ts"
import { InputError } from "../../schemas/errors.ts"
import { kindOf, type Stage } from "../Stage.ts"

/** What a copy shares with its original. How a stage is run (`isolated`, `resources`) changes no byte. */
const content = [
  "source",
  "params",
  "inputs",
  "outputs",
  "files",
  "random",
  "compute",
  "captures",
  "run"
] as const

const isCopy = (a: Stage, b: Stage): boolean => content.every((field) => a[field] === b[field])

const outlines = new WeakMap<Stage, string>()

/** What can be told of a stage from outside: where it was made, the text of its function, what it reads and writes. */
const outline = (stage: Stage): string => {
  const known = outlines.get(stage)
  if (known !== undefined) return known
  const text = canonicalJson({
    source: stage.source,
    made: stage.made,
    run: String(stage.run),
    random: stage.random,
    compute: stage.compute,
    captures: stage.captures ?? {},
    inputs: Object.entries(stage.inputs).map(([name, spec]) => [name, kindOf(spec).name]),
    outputs: Object.entries(stage.outputs).map(([name, kind]) => [name, kind.name, kind.format])
  })
  outlines.set(stage, text)
  return text
}

const isSame = (a: Stage, b: Stage): boolean =>
  a === b ||
  isCopy(a, b) ||
  (a.captures !== undefined && b.captures !== undefined && outline(a) === outline(b))

/** Why a value has no one JSON form, with its path; undefined where it has. */
const fault = (value: unknown, path: string, within: ReadonlyArray<unknown> = []): string | undefined => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${path} is ${value}`
  if (typeof value !== "object")
    return `${path} is ${value === undefined ? "undefined" : `a ${typeof value}`}`
  if (within.includes(value)) return `${path} contains itself`
  const inner = [...within, value]
  // Not `map`: a hole in a list is no value either.
  if (Array.isArray(value))
    return Array.from(value, (each: unknown, i) => fault(each, `${path}[${i}]`, inner)).find(Boolean)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    return `${path} is no plain object but a ${value.constructor?.name ?? "class instance"}`
  return Object.entries(value)
    .map(([name, each]) => fault(each, `${path}.${name}`, inner))
    .find(Boolean)
}

const unfitCaptures = (name: string, { captures, id, source }: Stage): InputError | undefined => {
  const found = captures === undefined ? undefined : fault(captures, "captures")
  return found === undefined
    ? undefined
    : new InputError({
        what: `What stage ${id} captures cannot be stored: ${found}.`,
        where: `node ${name}, ${fileOf(source)}`,
        expected: "finite numbers, text, booleans, null, lists and plain objects of them",
        next: "declare a value that stands for it, such as its name and its settings"
      })
}

const fileOf = (source: string): string => {
  try {
    return fileURLToPath(source)
  } catch {
    return source
  }
}

const advice = (a: Stage, b: Stage): string => {
  if (a.source !== b.source || a.made !== b.made) return "give one of them an id of its own"
  return a.captures === undefined || b.captures === undefined
    ? "make the stage once, at the top level of its module, and use it for both; or declare with `captures` what the function that makes it captures"
    : "give them different ids, or make what differs a parameter of the stage"
}

/** Keeps account of a graph's stages: to be asked for every node. An error where its stage cannot be taken. */
export const stageIdentity = () => {
  const known = new Map<string, { readonly node: string; readonly stage: Stage }>()
  return (node: string, stage: Stage): InputError | undefined => {
    const other = known.get(stage.id)
    if (other?.stage === stage) return undefined
    const unfit = unfitCaptures(node, stage)
    if (unfit !== undefined) return unfit
    if (other === undefined) known.set(stage.id, { node, stage })
    if (other === undefined || isSame(other.stage, stage)) return undefined
    return new InputError({
      what: `'${other.node}' and '${node}' use two different stages under one id, ${stage.id}.`,
      where: `'${other.node}': ${fileOf(other.stage.source)}; '${node}': ${fileOf(stage.source)}`,
      expected: "one stage for an id in a pipeline: its id is how records know it",
      next: advice(other.stage, stage)
    })
  }
}
