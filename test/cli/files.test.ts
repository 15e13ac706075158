/** C20 by the command itself: in the driver, in a process of its own, between the points of a sweep, and for users' matrices. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Workplace } from "../support/command.ts"
import { workplace } from "../support/command.ts"

/** `make` reads v.txt; while it does, or after it, the file turns 2 where a file of that name says so. */
const pipeline = (isolated: boolean) => `
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { Embeddings, Pipeline, Stage } from "asterism"
const turn = (when: string): void => {
  if (!existsSync(when)) return
  rmSync(when)
  writeFileSync("v.txt", "2")
}
const make = Stage.make("my/make", {
  description: "Reads a file.",
  source: import.meta.url,
  params: Schema.Struct({ k: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))) }),
  files: () => ["./v.txt"],
  isolated: ${isolated},
  inputs: {},
  outputs: { embeddings: Embeddings },
  run: ({ params }) =>
    Effect.sync(() => {
      turn("while-it-runs")
      const v = Number(readFileSync("./v.txt", "utf8"))
      return { embeddings: { keys: ["a", "b"], dims: 1, data: new Float32Array([v, params.k]) } }
    })
})
const then = Stage.make("my/then", {
  description: "Comes after.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { embeddings: Embeddings },
  outputs: { embeddings: Embeddings },
  run: Effect.fn("my/then")(function* ({ inputs }) {
    turn("after-it-ran")
    return { embeddings: yield* inputs.embeddings.readFloat32 }
  })
})
export default Pipeline.make("reads", { description: "Reads a file." }, function* (p) {
  const made = yield* p.stage("make", make, {})
  yield* p.stage("then", then, { inputs: made })
})
`

describe("declared files", () => {
  let place: Workplace
  beforeAll(() => {
    place = workplace()
    place.file("here.ts", pipeline(false))
    place.file("apart.ts", pipeline(true))
  })
  afterAll(() => place.remove())

  /** The number that the latest run of these options has for what the file says. */
  const served = async (file: string, ...options: ReadonlyArray<string>): Promise<number> => {
    const ran = await place.asterism("run", file, ...options)
    expect(ran.code, ran.stderr).toBe(0)
    const shown = await place.asterism("show", "latest", "--json")
    const { digest } = JSON.parse(shown.stdout).nodes.then.outputs.embeddings
    const to = join(place.folder, `${digest}.csv`)
    if (!existsSync(to)) await place.asterism("export", digest, "--to", to)
    return Number(/^a,(.*)$/m.exec(readFileSync(to, "utf8"))![1])
  }

  for (const file of ["./here.ts", "./apart.ts"])
    it(`C20: what ${file} reads of another content is never recorded`, { timeout: 120_000 }, async () => {
      const store = ["--store", join(place.folder, `store-${file.slice(2, -3)}`)]
      place.file("v.txt", "1")
      place.file("while-it-runs", "")
      const failed = await place.asterism("run", file, ...store)
      expect(failed.code).toBe(2)
      expect(failed.stderr).toMatch(/The file \.\/v\.txt, which 'make' reads, changed while it ran/)
      expect(failed.stderr).toMatch(/run again: asterism run/)
      expect(readFileSync(join(place.folder, "v.txt"), "utf8")).toBe("2")
      place.file("v.txt", "1")
      const again = await place.asterism("run", file, ...store)
      expect(again.stderr).toMatch(/0 cached, 2 ran/)
    })

  it("C20: a later point of a sweep sees an edit", { timeout: 120_000 }, async () => {
    place.file("v.txt", "1")
    place.file("after-it-ran", "")
    const swept = await place.asterism("run", "./here.ts", "--sweep", "make.k=5,6")
    expect(swept.code, swept.stderr).toBe(0)
    expect(await served("./here.ts", "--set", "make.k=6")).toBe(2)
    expect(JSON.parse((await place.asterism("show", "latest", "--json")).stdout).counts.ran).toBe(0)
    place.file("v.txt", "1")
    expect(await served("./here.ts", "--set", "make.k=6")).toBe(1)
    expect(await served("./here.ts", "--set", "make.k=5")).toBe(1)
  })

  it(
    "C20: users' matrices need no hash, an edit runs them again, a pin refuses it",
    { timeout: 120_000 },
    async () => {
      const rows = (first: number) => `key,x,y\na,${first},0\nb,0,1\nc,0.6,0.8\nd,-1,0\n`
      place.file("images.csv", rows(1))
      place.file("texts.csv", rows(1))
      const args = ["--set", "images.file=images.csv", "--set", "texts.file=texts.csv"]
      const features = (command: string, ...more: ReadonlyArray<string>) =>
        place.asterism(command, "constellation-features", ...args, "--until", "images", ...more)
      const first = await features("run")
      expect(first.code, first.stderr).toBe(0)
      place.file("images.csv", rows(0.9))
      const planned = await features("plan")
      expect(planned.stdout).toMatch(/inputs: file:images\.csv [0-9a-f]{8} → [0-9a-f]{8}/)
      const pinned = await features("run", "--set", `images.sha256=${"0".repeat(64)}`)
      expect(pinned.code).toBe(2)
      const found = /found ([0-9a-f]{64})/.exec(pinned.stderr)![1]
      expect((await features("run", "--set", `images.sha256=${found}`)).code).toBe(0)
      place.file("images.csv", rows(0.8))
      expect((await features("run", "--set", `images.sha256=${found}`)).code).toBe(2)
      const absent = await features("plan", "--set", "images.keys=absent.txt")
      expect(absent.code).toBe(2)
      expect(absent.stderr).toMatch(/'images' cannot read absent\.txt: there is no such file/)
    }
  )
})
