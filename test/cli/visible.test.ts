/** Control characters of the data never reach a terminal: every one of them, in every place where text is written. */
import { describe, expect, it } from "vitest"
import { describe as described, failureJson, renderFailure } from "../../cli/failure.ts"
import { columns } from "../../cli/output.ts"
import { visible as visibleBefore } from "../../bin/program/visible.mjs"
import { json, visible, visibleCell } from "../../cli/visible.ts"
import { table } from "../../cli/progress/live.ts"
import { initial, step } from "../../cli/progress/state.ts"
import * as Cause from "effect/Cause"
import { InputError } from "../../schemas/errors.ts"

const isHidden = (code: number): boolean =>
  (code < 0x20 && code !== 9 && code !== 10) ||
  (code >= 0x7f && code <= 0x9f) ||
  (code >= 0x202a && code <= 0x202e) ||
  (code >= 0x2066 && code <= 0x2069) ||
  (code >= 0xd800 && code <= 0xdfff)

describe("text from data", () => {
  it("shows every control character and leaves every other one, for all 65,536 code units", () => {
    for (let code = 0; code < 0x10000; code++) {
      const character = String.fromCharCode(code)
      const shown = visible(`a${character}b`)
      expect(shown === `a${character}b`, `U+${code.toString(16)}`).toBe(!isHidden(code))
      // What is said while the program is compiled is written by the same rule.
      expect(visibleBefore(`a${character}b`)).toBe(shown)
      if (isHidden(code)) expect(shown).toMatch(/^a\\(x[0-9a-f]{2}|u[0-9a-f]{4})b$/)
    }
    expect(visible("\u001b[2J")).toBe("\\x1b[2J")
    expect(visible("\u202egnp.exe")).toBe("\\u202egnp.exe")
    expect(visible("日本 😀 \n\tx")).toBe("日本 😀 \n\tx")
    expect(visibleCell("a\n\tb")).toBe("a\\n\\tb")
  })

  it("is the same value in JSON, with nothing raw", () => {
    const value = { "k\u009b\u007f\u202e": ["\u001b[2J\ud800", "日本 😀"] }
    const written = json(value)
    expect(JSON.parse(written)).toEqual(value)
    for (const character of written)
      expect(isHidden(character.charCodeAt(0)) && character.length === 1).toBe(false)
  })

  it("cannot break the columns of a table, nor a line of the live one", () => {
    expect(
      columns([
        ["a\nb", "x"],
        ["c", "y\u001b[31m"]
      ])
    ).toBe("a\\nb  x\nc     y\\x1b[31m")
    const at = { node: "n", stage: "s", time: 0 }
    const state = [
      { type: "RunStarted", run: "r", pipeline: "p", nodes: 1, cached: 0, expectedSeconds: null, time: 0 },
      { type: "NodeStarted", ...at, fingerprint: "f", attempt: 1, resumed: false, expectedSeconds: null },
      { type: "NodeProgress", ...at, done: 1, total: 2, note: "half\u001b[2J\nway" }
    ] as const
    const lines = table(
      state.reduce((all, event) => step(all, event), initial),
      1000,
      200
    )
    expect(lines[0]).toContain("half\\x1b[2J\\nway")
  })

  it("begins no line of an error as ours begin, and keeps the JSON's shape", () => {
    const failure = described(
      Cause.fail(new InputError({ what: "Key 'a\nasterism: all is well\n  next:' is bad.", next: "look" }))
    )
    expect(renderFailure(failure).split("\n")).toEqual([
      "asterism: Key 'a",
      "  asterism: all is well",
      "    next:' is bad.",
      "  next:     look"
    ])
    expect(failureJson(failure)).toEqual({
      error: { exitCode: 2, what: "Key 'a\nasterism: all is well\n  next:' is bad.", next: "look" }
    })
  })

  it("has its hints completed: the command that was typed, and the store that it named", () => {
    const next = (hint: string, command: ReadonlyArray<string>): string =>
      described(Cause.fail(new InputError({ what: "x", next: hint })), command).details[0]![1]
    const typed = ["run", "./my pipe.ts", "--store", "/tmp/s 1"]
    expect(next("check it, then run the same command again", typed)).toBe(
      "check it, then run again: asterism run './my pipe.ts' --store '/tmp/s 1'"
    )
    expect(next("'asterism runs' lists them", typed)).toBe("'asterism runs --store '/tmp/s 1'' lists them")
    expect(next("'asterism runs' lists them", ["show", "x"])).toBe("'asterism runs' lists them")
    expect(described(Cause.interrupt(), ["run", "words"]).details).toEqual([
      ["next", "asterism run words  # it goes on from where it stopped"]
    ])
  })
})
