/**
 * What a backend is: it holds values behind opaque handles, compiles programs, and runs them. States are replaced in
 * place by a run; only outputs cross into JavaScript.
 */
import type { DType, Shape } from "./program/Tensor.ts"
import type { Program } from "./program/Program.ts"
import type { Entries } from "./program/indexChecks.ts"
import { checkEntries, indexUses } from "./program/indexChecks.ts"
import { ProgramError, sameShape, show, sizeOf } from "./program/Tensor.ts"

/** A value in JavaScript, row-major. */
export interface HostTensor {
  readonly shape: Shape
  readonly data: Float32Array | Float64Array | Int32Array | Uint32Array
}

/** A value that lives in a backend. It keeps its shape and type for life; a run may replace its entries. */
export interface Handle {
  readonly "~asterism/Handle": true
  readonly shape: Shape
  readonly dtype: DType
}

/** What a program's input is given: a handle, a value, or a number for a scalar. States need handles. */
export type Binding = Handle | HostTensor | number

export type Bindings = { readonly [name: string]: Binding }

/** A program ready to run. */
export interface Executable<Outputs extends string = string> {
  /** Runs once: reads the bindings, replaces the updated states, returns the outputs. */
  readonly run: (bindings: Bindings) => Promise<{ readonly [Name in Outputs]: HostTensor }>
  /** Runs `times` times with the same inputs; each output gains a leading axis of that length. */
  readonly repeat: (times: number, bindings: Bindings) => Promise<{ readonly [Name in Outputs]: HostTensor }>
  /** Bytes that crossed between JavaScript and the engine since it was compiled, and over how many runs. */
  readonly traffic: () => { readonly bytes: number; readonly runs: number }
  readonly dispose: () => void
}

/** What results depend on besides the program: part of a fingerprint. */
export interface Numerics {
  readonly [component: string]: string
  readonly family: string
  readonly precision: "float32" | "float64"
  readonly device: string
  readonly engine: string
}

export interface Engine {
  readonly numerics: Numerics
  readonly upload: (tensor: HostTensor, dtype?: DType) => Promise<Handle>
  readonly read: (handle: Handle) => Promise<HostTensor>
  /** Replaces the entries of a handle. */
  readonly write: (handle: Handle, tensor: HostTensor) => Promise<void>
  readonly dispose: (handle: Handle) => void
  readonly compile: <Outputs extends string>(program: Program<Outputs>) => Promise<Executable<Outputs>>
  readonly close: () => Promise<void>
}

export const isHandle = (binding: Binding): binding is Handle =>
  typeof binding === "object" && "~asterism/Handle" in binding

/** Entries in the array a type wants: the value itself where it already is one. */
export const floats = (data: HostTensor["data"]): Float32Array =>
  data instanceof Float32Array ? data : Float32Array.from(data)

export const integers = (data: HostTensor["data"]): Int32Array =>
  data instanceof Int32Array ? data : Int32Array.from(data)

export const hostScalar = (value: number): HostTensor => ({ shape: [], data: Float64Array.of(value) })

/** The single number of a scalar output. */
export const numberOf = (tensor: HostTensor): number => {
  if (tensor.data.length !== 1) throw new ProgramError("numberOf", `${show(tensor.shape)} is not a scalar`)
  return tensor.data[0]!
}

/** Checks that a value has as many entries as its shape says, and whole numbers of 32 bits where it is to hold ints. */
export const checkHost = (tensor: HostTensor, dtype: DType = "float"): HostTensor => {
  if (tensor.data.length !== sizeOf(tensor.shape)) {
    throw new ProgramError("upload", `${tensor.data.length} entries do not fill ${show(tensor.shape)}`)
  }
  if (dtype === "int") checkWhole("upload", "an int", tensor)
  return tensor
}

const checkWhole = (who: string, what: string, { data }: { readonly data: ArrayLike<number> }): void => {
  if (data instanceof Int32Array) return
  for (let at = 0; at < data.length; at++) {
    if (data[at] !== (data[at]! | 0)) {
      throw new ProgramError(who, `${what} is ${data[at]} at entry ${at}; ints are whole numbers of 32 bits`)
    }
  }
}

/** Bounds that the entries of a handle are known to keep, by the array or tensor that holds them. */
const kept = new WeakMap<object, number>()

/** What a handle holds: the object that is replaced when its entries are, and the entries. */
export interface HeldEntries {
  readonly of: object
  readonly entries: () => Entries
}

/**
 * Checks a run's bindings against a program: every name is there, with its shape, states are handles, ints are whole
 * numbers, and indices are in range. `heldBy` lets it look into a handle.
 */
