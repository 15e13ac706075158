/**
 * Takes the vectors of chosen words out of wink's embeddings file as its bytes stream by. The file is one JSON object of
 * 307 MB, `{…, "dimensions": 100, …, "vectors": {"word": [100 values, norm, index], …}, …}`: more text than a string can
 * hold in some engines and 20 times more than is wanted, so only wanted arrays are parsed. Cost: about 300 MB a second.
 */

const QUOTE = 0x22
const BACKSLASH = 0x5c
const CLOSING_BRACKET = 0x5d
const CLOSING_BRACE = 0x7d
/** Bytes of a word and its vector. */
const maxEntry = 1 << 24
const MARKER = '"vectors":{'

export class VectorScanner {
  /** Values a vector has; 0 until the file's header was read. */
  dims = 0
  /** Whether the vectors' closing brace was read. */
  done = false
  private started = false
  private rest: Buffer = Buffer.alloc(0)
  private readonly onVector: (word: string, values: ReadonlyArray<number>) => void
  private readonly wanted: (word: string) => boolean

  constructor(
    wanted: (word: string) => boolean,
    onVector: (word: string, values: ReadonlyArray<number>) => void
  ) {
    this.wanted = wanted
    this.onVector = onVector
  }

  /** The next bytes of the file. Throws where they are not what the format says. */
  push(chunk: Uint8Array): void {
    if (this.done) return
    const buffer = this.rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.rest, chunk])
    const from = this.started ? 0 : this.header(buffer)
    this.rest = buffer.subarray(
      from === undefined ? Math.max(0, buffer.length - 64) : this.entries(buffer, from)
    )
    if (this.rest.length > maxEntry) throw new Error("an entry of the vectors never ends")
  }

  /** Where the vectors start, if these bytes say; keeps the dimensions as they come by. */
  private header(buffer: Buffer): number | undefined {
    if (this.dims === 0) {
      // What follows the digits shows that no cut goes through them.
      const found = /"dimensions":\s*(\d+)\s*[,}]/.exec(buffer.toString("latin1"))
      if (found !== null) this.dims = Number(found[1])
    }
    const at = buffer.indexOf(MARKER)
    if (at < 0) return undefined
    if (this.dims === 0) throw new Error("the vectors come before their number of dimensions")
    this.started = true
    return at + MARKER.length
  }

  /** Reads whole entries from `from` on and returns where the first one that is cut off starts. */
  private entries(buffer: Buffer, from: number): number {
    let at = from
    for (;;) {
      const start = buffer[at] === 0x2c ? at + 1 : at
      if (buffer[start] === CLOSING_BRACE) {
        this.done = true
        return buffer.length
      }
      const endOfKey = closingQuote(buffer, start + 1)
      if (endOfKey < 0) return at
      const end = buffer.indexOf(CLOSING_BRACKET, endOfKey)
      if (end < 0) return at
      if (buffer[start] !== QUOTE || buffer[endOfKey + 1] !== 0x3a || buffer[endOfKey + 2] !== 0x5b) {
        throw new Error(
          `expected a word and its vector, found ${buffer.toString("utf8", start, start + 40)}…`
        )
      }
      const key = buffer.toString("utf8", start + 1, endOfKey)
      const word = key.includes("\\") ? String(parsed(`["${key}"]`)[0] ?? "") : key
      if (this.wanted(word)) {
        const numbers = parsed(buffer.toString("latin1", endOfKey + 2, end + 1))
        if (numbers.length < this.dims || numbers.some((x) => typeof x !== "number" || !Number.isFinite(x))) {
          throw new Error(`the vector of '${word}' does not hold ${this.dims} numbers`)
        }
        this.onVector(word, numbers as ReadonlyArray<number>)
      }
      at = end + 1
    }
  }
}

/** An array in JSON; empty where the text is none. */
const parsed = (text: string): ReadonlyArray<number | string> => {
  try {
    return JSON.parse(text) as ReadonlyArray<number | string>
  } catch {
    return []
  }
}

/** Position of the quote that ends a JSON string whose characters start at `from`, or −1. */
const closingQuote = (buffer: Buffer, from: number): number => {
  for (let at = buffer.indexOf(QUOTE, from); at >= 0; at = buffer.indexOf(QUOTE, at + 1)) {
    let slashes = 0
    while (buffer[at - 1 - slashes] === BACKSLASH) slashes++
    if (slashes % 2 === 0) return at
  }
  return -1
}
