/**
 * The few pieces of the WebAssembly binary format that a fused kernel needs: one function (arguments, chunk) over the
 * imported shared memory. Opcodes are those of the core specification and its 128-bit SIMD chapter.
 */

const leb = (value: number): ReadonlyArray<number> => {
  const bytes: Array<number> = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low + 128 : low)
  } while (rest > 0)
  return bytes
}

/** Signed LEB128, for i32.const. */
const signedLeb = (value: number): ReadonlyArray<number> => {
  const bytes: Array<number> = []
  let rest = value
  for (;;) {
    const low = rest & 127
    rest >>= 7
    const done = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)
    bytes.push(done ? low : low | 128)
    if (done) return bytes
  }
}

const section = (id: number, content: ReadonlyArray<number>): ReadonlyArray<number> => [
  id,
  ...leb(content.length),
  ...content
]
const vector = (items: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<number> => [
  ...leb(items.length),
  ...items.flat()
]
const text = (value: string): ReadonlyArray<number> => {
  const bytes = new TextEncoder().encode(value)
  return [...leb(bytes.length), ...bytes]
}

/** Magic number and version 1. */
const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

const I32 = 0x7f
const V128 = 0x7b

/** 128-bit operations, by their opcode after the prefix 0xfd. */
export const simd = {
  f32x4_eq: 0x41,
  f32x4_lt: 0x43,
  f32x4_gt: 0x44,
  f32x4_le: 0x45,
  f32x4_ge: 0x46,
  and: 0x4e,
  bitselect: 0x52,
  f32x4_nearest: 0x6a,
  i32x4_shl: 0xab,
  i32x4_add: 0xae,
  f32x4_abs: 0xe0,
  f32x4_neg: 0xe1,
  f32x4_sqrt: 0xe3,
  f32x4_add: 0xe4,
  f32x4_sub: 0xe5,
  f32x4_mul: 0xe6,
  f32x4_div: 0xe7,
  f32x4_min: 0xe8,
  f32x4_max: 0xe9,
  i32x4_trunc: 0xf8,
  /** x · y + z and z − x · y, rounded once where the processor can. */
  f32x4_relaxed_madd: 0x105,
  f32x4_relaxed_nmadd: 0x106
} as const
export type Simd = keyof typeof simd

/** The body of the function under construction. Parameters 0 and 1 are the argument block's address and the chunk. */
export class FunctionBuilder {
  private readonly code: Array<number> = []
  private readonly locals: Array<number> = []

  local(type: "i32" | "v128"): number {
    this.locals.push(type === "i32" ? I32 : V128)
    return this.locals.length + 1
  }

  get(local: number): this {
    this.code.push(0x20, ...leb(local))
    return this
  }

  set(local: number): this {
    this.code.push(0x21, ...leb(local))
    return this
  }

  i32(value: number): this {
    this.code.push(0x41, ...signedLeb(value))
    return this
  }

  /** One of the plain i32 operations. */
  integer(op: "add" | "mul" | "rem_u" | "shl" | "lt_u" | "select"): this {
    this.code.push({ add: 0x6a, mul: 0x6c, rem_u: 0x70, shl: 0x74, lt_u: 0x49, select: 0x1b }[op])
    return this
  }

  /** i32 at the address on the stack plus an offset. */
  loadInteger(offset: number): this {
    this.code.push(0x28, 2, ...leb(offset))
    return this
  }

  load(): this {
    this.code.push(0xfd, 0x00, 4, 0)
    return this
  }

  /** The float at the address on the stack plus an offset, in all four lanes. */
  loadSplat(offset: number): this {
    this.code.push(0xfd, 0x09, 2, ...leb(offset))
    return this
  }

  store(): this {
    this.code.push(0xfd, 0x0b, 4, 0)
    return this
  }

  op(name: Simd): this {
    this.code.push(0xfd, ...leb(simd[name]))
    return this
  }

  /** A float in all four lanes. */
  floats(value: number): this {
    const bytes = new Uint8Array(Float32Array.of(value, value, value, value).buffer)
    this.code.push(0xfd, 0x0c, ...bytes)
    return this
  }

  /** A whole number in all four lanes. */
  integers(value: number): this {
    const bytes = new Uint8Array(Int32Array.of(value, value, value, value).buffer)
    this.code.push(0xfd, 0x0c, ...bytes)
    return this
  }

  /** Repeats `body` while local `at` is below local `end`; nothing if it is not at the start. */
  whileBelow(at: number, end: number, body: () => void): void {
    this.code.push(0x02, 0x40, 0x03, 0x40)
    // br_if out of the block when !(at < end)
    this.get(at).get(end).integer("lt_u")
    this.code.push(0x45, 0x0d, 1)
    body()
    this.code.push(0x0c, 0, 0x0b, 0x0b)
  }

  /** The module: imports env.memory, exports the function as `run`. */
  build(): Uint8Array<ArrayBuffer> {
    const body = [...vector(this.locals.map((type) => [1, type])), ...this.code, 0x0b]
    return Uint8Array.from([
      ...header,
      ...section(1, vector([[0x60, 2, I32, I32, 0]])),
      ...section(2, vector([[...text("env"), ...text("memory"), 0x02, 0x03, ...leb(0), ...leb(65_536)]])),
      ...section(3, vector([[0]])),
      ...section(7, vector([[...text("run"), 0x00, 0]])),
      ...section(10, vector([[...leb(body.length), ...body]]))
    ])
  }
}
