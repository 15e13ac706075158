import { describe, expect, it } from "@effect/vitest"
import {
  decimal,
  decimalOf,
  integer,
  isExactInteger,
  noNumber,
  parseDecimal,
  syntaxOf
} from "../../../artifacts/files/decimal.ts"

const parse = (text: string): number => {
  const bytes = Buffer.from(`x${text}x`)
  return parseDecimal(bytes, 1, bytes.length - 1)
}
const syntax = (text: string) => syntaxOf(Buffer.from(text), 0, Buffer.byteLength(text))

describe("decimal numbers in bytes", () => {
  it("are the nearest doubles, as the engine's own, for every length and power", () => {
    let state = 20261130
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    const bits = new Uint32Array(2)
    const double = new Float64Array(bits.buffer)
    for (let trial = 0; trial < 40_000; trial++) {
      const digits = Array.from({ length: 1 + random(27) }, () => random(10)).join("")
      const point = random(digits.length + 1)
      const power = random(3) === 0 ? "" : `e${random(140) - 70}`
      bits[0] = random(2 ** 32)
      bits[1] = random(2 ** 32)
      for (const text of [
        `${digits.slice(0, point)}.${digits.slice(point)}${power}`,
        `-${digits}${power}`,
        String(Math.fround(random(2 ** 30) / 2 ** 28)),
        Number.isFinite(double[0]) ? String(double[0]) : "0"
      ])
        if (!Object.is(parse(text), Number(text))) expect.fail(`${text}: ${parse(text)}`)
    }
  })

  it("are exact where a decimal lies half-way between two doubles, and at the ends of the range", () => {
    for (const text of [
      "9007199254740993",
      "9007199254740993e3",
      "9007199254740995",
      "1.00000000000000011102230246251565404236316680908203125",
      "5e-324",
      "2.4703282292062327e-324",
      "1.7976931348623157e308",
      "1e309",
      "-0.0",
      "1e23",
      "8.41e21",
      "0.000000000000000000000000000000000000000000123456789012345678",
      "123456789012345678901234567890",
      "1e99999999999",
      "0e99999999999"
    ])
      expect(parse(text), text).toBe(Number(text))
  })

  it("are plain decimals and nothing else", () => {
    for (const text of ["0", "-7", "+7", "007", " 12 ", "\t3"]) expect(syntax(text), text).toBe(integer)
    for (const text of ["1.", ".5", "-1.5e-3", "1E5", "1e+5"]) expect(syntax(text), text).toBe(decimal)
    for (const text of [
      "",
      " ",
      "-",
      ".",
      "e5",
      "1e",
      "1e+",
      "0x10",
      "1_000",
      "1,5",
      "nan",
      "inf",
      "Infinity",
      "1.2.3",
      "1 2",
      "--1",
      "1f",
      "½",
      "１",
      "1d5",
      "0b1",
      "1e5.0",
      "\u00a01"
    ]) {
      expect(syntax(text), text).toBe(noNumber)
      expect(parse(text), text).toBeNaN()
      expect(decimalOf(text), text).toBeNaN()
    }
  })

  it("tell whole numbers that a double holds", () => {
    for (const text of [
      "9007199254740992",
      "9007199254740994",
      "-0009007199254740994",
      "100000000000000000000"
    ])
      expect(isExactInteger(text), text).toBe(true)
    // What String writes for 2 ** 60 + 2 ** 8: its digits are the shortest that come back.
    expect(isExactInteger(String(2 ** 60 + 2 ** 8))).toBe(true)
    for (const text of ["9007199254740993", "1234567890123456789"])
      expect(isExactInteger(text), text).toBe(false)
  })
})
