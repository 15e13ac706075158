import { describe, expect, it } from "vitest"
import { cooccurrence } from "../../../compute/text/cooccurrence.ts"
import { ppmi } from "../../../compute/text/ppmi.ts"
import { sentencePiece, type Piece } from "../../../compute/text/SentencePiece.ts"
import { tokenise } from "../../../compute/text/tokenise.ts"
import { tokenStream } from "../../../compute/text/TokenStream.ts"
import type { SparseMatrix } from "../../../compute/linalg/SparseMatrix.ts"

const dense = (a: SparseMatrix): Array<Array<number>> =>
  Array.from({ length: a.rows }, (_, i) => {
    const row = Array.from({ length: a.columns }, () => 0)
    for (let at = a.indptr[i]; at < a.indptr[i + 1]; at++) row[a.indices[at]] = a.values[at]
    return row
  })

describe("tokenise", () => {
  it("takes runs of letters in lower case", () => {
    expect(tokenise("Don't panic: it's 42 o'clock, Zoë!")).toEqual([
      "don",
      "t",
      "panic",
      "it",
      "s",
      "o",
      "clock",
      "zoë"
    ])
    expect(tokenise("1984, ...")).toEqual([])
  })
})

describe("tokenStream", () => {
  it("numbers words by falling count, then by order of their letters, and keeps texts apart", () => {
    const stream = tokenStream(["b a c", "a", "", "c A"])
    expect(stream.words).toEqual(["a", "c", "b"])
    expect([...stream.counts]).toEqual([3, 2, 1])
    expect([...stream.tokens]).toEqual([2, 0, 1, 0, 1, 0])
    expect([...stream.starts]).toEqual([0, 3, 4, 4, 6])
  })
})

describe("cooccurrence", () => {
  it("counts by hand: 1 / distance, both ways, inside a text, positions kept", () => {
    // "a b x a": a–b at 1, a–a at 3 (twice, once each way), b–a at 2; x is outside but keeps its place. "b a": at 1.
    const stream = tokenStream(["a b x a", "b a"])
    const vocabulary = [stream.words.indexOf("a"), stream.words.indexOf("b")]
    expect(dense(cooccurrence(stream, vocabulary, 3))).toEqual([
      [2 / 3, 1 + 1 / 2 + 1],
      [1 + 1 / 2 + 1, 0]
    ])
    expect(dense(cooccurrence(stream, vocabulary, 1))).toEqual([
      [0, 2],
      [2, 0]
    ])
  })
})

describe("ppmi", () => {
  // X = [[0, 2], [2, 4]]: f = (2, 6), total 8.
  const counts: SparseMatrix = {
    rows: 2,
    columns: 2,
    indptr: Uint32Array.of(0, 1, 3),
    indices: Uint32Array.of(1, 0, 1),
    values: Float64Array.of(2, 2, 4)
  }

  it("is ln(P(w, c) / (P(w) P(c))) where that is positive", () => {
    // (0, 1): 2·8/(2·6) = 4/3; (1, 0): the same; (1, 1): 4·8/36 < 1 and left out.
    const result = dense(ppmi(counts, { contextPower: 1, shift: 1 }))
    expect(result[0][1]).toBeCloseTo(Math.log(4 / 3), 14)
    expect(result[1][0]).toBeCloseTo(Math.log(4 / 3), 14)
    expect(result[1][1]).toBe(0)
  })

  it("smooths the contexts with a power", () => {
    // Power 1/2: contexts √2 and √6, total √2 + √6.
    const total = Math.SQRT2 + Math.sqrt(6)
    const result = dense(ppmi(counts, { contextPower: 0.5, shift: 1 }))
    expect(result[0][1]).toBeCloseTo(Math.log((2 * total) / (2 * Math.sqrt(6))), 14)
    // (1, 0): ln(2 total / (6 √2)) is negative.
    expect(result[1][0]).toBe(0)
    expect(result[1][1]).toBeCloseTo(Math.log((4 * total) / (6 * Math.sqrt(6))), 14)
  })

  it("lowers everything by the logarithm of the shift", () => {
    const shifted = ppmi(counts, { contextPower: 1, shift: 1.2 })
    expect([...shifted.values].every((value) => Math.abs(value - Math.log(4 / 3 / 1.2)) < 1e-14)).toBe(true)
    expect(ppmi(counts, { contextPower: 1, shift: 2 }).values.length).toBe(0)
  })
})

describe("sentencePiece", () => {
  const vocabulary: ReadonlyArray<Piece> = [
    ["?", 0],
    ["▁", -2],
    ["a", -3],
    ["b", -3.5],
    ["ab", -4],
    ["▁ab", -5.5],
    ["abc", -9]
  ]
  const encode = sentencePiece(vocabulary, 1)
  const pieces = (text: string) => encode(text).map((id) => vocabulary[id][0])

  it("takes the best sum of scores", () => {
    // ▁ + ab = −6 against ▁ab = −5.5 and ▁ + a + b = −8.5.
    expect(pieces("ab")).toEqual(["▁ab"])
    // After the first word: ab (−4) beats a + b (−6.5).
    expect(pieces("ab ab")).toEqual(["▁ab", "▁ab"])
    expect(pieces("bab")).toEqual(["▁", "b", "ab"])
    // abc (−9) after ▁ is −11; ▁ab and an unknown c is −5.5 − 19.
    expect(pieces("abc")).toEqual(["▁", "abc"])
  })

  it("merges unknown characters, normalises compatible ones, and gives nothing for nothing", () => {
    expect(pieces("zyz")).toEqual(["▁", "?"])
    expect(pieces("azzb")).toEqual(["▁", "a", "?", "b"])
    // Full-width letters are letters after NFKC.
    expect(pieces("ａｂ")).toEqual(["▁ab"])
    expect(encode("")).toEqual([])
  })
})
