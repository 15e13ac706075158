/** C29 and C30 by the command itself: a user's stage file is edited, its results are accepted, and every command says so. */
import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Workplace } from "../support/command.ts"
import { workplace } from "../support/command.ts"

const pipeline = (body: string, scale = "2") => `
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Embeddings, Pipeline, Stage } from "asterism"
import { one } from "./value.ts"
const make = Stage.make("my/make", {
  description: "Makes two rows.",
  source: import.meta.url,
  params: Schema.Struct({ k: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))) }),
  inputs: {},
  outputs: { embeddings: Embeddings },
  run: ({ params }) =>
    Effect.succeed({ embeddings: { keys: ["a", "b"], dims: 1, data: new Float32Array([one * params.k, 1]) } })
})
const scaling = (by: number) =>
  Stage.make("my/scale", {
    description: "Scales.",
    source: import.meta.url,
    params: Schema.Struct({}),
    inputs: { embeddings: Embeddings },
    outputs: { embeddings: Embeddings },
    captures: { by },
    run: Effect.fn("my/scale")(function* ({ inputs }) {
      const m = yield* inputs.embeddings.readFloat32
      return { embeddings: { ...m, data: m.data.map((x) => by * x) } }
    })
  })
export default Pipeline.make("mine", { description: "Two nodes." }, function* (p) {
  const made = yield* p.stage("make", make, {})
  ${body.replaceAll("SCALE", scale)}
})
`
const scaled = `yield* p.stage("scaled", scaling(SCALE), { inputs: made })`

describe("accept", () => {
  let place: Workplace
  beforeAll(() => {
    place = workplace()
    place.file("value.ts", "export const one = 1")
    place.file("mine.ts", pipeline(scaled))
  })
  afterAll(() => place.remove())

  const json = async (...args: ReadonlyArray<string>) => {
    const { code, stdout, stderr } = await place.asterism(...args, "--json")
    expect(code, stderr).toBe(0)
    return JSON.parse(stdout.trim().split("\n").at(-1)!)
  }

  it(
    "C29: accepts after an edit; plan, run, show, verify and the report say accepted",
    { timeout: 120_000 },
    async () => {
      expect((await place.asterism("run", "./mine.ts")).code).toBe(0)
      const before = await json("show", "latest")
      place.file("value.ts", "export const one = 2 - 1")
      const dry = await place.asterism("accept", "./mine.ts", "--why", "only words", "--dry-run")
      expect(dry.stdout).toMatch(/accepted {2}make +my\/make\n +code: value\.ts changed/)
      expect(dry.stdout).toContain("mine: 2 nodes would be accepted; nothing was written")
      const accepted = await json("accept", "./mine.ts", "--why", " the <b>same</b>\n number ")
      expect(accepted).toMatchObject({ pipeline: "mine", dryRun: false, left: [] })
      expect(accepted.accepted.map((node: { name: string }) => node.name)).toEqual(["make", "scaled"])
      expect(accepted.accepted[0].accepted).toMatchObject({
        why: "the <b>same</b> number",
        from: before.nodes.make.fingerprint,
        differed: [{ component: "code", name: "value.ts", text: "code: value.ts changed" }]
      })
      expect(accepted.accepted[0].accepted.who).toMatch(/^.+@.+$/)

      const planned = await place.asterism("plan", "./mine.ts")
      expect(planned.stdout).toMatch(
        /cached {2}make +my\/make {2}\(accepted: the <b>same<\/b> number, \d{4}-\d\d-\d\d \d\d:\d\d UTC\)/
      )
      expect((await json("plan", "./mine.ts")).nodes[1].accepted.why).toBe("the <b>same</b> number")
      expect((await place.asterism("run", "./mine.ts")).stderr).toContain("2 cached, 0 ran")
      const run = await json("show", "latest")
      expect(run.nodes.make.outputs).toEqual(before.nodes.make.outputs)
      const record = await place.asterism("show", run.nodes.make.fingerprint)
      expect(record.stdout).toMatch(/accepted .* by .+@.+: the <b>same<\/b> number/)
      expect(record.stdout).toContain(`outputs of record ${before.nodes.make.fingerprint.slice(0, 12)}`)
      const verified = await place.asterism("verify")
      expect(verified.stdout).toMatch(/2 accepted, not computed/)
      expect(verified.stdout).toMatch(/mine\/scaled {2}accepted: the <b>same<\/b> number/)
      const { stdout } = await place.asterism("report", "latest")
      const page = readFileSync(/\S+\.html/.exec(stdout)![0], "utf8")
      expect(page).toContain("<dt>status</dt><dd>accepted</dd>")
      expect(page).toContain("the &lt;b&gt;same&lt;/b&gt; number")
      expect(page).toContain("code: value.ts changed")
      expect(page).toContain("(2 accepted)")
    }
  )

  const refused: ReadonlyArray<readonly [args: ReadonlyArray<string>, message: RegExp]> = [
    [["accept", "./mine.ts", "--why", "no"], /nothing to accept[^]*asterism plan \.\/mine\.ts'/],
    [["accept", "./mine.ts"], /--why/],
    [["accept", "./mine.ts", "--why", "  "], /No reason is given/],
    [["accept", "./mine.ts", "--why", "a\u001b[2Jb"], /control characters/],
    [
      ["accept", "./mine.ts", "--why", "no", "--set", "make.k=2"],
      /'make': params: k 1 → 2[^]*'asterism run \.\/mine\.ts --set make\.k=2'/
    ],
    [["accept", "./mine.ts", "--why", "no", "--node", "maid"], /No node or group is named 'maid'/]
  ]
  it.for(refused)("C29: refused with exit code 2: %j", async ([args, message]) => {
    const { code, stdout, stderr } = await place.asterism(...args)
    expect(stderr).toMatch(message)
    expect(stdout).toBe("")
    expect(code).toBe(2)
  })

  it(
    "C30: a captured value that changed runs its stage; two under one id are refused",
    { timeout: 120_000 },
    async () => {
      place.file("mine.ts", pipeline(scaled, "3"))
      const { nodes } = await json("plan", "./mine.ts")
      // The module of both stages changed with it.
      expect(nodes[1].reasons.map((reason: { text: string }) => reason.text)).toContain("captures: by 2 → 3")
      place.file(
        "mine.ts",
        pipeline(scaled + "\n" + scaled.replace('"scaled"', '"again"').replace("SCALE", "4"))
      )
      const { code, stderr } = await place.asterism("run", "./mine.ts")
      expect(code).toBe(2)
      expect(stderr).toMatch(/'scaled' and 'again' use two different stages under one id, my\/scale/)
    }
  )
})
