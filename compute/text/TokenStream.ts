/**
 * Texts as numbers: each text a run of word numbers, words numbered by falling count (ties by code-unit order). What
 * co-occurrence counting reads.
 */
import { tokenise } from "./tokenise.ts"

export interface TokenStream {
  /** Number → word. */
  readonly words: ReadonlyArray<string>
  /** Number → occurrences, falling. */
  readonly counts: Uint32Array
  /** Word numbers of all texts, one after the other. */
  readonly tokens: Uint32Array
  /** Text t is tokens[starts[t] .. starts[t + 1]]. */
  readonly starts: Uint32Array
}

export const tokenStream = (texts: Iterable<string>): TokenStream => {
  const numbers = new Map<string, number>()
  const seen: Array<number> = []
  const first: Array<number> = []
  const starts = [0]
  for (const text of texts) {
    for (const word of tokenise(text)) {
      let number = numbers.get(word)
      if (number === undefined) {
        number = numbers.size
        numbers.set(word, number)
        seen.push(0)
      }
      seen[number]++
      first.push(number)
    }
    starts.push(first.length)
  }
  const inOrderSeen = [...numbers.keys()]
  const order = inOrderSeen.map((_, i) => i)
  order.sort((i, j) => seen[j] - seen[i] || (inOrderSeen[i] < inOrderSeen[j] ? -1 : 1))
  const renumbered = new Uint32Array(order.length)
  order.forEach((from, to) => (renumbered[from] = to))
  return {
    words: order.map((i) => inOrderSeen[i]),
    counts: Uint32Array.from(order, (i) => seen[i]),
    tokens: Uint32Array.from(first, (number) => renumbered[number]),
    starts: Uint32Array.from(starts)
  }
}