export const checkBindings = (
  program: Program,
  bindings: Bindings,
  heldBy: (handle: Handle) => HeldEntries
): void => {
  const { leaves } = indexUses(program)
  const check = (role: string, name: string, shape: Shape, dtype: DType): void => {
    const binding = bindings[name]
    if (binding === undefined) {
      throw new ProgramError(program.name, `${role} '${name}' ${show(shape)} is not given`)
    }
    const given = typeof binding === "number" ? [] : binding.shape
    if (!sameShape(given, shape)) {
      throw new ProgramError(program.name, `${role} '${name}' is ${show(given)}, expected ${show(shape)}`)
    }
    if (typeof binding === "object" && !isHandle(binding)) checkHost(binding)
    if (role === "state" && (typeof binding === "number" || !isHandle(binding))) {
      throw new ProgramError(program.name, `state '${name}' must be a handle: upload it first`)
    }
    if (dtype !== "int") return
    const bound = leaves.get(name)
    const called = `${role} '${name}'`
    if (typeof binding !== "number" && isHandle(binding)) {
      if (bound === undefined) return
      const { of, entries } = heldBy(binding)
      if ((kept.get(of) ?? Infinity) <= bound.size) return
      checkEntries(program.name, called, entries(), shape, bound)
      kept.set(of, bound.size)
      return
    }
    const data = typeof binding === "number" ? [binding] : binding.data
    if (bound === undefined) checkWhole(program.name, called, { data })
    else checkEntries(program.name, called, data, shape, bound)
  }
  for (const [name, { dtype, shape }] of program.inputs) check("input", name, shape, dtype)
  for (const [name, { dtype, shape }] of program.states) check("state", name, shape, dtype)
  for (const [name, at] of program.updates) {
    const { dtype, shape } = program.instructions[at]!
    if (!program.states.has(name)) check("state", name, shape, dtype)
  }
}

/** The outputs of several runs joined along a new leading axis. */
const stack = (
  runs: ReadonlyArray<{ readonly [name: string]: HostTensor }>
): {
  [name: string]: HostTensor
} => {
  const stacked: { [name: string]: HostTensor } = {}
  for (const [name, first] of Object.entries(runs[0] ?? {})) {
    const size = first.data.length
    const Data = first.data.constructor as new (length: number) => HostTensor["data"]
    const data = new Data(size * runs.length)
    runs.forEach((run, at) => data.set(run[name]!.data, at * size))
    stacked[name] = { shape: [runs.length, ...first.shape], data }
  }
  return stacked
}

/** An executable from its single run; `bytes` is what has crossed so far. */
export const executable = <Outputs extends string>(parts: {
  readonly run: (bindings: Bindings) => Promise<{ readonly [name: string]: HostTensor }>
  readonly bytes: () => number
  readonly dispose: () => void
}): Executable<Outputs> => {
  let runs = 0
  const run = async (bindings: Bindings) => {
    const outputs = await parts.run(bindings)
    runs += 1
    return outputs
  }
  const repeat = async (times: number, bindings: Bindings) => {
    const results: Array<{ readonly [name: string]: HostTensor }> = []
    for (let i = 0; i < times; i++) results.push(await run(bindings))
    return stack(results)
  }
  return {
    run: run as Executable<Outputs>["run"],
    repeat: repeat as Executable<Outputs>["repeat"],
    traffic: () => ({ bytes: parts.bytes(), runs }),
    dispose: parts.dispose
  }
}

/** Shapes and types of every state a program reads or replaces. */
export const statesOf = (
  program: Program
): ReadonlyMap<string, { readonly shape: Shape; readonly dtype: DType }> => {
  const states = new Map<string, { readonly shape: Shape; readonly dtype: DType }>(program.states)
  for (const [name, at] of program.updates) if (!states.has(name)) states.set(name, program.instructions[at]!)
  return states
}

const zeros = (who: string, state: string, shape: Shape): Float32Array => {
  try {
    return new Float32Array(sizeOf(shape))
  } catch {
    throw new ProgramError(
      who,
      `state '${state}' ${show(shape)} has ${sizeOf(shape)} entries, which is more than this process can hold`
    )
  }
}

/** Uploads a program's states: the given ones, and zeros for the rest (moments, counters). */
export const createState = async (
  engine: Engine,
  program: Program,
  initial: { readonly [state: string]: HostTensor }
): Promise<{ readonly [state: string]: Handle }> => {
  const handles: { [state: string]: Handle } = {}
  const known = statesOf(program)
  for (const name of Object.keys(initial)) {
    if (known.has(name)) continue
    throw new ProgramError(program.name, `has no state '${name}'; it has ${[...known.keys()].join(", ")}`)
  }
  for (const [name, { shape, dtype }] of known) {
    const given = initial[name] ?? { shape, data: zeros(program.name, name, shape) }
    if (!sameShape(given.shape, shape)) {
      throw new ProgramError(
        program.name,
        `state '${name}' starts as ${show(given.shape)}, expected ${show(shape)}`
      )
    }
    handles[name] = await engine.upload(given, dtype)
  }
  return handles
}
