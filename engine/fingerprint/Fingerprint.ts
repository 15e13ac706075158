/**
 * The cache key of a node: SHA-256 over its stage's id, code, captures, parameters, inputs, seed, numerics and format. The
 * components are kept beside it in the record, so that a plan can say which of them changed.
 */
import { canonicalJson } from "../../artifacts/canonicalJson.ts"
import type { Components } from "../../artifacts/NodeRecord.ts"
import type { Node } from "../Pipeline.ts"
import type { Reason } from "../plan/Reason.ts"
import { changed } from "../plan/Reason.ts"
import type { Numerics } from "../Study.ts"
import type { CodeClosure } from "./Code.ts"
import { capturesOf, diffCaptures } from "./captures.ts"
import { diffCode } from "./code/diff.ts"
import { diffFormat, formatOf } from "./format.ts"
import { diffInputs } from "./inputs.ts"
import { diffNumerics, numericsOf } from "./numerics.ts"
import { diffParams } from "./params.ts"
import { diffSeed, nodeSeed } from "./seed.ts"
import { sha256 } from "./sha256.ts"

export const componentsOf = (
  node: Node,
  given: {
    readonly code: CodeClosure
    readonly inputs: Components["inputs"]
    readonly studySeed: string
    /** Null only where the stage does not compute. */
    readonly numerics: Numerics | null
  }
): Components => ({
  stage: node.stage.id,
  code: given.code,
  ...capturesOf(node.stage),
  params: node.params,
  inputs: given.inputs,
  seed: node.stage.random ? nodeSeed(given.studySeed, node.name) : null,
  numerics: numericsOf(node.stage, given.numerics),
  format: formatOf(node.stage)
})

const texts = new WeakMap<object, string>()

/** Canonical JSON of a value that many nodes share, written once. */
const shared = (value: object): string => {
  const known = texts.get(value)
  if (known !== undefined) return known
  const text = canonicalJson(value)
  texts.set(value, text)
  return text
}

/**
 * SHA-256 of the components as canonical JSON, where the code's own hash stands for its files. Written field by field,
 * in the order of their names. Throws a TypeError where the parameters are not JSON.
 */
export const fingerprintOf = ({
  captures,
  code,
  format,
  inputs,
  numerics,
  params,
  seed,
  stage
}: Components): string =>
  sha256(
    `{${captures === undefined ? "" : `"captures":${shared(captures)},`}"code":"${code.hash}","format":${shared(format)},"inputs":${canonicalJson(inputs)},` +
      `"numerics":${numerics === null ? "null" : shared(numerics)},"params":${canonicalJson(params)},` +
      `"seed":${seed === null ? "null" : `"${seed}"`},"stage":${JSON.stringify(stage)}}`
  )

/**
 * What changed between a record and what is known of the node now, in a fixed order. Inputs whose digest is not known
 * yet (`pending`) are not compared. A swapped stage is one reason: its code and parameters are other things altogether.
 */
export const diffComponents = (
  from: Components,
  to: Components,
  inputs: {
    readonly pending: ReadonlySet<string>
    readonly names: { readonly [input: string]: string }
  }
): ReadonlyArray<Reason> => [
  ...(from.stage === to.stage
    ? [
        ...diffCode(from.code, to.code),
        ...diffCaptures(from.captures, to.captures),
        ...diffParams(from.params, to.params),
        ...diffSeed(from.seed, to.seed),
        ...diffNumerics(from.numerics, to.numerics),
        ...diffFormat(from.format, to.format)
      ]
    : [changed("stage", "", from.stage, to.stage)]),
  ...diffInputs(from.inputs, to.inputs, inputs)
]
