/**
 * SentencePiece's unigram tokenizer: the split of a text into pieces of a vocabulary with the greatest sum of scores,
 * found by dynamic programming over positions.
 *
 * The text is NFKC-normalised, spaces become ▁ and one ▁ is put in front. A character that no piece covers is the
 * unknown piece, scored 10 below the worst piece; neighbouring unknowns are merged. Equal sums: the longer last piece.
 * Cost O(characters × longest piece). Source: Kudo, "Subword regularization", ACL 2018, section 3.
 */

/** A piece and its log probability. */
export type Piece = readonly [piece: string, score: number]

interface TrieNode {
  readonly children: Map<string, TrieNode>
  /** Number of the piece that ends here, or −1. */
  id: number
}

const UNKNOWN_PENALTY = 10

/** Pieces numbered below this are control symbols and are never matched; number 0 is the unknown piece. */
export const RESERVED = 6

/** Returns a function from text to piece numbers. */
export const sentencePiece = (
  vocabulary: ReadonlyArray<Piece>,
  reserved: number = RESERVED
): ((text: string) => ReadonlyArray<number>) => {
  const root: TrieNode = { children: new Map(), id: -1 }
  let worst = 0
  for (let id = reserved; id < vocabulary.length; id++) {
    const [piece, score] = vocabulary[id]
    worst = Math.min(worst, score)
    let node = root
    for (const character of piece) {
      let child = node.children.get(character)
      if (child === undefined) node.children.set(character, (child = { children: new Map(), id: -1 }))
      node = child
    }
    if (node.id < 0) node.id = id
  }
  const unknownScore = worst - UNKNOWN_PENALTY

  return (text) => {
    const normal = text.normalize("NFKC")
    if (normal === "") return []
    const characters = [...`▁${normal.replaceAll(" ", "▁")}`]
    const length = characters.length
    const best = new Float64Array(length + 1).fill(-Infinity)
    const from = new Int32Array(length + 1)
    const pieces = new Int32Array(length + 1)
    best[0] = 0
    const offer = (start: number, end: number, id: number, score: number): void => {
      if (best[start] + score <= best[end]) return
      best[end] = best[start] + score
      from[end] = start
      pieces[end] = id
    }
    for (let start = 0; start < length; start++) {
      offer(start, start + 1, 0, unknownScore)
      let node: TrieNode | undefined = root
      for (let end = start; end < length; end++) {
        node = node.children.get(characters[end])
        if (node === undefined) break
        if (node.id >= 0) offer(start, end + 1, node.id, vocabulary[node.id][1])
      }
    }
    const ids: Array<number> = []
    for (let end = length; end > 0; end = from[end]) {
      if (pieces[end] !== 0 || ids.at(-1) !== 0) ids.push(pieces[end])
    }
    return ids.reverse()
  }
}
