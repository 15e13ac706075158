/** The autoencoders stand in for each other through the command line: trained, encoded and truncated in one study. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { RunEvent } from "../../../engine/run/events.ts"
import type { Workplace } from "../../support/command.ts"
import { workplace } from "../../support/command.ts"

const settings = [
  "objects.objects=200",
  "objects.attributes=40",
  "objects.active=3",
  "clean.dims=32",
  "sae.dictionarySize=64",
  "sae.steps=60",
  "sae.batchSize=64",
  "sae.evaluateEvery=20",
  "sae.validationFraction=0.1",
  "truncated.highest=1"
].flatMap((setting) => ["--set", setting])

describe("--swap", () => {
  let place: Workplace
  beforeAll(() => {
    place = workplace()
  })
  afterAll(() => place.remove())

  it.each(["sae/train", "sae/train-batchtopk", "sae/train-jumprelu"])("sae/a=%s", async (stage) => {
    const command = ["run", "synthetic", "--until", "truncated/a", "--swap", `sae/a=${stage}`, "--json"]
    const { code, stdout, stderr } = await place.asterism(...command, ...settings)
    expect([code, stderr]).toEqual([0, ""])
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as RunEvent)
    const finished = events.flatMap((event) => (event.type === "NodeFinished" ? [event] : []))
    expect(finished.find(({ node }) => node === "sae/a")?.stage).toBe(stage)
    const kept = finished.find(({ node }) => node === "truncated/a")!.outputs.codes!
    const shown = await place.asterism("show", kept, "--json")
    expect(JSON.parse(shown.stdout)).toMatchObject({ manifest: { kind: "SparseCodes", rows: 200 } })
  })

  it("a stage that does not train is refused", async () => {
    const { code, stderr } = await place.asterism("plan", "synthetic", "--swap", "sae/a=sae/encode")
    expect(code).toBe(2)
    expect(stderr).toContain("sae/a")
  })
})
