/** Changes to texts with lines, fields, numbers and JSON values in them. */
import type { Random } from "./Random.ts"

const numbers = [
  "",
  "0",
  "-0",
  "-1",
  "1e400",
  "-1e400",
  "1e-400",
  "NaN",
  "nan",
  "inf",
  "-Infinity",
  "0x10",
  "1_000",
  "1,5",
  "9007199254740993",
  "18446744073709551616",
  "123456789012345678901234567890",
  "2147483648",
  "4294967295",
  "1.5.2",
  "1e",
  "+3",
  ".5",
  "5.",
  " 7 ",
  "٣",
  "null",
  "true"
]

const pieces = [
  "\uFEFF",
  "\u0000",
  '"',
  '""',
  "'",
  "\t",
  ",",
  ";",
  "\r",
  "\n",
  "\r\n",
  "\n\n",
  "\u2028",
  "\u00a0",
  "\\",
  "\\u0041",
  "{",
  "}",
  "[",
  "]",
  ":",
  "null",
  "#",
  " ",
  "\ud83c\udf0c",
  "é",
  "__proto__",
  "key",
  "id",
  "index",
  "(",
  ")",
  "[".repeat(2000),
  "9".repeat(400),
  "a".repeat(5000)
]

type Change = (text: string, random: Random) => string

const lines =
  (change: (lines: Array<string>, at: number, random: Random) => Array<string>): Change =>
  (text, random) => {
    const all = text.split("\n")
    return change(all, random.below(all.length), random).join("\n")
  }

const replaced = (text: string, pattern: RegExp, random: Random, by: (old: string) => string): string => {
  const found = [...text.matchAll(pattern)]
  if (found.length === 0) return text
  const { 0: old, index } = random.pick(found)
  return text.slice(0, index) + by(old) + text.slice(index + old.length)
}

const changes: ReadonlyArray<Change> = [
  (text, random) => replaced(text, /-?\d+(\.\d+)?(e[-+]?\d+)?/gi, random, () => random.pick(numbers)),
  (text, random) => replaced(text, /-?\d+(\.\d+)?(e[-+]?\d+)?/gi, random, () => random.pick(numbers)),
  (text, random) => replaced(text, /\d/g, random, () => String(random.below(10))),
  (text, random) => replaced(text, /[A-Za-z_]+/g, random, () => random.pick(pieces)),
  (text, random) =>
    replaced(text, /"[^"\n]*"/g, random, () => random.pick(['"x"', "null", "[]", "{}", "1", "true"])),
  (text, random) => replaced(text, /[,\t:;]/g, random, () => random.pick([",", "\t", ";", ":", "", ",,"])),
  (text, random) => {
    const at = random.below(text.length + 1)
    return text.slice(0, at) + random.pick(pieces) + text.slice(at)
  },
  (text, random) => {
    const at = random.below(text.length)
    return text.slice(0, at) + text.slice(at + 1 + random.below(8))
  },
  (text, random) => text.slice(0, random.below(text.length)),
  (text) => text.replaceAll("\n", "\r\n"),
  (text) => text.replaceAll("\n", "\r"),
  lines((all, at) => all.toSpliced(at, 1)),
  lines((all, at) => all.toSpliced(at, 0, all[at]!)),
  lines((all, at, random) => all.toSpliced(at, 0, random.pick(["", " ", "\t", "# a comment", all[0]!]))),
  lines((all, at, random) => {
    const other = random.below(all.length)
    const [a, b] = [all[at]!, all[other]!]
    return all.with(at, b).with(other, a)
  })
]

/** One to four changes. */
export const mutateText = (text: string, random: Random): string => {
  let result = text
  do {
    if (result === "") return result
    result = random.pick(changes)(result, random)
  } while (random.chance(0.4))
  return result
}
