/** Files of our own making, byte by byte, so that a test can put a wrong number into any field. */
import * as zlib from "node:zlib"

/** An npy file with any header. */
export const npy = (
  header: string,
  data: Uint8Array,
  version: readonly [number, number] = [1, 0]
): Buffer => {
  const text = Buffer.from(`${header}\n`, version[0] === 3 ? "utf8" : "latin1")
  const length = Buffer.alloc(version[0] === 1 ? 2 : 4)
  length.writeUIntLE(text.length, 0, length.length)
  return Buffer.concat([Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, ...version]), length, text, data])
}

export const header = (descr: string, shape: string, order = "False"): string =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`

export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/** A list or matrix of float32. */
export const floatNpy = (shape: string, values: ReadonlyArray<number>): Buffer =>
  npy(header("<f4", shape), bytesOf(Float32Array.from(values)))

/** A list of 32-bit integers. */
export const intNpy = (values: ReadonlyArray<number>): Buffer =>
  npy(header("<i4", `(${values.length},)`), bytesOf(Int32Array.from(values)))

/** A list of texts as UTF-32, or one text without a dimension. */
export const textNpy = (texts: ReadonlyArray<string> | string): Buffer => {
  const all = typeof texts === "string" ? [texts] : texts
  const width = Math.max(...all.map((text) => Array.from(text).length))
  const points = new Uint32Array(all.length * width)
  all.forEach((text, i) =>
    Array.from(text).forEach((one, j) => (points[i * width + j] = one.codePointAt(0)!))
  )
  return npy(header(`<U${width}`, typeof texts === "string" ? "()" : `(${all.length},)`), bytesOf(points))
}

/** A member of a zip; what is not said is as it should be. `local` is what its own header says instead. */
export interface Made {
  readonly name: string
  readonly data: Uint8Array
  readonly deflate?: boolean
  /** Packed bytes other than those of `data`. */
  readonly packed?: Uint8Array
  readonly size?: number
  readonly crc?: number
  readonly method?: number
  readonly flags?: number
  /** Sizes and checksum behind the data, as a writer to a pipe puts them. */
  readonly later?: boolean
  /** Sizes of 64 bits in both headers. */
  readonly wide?: boolean
  readonly local?: {
    readonly name?: string
    readonly size?: number
    readonly crc?: number
    readonly flags?: number
  }
}

const record = (parts: ReadonlyArray<readonly [value: number, bytes: number]>): Buffer =>
  Buffer.concat(
    parts.map(([value, bytes]) => {
      const part = Buffer.alloc(bytes)
      if (bytes === 8) part.writeBigUInt64LE(BigInt(value))
      else part.writeUIntLE(value, 0, bytes)
      return part
    })
  )

/**
 * A zip of one disk. `between`: bytes before the directory. `end`: with the wide record that zip64 has, and without; "both" as
 * Python writes it, where 32 bits hold the places too.
 */
export const zip = (
  members: ReadonlyArray<Made>,
  between: Uint8Array = new Uint8Array(0),
  end: "narrow" | "wide" | "both" = "narrow"
): Buffer => {
  const parts: Array<Uint8Array> = []
  const directory: Array<Uint8Array> = []
  let at = 0
  for (const made of members) {
    const packed = made.packed ?? (made.deflate === true ? zlib.deflateRawSync(made.data) : made.data)
    const [size, crc] = [made.size ?? made.data.length, made.crc ?? zlib.crc32(made.data)]
    const flags = (made.flags ?? 0) | (made.later === true ? 8 : 0)
    const method = made.method ?? (made.deflate === true ? 8 : 0)
    const extra =
      made.wide === true
        ? record([
            [1, 2],
            [16, 2],
            [size, 8],
            [packed.length, 8]
          ])
        : Buffer.alloc(0)
    const head = (name: Buffer, said: { size: number; crc: number; flags: number; packed: number }) =>
      record([
        [20, 2],
        [said.flags, 2],
        [method, 2],
        [0, 2],
        [0x21, 2],
        [said.crc, 4],
        [made.wide === true ? 0xffffffff : said.packed, 4],
        [made.wide === true ? 0xffffffff : said.size, 4],
        [name.length, 2],
        [extra.length, 2]
      ])
    const here = Buffer.from(made.local?.name ?? made.name)
    const none = made.later === true
    const local = head(here, {
      size: none ? 0 : (made.local?.size ?? size),
      crc: none ? 0 : (made.local?.crc ?? crc),
      packed: none ? 0 : packed.length,
      flags: made.local?.flags ?? flags
    })
    const behind = none
      ? record([
          [0x08074b50, 4],
          [crc, 4],
          [packed.length, 4],
          [size, 4]
        ])
      : Buffer.alloc(0)
    const whole = Buffer.concat([record([[0x04034b50, 4]]), local, here, extra, packed, behind])
    const name = Buffer.from(made.name)
    directory.push(
      record([
        [0x02014b50, 4],
        [20, 2]
      ]),
      head(name, { size, crc, flags, packed: packed.length }),
      record([
        [0, 2],
        [0, 2],
        [0, 2],
        [0, 4],
        [at, 4]
      ]),
      name,
      extra
    )
    parts.push(whole)
    at += whole.length
  }
  const central = Buffer.concat(directory)
  const start = at + between.length
  const wide = end === "wide"
  const tail = record([
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [wide ? 0xffff : members.length, 2],
    [wide ? 0xffff : members.length, 2],
    [wide ? 0xffffffff : central.length, 4],
    [wide ? 0xffffffff : start, 4],
    [0, 2]
  ])
  if (end === "narrow") return Buffer.concat([...parts, between, central, tail])
  const wideRecord = record([
    [0x06064b50, 4],
    [44, 8],
    [45, 2],
    [45, 2],
    [0, 4],
    [0, 4],
    [members.length, 8],
    [members.length, 8],
    [central.length, 8],
    [start, 8]
  ])
  const locator = record([
    [0x07064b50, 4],
    [0, 4],
    [start + central.length, 8],
    [1, 4]
  ])
  return Buffer.concat([...parts, between, central, wideRecord, locator, tail])
}

/** SciPy's parts of a matrix of compressed sparse rows: [[0, 2, 0], [1, 0, 3]] unless said otherwise. */
export const csr = (parts: { readonly [name: string]: Uint8Array | undefined } = {}): Buffer =>
  zip(
    Object.entries({
      indices: intNpy([1, 0, 2]),
      indptr: intNpy([0, 1, 3]),
      format: textNpy("csr"),
      shape: npy(header("<i8", "(2,)"), bytesOf(BigInt64Array.of(2n, 3n))),
      data: floatNpy("(3,)", [2, 1, 3]),
      ...parts
    }).flatMap(([name, data]) => (data === undefined ? [] : [{ name: `${name}.npy`, data, deflate: true }]))
  )

/** A safetensors file of any header. */
export const safetensors = (header: string | object, data: Uint8Array): Buffer => {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, data])
}
