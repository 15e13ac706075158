/** No operation without a case: what is in the language is in the conformance suite and in the test of gradients. */
import { expect, it } from "vitest"
import { gradient } from "../../../compute/program/gradient.ts"
import * as Program from "../../../compute/program/Program.ts"
import {
  binaryFunctions,
  compareFunctions,
  unaryFunctions
} from "../../../compute/program/scalarFunctions.ts"
import type { Op } from "../../../compute/program/Tensor.ts"
import { cases, lossOfCase } from "./cases.ts"

/** Every kind of operation; a missing one does not compile. */
const kinds: { readonly [Kind in Op["kind"]]: ReadonlyArray<string> } = {
  input: [],
  state: [""],
  constant: [""],
  unary: Object.keys(unaryFunctions),
  binary: Object.keys(binaryFunctions),
  compare: Object.keys(compareFunctions),
  where: [""],
  matmul: [""],
  reduce: ["sum", "max", "min"],
  reshape: [""],
  transpose: [""],
  broadcast: [""],
  concat: [""],
  slice: [""],
  cast: [""],
  // Dropped once gradients have been taken.
  stopGradient: [],
  gatherRows: [""],
  scatterAddRows: [""],
  takeAlong: [""],
  putAlong: [""],
  topkIndices: [""],
  sparseMatmul: [""],
  sampledDot: [""],
  sparseOuter: [""]
}

it("every operation occurs in a case", () => {
  const seen = new Set<string>()
  for (const test of cases) {
    const { loss, states } = lossOfCase(test)
    const program = Program.make(test.name, {
      outputs: { value: test.value(states), loss, ...gradient(loss, states) }
    })
    for (const { op } of program.instructions)
      seen.add(`${op.kind}:${"name" in op && op.kind !== "state" ? op.name : ""}`)
  }
  const wanted = Object.entries(kinds).flatMap(([kind, names]) => names.map((name) => `${kind}:${name}`))
  expect(wanted.filter((name) => !seen.has(name))).toEqual([])
})
