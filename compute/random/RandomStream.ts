/**
 * The deterministic random stream that every stage draws from.
 *
 * Generator: xoshiro128** (Blackman & Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47, 2021):
 * 128 bits of state, period 2^128 − 1, 32 bits a step in exact 32-bit integer arithmetic, so that every platform draws
 * the same integers. A stream starts at SHA-256(seed, name): streams of different names are independent, and a new
 * name changes no other stream's numbers.
 *
 * A stream's position is a short string (`state`), which a checkpoint can keep and `restore` puts back exactly.
 */
import { createHash } from "node:crypto"

const TWO_32 = 2 ** 32
const TWO_MINUS_53 = 2 ** -53

/** A stream of random numbers. Every method advances it; `state` and `restore` save and put back its position. */
export interface RandomStream {
  /** An integer of 32 uniform bits. */
  readonly uint32: () => number
  /** Uniform in [0, 1), a multiple of 2^−53. */
  readonly uniform: () => number
  /** Standard normal (Marsaglia's polar method; its second value is kept for the next call and is part of the state). */
  readonly gaussian: () => number
  /** Uniform over 0 … bound − 1 without modulo bias; 1 ≤ bound ≤ 2^53. */
  readonly integer: (bound: number) => number
  /** A uniform permutation of 0 … n − 1 (Fisher–Yates). */
  readonly permutation: (n: number) => Uint32Array
  /** `size` distinct integers below n in random order; cost O(size) in time and memory, whatever n is. */
  readonly sample: (n: number, size: number) => Uint32Array
  /** Shuffles an array in place. */
  readonly shuffle: <T>(array: Array<T>) => void
  /** Fills with normals of the given standard deviation (default 1), in index order. */
  readonly fillGaussian: (array: Float32Array | Float64Array, deviation?: number) => void
  /** Fills with uniforms in [low, high), in index order. */
  readonly fillUniform: (array: Float32Array | Float64Array, low: number, high: number) => void
  /** A stream of its own, which depends on this stream's seed and names and not on its position. */
  readonly stream: (name: string) => RandomStream
  /** The position, as text: what a checkpoint must keep. */
  readonly state: string
  /** Puts back a position taken from `state`. Throws a RangeError on text that is not one. */
  readonly restore: (state: string) => void
}

/**
 * Opens the stream `name` of a seed (the `seed` of the `Random` service, or any text). Equal arguments give equal
 * streams.
 */
export const makeRandom = (seed: string, name: string): RandomStream => new Xoshiro128(digest(seed, name))

/** SHA-256 of both parts with the first one's length before them, so that no two pairs run together. */
const digest = (seed: string, name: string): string =>
  createHash("sha256").update(`${seed.length}:${seed}:${name}`).digest("hex")

const word = (hex: string, index: number): number => Number.parseInt(hex.slice(8 * index, 8 * index + 8), 16)

const hexWord = (value: number): string => (value >>> 0).toString(16).padStart(8, "0")

/** The least 2^j − 1 that is at least x, for 0 ≤ x < 2^32. */
const maskOf = (x: number): number => (x === 0 ? 0 : 0xffffffff >>> Math.clz32(x))

class Xoshiro128 implements RandomStream {
  private readonly origin: string
  private a: number
  private b: number
  private c: number
  private d: number
  private spare: number | undefined = undefined

  constructor(origin: string) {
    this.origin = origin
    this.a = word(origin, 0) | 0
    this.b = word(origin, 1) | 0
    this.c = word(origin, 2) | 0
    // All-zero is the one state the generator cannot leave.
    this.d = (this.a | this.b | this.c) === 0 ? 1 : word(origin, 3) | 0
  }

  uint32(): number {
    const product = Math.imul(this.b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const shifted = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= shifted
    this.d = (this.d << 11) | (this.d >>> 21)
    return result >>> 0
  }

  uniform(): number {
    const high = this.uint32() >>> 5
    const low = this.uint32() >>> 6
    return (high * 67108864 + low) * TWO_MINUS_53
  }

  gaussian(): number {
    const kept = this.spare
    if (kept !== undefined) {
      this.spare = undefined
      return kept
    }
    for (;;) {
      const x = 2 * this.uniform() - 1
      const y = 2 * this.uniform() - 1
      const square = x * x + y * y
      if (square > 0 && square < 1) {
        const scale = Math.sqrt((-2 * Math.log(square)) / square)
        this.spare = y * scale
        return x * scale
      }
    }
  }

  integer(bound: number): number {
    if (!Number.isSafeInteger(bound) || bound < 1) {
      throw new RangeError(`integer(${bound}): the bound must be a whole number from 1 to 2^53.`)
    }
    const last = bound - 1
    const highMask = maskOf(Math.floor(last / TWO_32))
    const lowMask = highMask === 0 ? maskOf(last) : 0xffffffff
    for (;;) {
      const high = highMask === 0 ? 0 : (this.uint32() & highMask) >>> 0
      const value = high * TWO_32 + ((this.uint32() & lowMask) >>> 0)
      if (value <= last) return value
    }
  }

  permutation(n: number): Uint32Array {
    const result = new Uint32Array(n)
    for (let i = 0; i < n; i++) result[i] = i
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const kept = result[i]
      result[i] = result[j]
      result[j] = kept
    }
    return result
  }

  sample(n: number, size: number): Uint32Array {
    if (size > n) throw new RangeError(`sample(${n}, ${size}): cannot draw more than there are.`)
    const moved = new Map<number, number>()
    const result = new Uint32Array(size)
    for (let i = 0; i < size; i++) {
      const j = i + this.integer(n - i)
      result[i] = moved.get(j) ?? j
      moved.set(j, moved.get(i) ?? i)
    }
    return result
  }

  shuffle<T>(array: Array<T>): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const kept = array[i]
      array[i] = array[j]
      array[j] = kept
    }
  }

  fillGaussian(array: Float32Array | Float64Array, deviation: number = 1): void {
    for (let i = 0; i < array.length; i++) array[i] = deviation * this.gaussian()
  }

  fillUniform(array: Float32Array | Float64Array, low: number, high: number): void {
    for (let i = 0; i < array.length; i++) array[i] = low + (high - low) * this.uniform()
  }

  stream(name: string): RandomStream {
    return new Xoshiro128(digest(this.origin, name))
  }

  get state(): string {
    const words = [this.a, this.b, this.c, this.d].map(hexWord)
    if (this.spare !== undefined) {
      const bits = new Uint32Array(new Float64Array([this.spare]).buffer)
      words.push(hexWord(bits[1]) + hexWord(bits[0]))
    }
    return words.join("-")
  }

  restore(state: string): void {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{8}){3}(-[0-9a-f]{16})?$/.test(state) || /^0{8}(-0{8}){3}/.test(state)) {
      throw new RangeError(`"${state}" is not the state of a random stream.`)
    }
    const words = state.split("-")
    this.a = Number.parseInt(words[0], 16) | 0
    this.b = Number.parseInt(words[1], 16) | 0
    this.c = Number.parseInt(words[2], 16) | 0
    this.d = Number.parseInt(words[3], 16) | 0
    const spare = words[4]
    this.spare =
      spare === undefined
        ? undefined
        : new Float64Array(new Uint32Array([word(spare, 1), word(spare, 0)]).buffer)[0]
  }
}
