/** Compiled programs: whose folder they lie in, and what becomes of damaged ones. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Workplace } from "../support/command.ts"
import { workplace } from "../support/command.ts"

let place: Workplace
let cache: string
const saved = { ...process.env }

beforeEach(() => {
  place = workplace()
  mkdirSync(join(place.folder, "cache"), { mode: 0o700 })
  process.env.XDG_CACHE_HOME = join(place.folder, "cache")
  cache = join(place.folder, "cache", "asterism")
})
afterEach(() => {
  process.env = { ...saved }
  place.remove()
})

const noRuns = { code: 0, stdout: expect.stringContaining("no runs") as string, stderr: "" }

/** Every file of the one program there is. */
const programFiles = (): ReadonlyArray<string> =>
  readdirSync(join(cache, "programs"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

describe("the program cache", () => {
  it("is a folder of the user's own", async () => {
    expect(await place.asterism("runs")).toEqual(noRuns)
    expect(statSync(cache).mode & 0o777).toBe(0o700)
  })

  it("a lost, cut or damaged file of a program is made again", async () => {
    await place.asterism("runs")
    const files = programFiles()
    const program = files.find((path) => path.endsWith("program.mjs"))!
    const chunk = files.find((path) => /chunk-.*\.mjs$/.test(path))!
    const graph = files.find((path) => path.endsWith("graph.json"))!
    const manifest = files.find((path) => path.endsWith("manifest.json"))!
    const wasm = files.find((path) => path.endsWith(".wasm"))!
    const damages: ReadonlyArray<readonly [string, (path: string) => void]> = [
      [program, (path) => rmSync(path)],
      [chunk, (path) => truncateSync(path, 100)],
      [
        graph,
        (path) => writeFileSync(path, readFileSync(path, "utf8").replace(/[0-9a-f]{64}/, "0".repeat(64)))
      ],
      [wasm, (path) => truncateSync(path, 0)],
      [manifest, (path) => writeFileSync(path, readFileSync(path, "utf8").replace("programs", "program5"))],
      [join(manifest, ".."), (path) => rmSync(path, { recursive: true })]
    ]
    for (const [path, damage] of damages) {
      const whole = statSync(path).isFile() ? readFileSync(path) : undefined
      damage(path)
      expect([path, await place.asterism("runs")]).toEqual([path, noRuns])
      if (whole !== undefined) expect(readFileSync(path).equals(whole)).toBe(true)
    }
  }, 120_000)

  it("a folder that is a link, or that others may use, is refused", async () => {
    const elsewhere = join(place.folder, "elsewhere")
    mkdirSync(elsewhere, { mode: 0o700 })
    symlinkSync(elsewhere, cache)
    const refused = { code: 2, stdout: "", stderr: expect.stringMatching(/not safe: .*Next: /) as string }
    expect(await place.asterism("runs")).toEqual(refused)
    rmSync(cache)
    mkdirSync(cache)
    for (const mode of [0o770, 0o707, 0o755, 0o720]) {
      chmodSync(cache, mode)
      expect([mode, await place.asterism("runs")]).toEqual([mode, refused])
    }
    rmSync(cache, { recursive: true })
    writeFileSync(cache, "")
    expect(await place.asterism("runs")).toEqual(refused)
    expect(readdirSync(elsewhere)).toEqual([])
  }, 60_000)

  it("another user's folder is refused", async (context) => {
    if (process.getuid?.() !== 0) return context.skip("needs root, to give a folder away")
    mkdirSync(cache, { mode: 0o700 })
    chownSync(cache, 65533, 65533)
    const { code, stderr } = await place.asterism("runs")
    expect(code).toBe(2)
    expect(stderr).toMatch(/belongs to user 65533/)
  })

  it("where no folder can be made, a command compiles for itself and leaves nothing", async () => {
    const temporary = join(place.folder, "tmp")
    mkdirSync(temporary)
    process.env.XDG_CACHE_HOME = "/proc/nowhere"
    process.env.TMPDIR = temporary
    expect(await place.asterism("runs")).toEqual(noRuns)
    expect(readdirSync(temporary)).toEqual([])
    expect(existsSync(cache)).toBe(false)
  }, 60_000)

  it("paths may hold '=' and '#'", async () => {
    const folder = join(place.folder, "lr=0.1", "c#1")
    mkdirSync(folder, { recursive: true })
    writeFileSync(
      join(folder, "pipe.ts"),
      `import { Pipeline } from "asterism"
       export const named = Pipeline.make("paths", { description: "None." }, function* () {})
       export default named`
    )
    for (const reference of ["./lr=0.1/c#1/pipe.ts", "./lr=0.1/c#1/pipe.ts#named", join(folder, "pipe.ts")]) {
      const { code, stdout, stderr } = await place.asterism("plan", reference)
      expect([reference, code, stderr]).toEqual([reference, 0, ""])
      expect(stdout).toContain("paths: all 0 nodes")
    }
  }, 60_000)
})
