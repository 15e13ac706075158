/** `complete:n,k` and `random:n,k,N,seed`: relevance matrices named by a short text. */
import { makeRandom } from "../random/RandomStream.ts"
import { binomial, completeGraph, randomGraph } from "./graphs.ts"
import type { Relevance } from "./Relevance.ts"

/** The matrix, undefined where the text is of neither form, or a RangeError that says what is wrong. */
export const relevanceOfText = (text: string): Relevance | undefined => {
  const match = /^(complete|random):(.*)$/.exec(text)
  if (match === null) return undefined
  const parts = match[2].split(",").map((part) => part.trim())
  const numbers = parts.slice(0, 3).map(Number)
  const expected = match[1] === "complete" ? "complete:n,k" : "random:n,k,N,seed"
  const enough = match[1] === "complete" ? parts.length === 2 : parts.length === 3 || parts.length === 4
  if (!enough || !numbers.every((x) => Number.isSafeInteger(x) && x >= 0) || parts.includes("")) {
    throw new RangeError(`'${text}' is not of the form ${expected}.`)
  }
  const [n, k, rows] = numbers
  if (n < 1 || k < 0 || k > n) throw new RangeError(`'${text}': k must be from 0 to n, and n at least 1.`)
  if (match[1] === "complete") {
    if (binomial(n, k) > 2e7)
      throw new RangeError(`'${text}' has ${binomial(n, k)} rows; at most 20,000,000 are held.`)
    return completeGraph(n, k)
  }
  if (rows < 1 || rows > 2e7) throw new RangeError(`'${text}': N must be from 1 to 20,000,000.`)
  return randomGraph(n, k, rows, makeRandom(parts[3] ?? "0", "relevance"))
}
