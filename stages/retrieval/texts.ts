/**
 * LIMIT-shaped texts for a relevance matrix: each query asks "Who likes Y?" for an attribute Y of its own, and each
 * document is a person who likes exactly the attributes of the queries it answers. A second wording of everything gives a
 * second view of the same things. The law of the LIMIT data (Weller et al., arXiv 2508.21038); the words are ours.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Corpus } from "../../schemas/Corpus.ts"
import { InputError } from "../../schemas/errors.ts"
import { RelevanceKeys } from "../../schemas/RelevanceKeys.ts"
import { RelevanceMatrix } from "../../schemas/RelevanceMatrix.ts"
import { documentKeys, readRelevanceMatrix } from "./relevance.ts"

const words = (text: string): ReadonlyArray<string> => text.split(" ")

const kinds = words(
  "red blue green golden silver wooden glass paper copper striped spotted tiny giant antique modern wild quiet loud sweet bitter salted smoked frozen painted carved folded woven knitted floating hidden northern southern coastal alpine desert lunar royal rustic velvet crystal"
)
const things = words(
  "kites lanterns teapots violins maps sparrows tulips bridges clocks puzzles drums boats lamps mirrors statues candles gardens castles orchards lakes puppets ribbons pears cheeses breads spices coins stamps novels poems"
)
const firstNames = words(
  "Ada Boris Clara Dmitri Elena Farid Greta Hugo Ines Jonas Keiko Lars Mira Nils Olga Pavel Quentin Rosa Stefan Tomas Uma Viktor Wanda Xenia Yusuf Zora"
)
const lastNames = words(
  "Ashby Brandt Castell Dorsey Ekman Falk Garner Holm Ivers Juhl Keller Lindqvist Marsh Norden Oakley Pell Quist Rowan Stroud Thorn Ulrich Vance Wexler Yates Zeller"
)

export const limitTexts = Stage.make("retrieval/texts", {
  description: "Texts of LIMIT's form for a relevance matrix, in two wordings.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { relevance: RelevanceMatrix, keys: Stage.optional(RelevanceKeys) },
  outputs: { queries: Corpus, documents: Corpus, rewordedQueries: Corpus, rewordedDocuments: Corpus },
  random: true,
  run: Effect.fn("retrieval/texts")(function* ({ inputs }) {
    const a = yield* readRelevanceMatrix(inputs.relevance)
    const names = yield* documentKeys(inputs.keys, a.columns)
    const [attributes, people] = [kinds.length * things.length, firstNames.length * lastNames.length]
    if (a.rows > attributes || a.columns > people) {
      return yield* new InputError({
        what: `There are words for ${attributes} queries and ${people} documents, not for ${a.rows} and ${a.columns}.`,
        where: "input 'relevance'",
        expected: "a smaller matrix"
      })
    }
    const random = makeRandom((yield* Random).seed, "retrieval/texts")
    const attribute = Array.from(
      random.stream("attributes").permutation(attributes).subarray(0, a.rows),
      (x) => `${kinds[x % kinds.length]} ${things[Math.floor(x / kinds.length)]}`
    )
    const person = Array.from(
      random.stream("people").permutation(people).subarray(0, a.columns),
      (x) => `${firstNames[x % firstNames.length]} ${lastNames[Math.floor(x / firstNames.length)]}`
    )
    const likes: Array<Array<string>> = person.map(() => [])
    for (let j = 0; j < a.rows; j++) {
      for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) likes[a.indices[e]].push(attribute[j])
    }
    const order = random.stream("order")
    for (const list of likes) order.shuffle(list)
    const listed = (list: ReadonlyArray<string>): string =>
      list.length < 2 ? (list[0] ?? "nothing") : `${list.slice(0, -1).join(", ")} and ${list.at(-1)}`
    return {
      queries: attribute.map((what, j) => ({ key: a.keys[j], text: `Who likes ${what}?` })),
      documents: person.map((who, i) => ({ key: names[i], text: `${who} likes ${listed(likes[i])}.` })),
      rewordedQueries: attribute.map((what, j) => ({
        key: a.keys[j],
        text: `Which person is fond of ${what}?`
      })),
      rewordedDocuments: person.map((who, i) => ({
        key: names[i],
        text: `The favourites of ${who}: ${listed([...likes[i]].reverse())}.`
      }))
    }
  })
})

export default limitTexts
