import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { fileSystemNow, temporaryPath } from "../../../artifacts/store/durable.ts"
import { layoutOf } from "../../../artifacts/store/layout.ts"
import { acquireLease } from "../../../artifacts/store/leases.ts"
import { expiry, isLive } from "../../../artifacts/store/liveness.ts"
import { presenceOf } from "../../../artifacts/store/presence.ts"
import { ownerKey, ownIdentity } from "../../../artifacts/store/processIdentity.ts"
import { sweep } from "../../../artifacts/store/sweep.ts"
import { Store } from "../../../artifacts/Store.ts"
import { inStore, temporaryFolder } from "../fixtures.ts"
import { bundled, outputOf, said } from "./programs.ts"

let hold: Awaited<ReturnType<typeof bundled>>
beforeAll(async () => void (hold = await bundled("hold")))
afterAll(() => hold.discard())

const day = 24 * 3600 * 1000
const elsewhere = { host: "elsewhere", machine: "another boot", pid: 7, started: "99" }
const random = "00112233aabbccdd"
const file = (owner: string | undefined, mtime: number, name = "x") => ({
  path: name,
  owner,
  mtime,
  token: ""
})

/** The monotonic clock, as far as liveness asks, `milliseconds` from now. */
const later = <A>(milliseconds: number, look: () => A): A => {
  const real = performance.now
  performance.now = () => real.call(performance) + milliseconds
  try {
    return look()
  } finally {
    performance.now = real
  }
}

const stamp = (where: string, milliseconds: number): void => {
  const time = (Date.now() + milliseconds) / 1000
  fs.utimesSync(where, time, time)
}

describe("liveness", () => {
  it("C25 - a process of this machine lives or is gone by its id and start time, whatever the stamps", () => {
    const own = ownIdentity()
    for (const mtime of [0, Date.now(), Date.now() + 3650 * day]) {
      expect(isLive(file(ownerKey(own), mtime), Date.now)).toBe(true)
      // The id is used, by a process that began at another time: an id that was used again.
      expect(isLive(file(ownerKey({ ...own, started: "1" }), mtime), Date.now)).toBe(false)
      expect(isLive(file(ownerKey({ ...own, pid: 2 ** 22 + 1 }), mtime), Date.now)).toBe(false)
    }
  })

  it("C25 - one of another machine lives while it renews, by stamps of one file system or as watched from here", () => {
    const key = ownerKey(elsewhere)
    const now = 1e12
    expect(isLive(file(key, now - expiry + 1000, "a"), () => now)).toBe(true)
    expect(isLive(file(key, now - expiry - 1000, "b"), () => now)).toBe(false)
    // No stamp can be had, or it is from the future: watched for the expiry, it is gone; renewed meanwhile, it lives.
    for (const [name, mtime, time] of [
      ["c", 5, undefined],
      ["d", now + 2 * day, now]
    ] as const) {
      const look = (at: number) => isLive(file(key, at, name), () => time)
      expect(look(mtime)).toBe(true)
      expect(later(expiry - 1000, () => look(mtime))).toBe(true)
      expect(later(expiry - 1000, () => look(mtime + 1))).toBe(true)
      expect(later(expiry + 1000, () => look(mtime + 1))).toBe(true)
      expect(later(2 * expiry + 1000, () => look(mtime + 1))).toBe(false)
    }
  })

  it.effect("C25 - a stamp in the future is put back, so that it does not count for ever", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      const [leases, tmp] = [path.join(root, "leases"), path.join(root, "tmp")]
      for (const folder of [leases, tmp]) fs.mkdirSync(folder)
      const lease = path.join(leases, "n.lease")
      fs.writeFileSync(lease, JSON.stringify({ name: "n", token: "t", holder: elsewhere, taken: 0 }))
      stamp(lease, 2 * 3600 * 1000)
      expect(acquireLease(leases, tmp, "n")).toBe(undefined)
      expect(Math.abs(fs.statSync(lease).mtimeMs - Date.now())).toBeLessThan(5000)
      stamp(lease, -expiry - 1000)
      const held = acquireLease(leases, tmp, "n")
      expect(held).toBeDefined()
      held!.release()
      expect([...fs.readdirSync(leases), ...fs.readdirSync(tmp)]).toEqual([])
    }).pipe(Effect.scoped)
  )

  it.effect("C25 - a lease that was lost is not given back in its successor's place", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      const [leases, tmp] = [path.join(root, "leases"), path.join(root, "tmp")]
      for (const folder of [leases, tmp]) fs.mkdirSync(folder)
      const lost = acquireLease(leases, tmp, "n")
      const lease = path.join(leases, "n.lease")
      fs.rmSync(lease)
      const successor = acquireLease(leases, tmp, "n")
      lost!.release()
      expect(acquireLease(leases, tmp, "n")).toBe(undefined)
      // While somebody else takes it over, or died in doing so, a holder that ends leaves it free.
      fs.copyFileSync(lease, `${lease}.next`)
      successor!.release()
      fs.rmSync(`${lease}.next`)
      const third = acquireLease(leases, tmp, "n")
      expect(third).toBeDefined()
      third!.release()
      expect(fs.readdirSync(leases)).toEqual([])
    }).pipe(Effect.scoped)
  )

  it.effect("C25 - nothing of a live process is swept, whatever its age; what is gone leaves nothing", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      yield* inStore(root, Store)
      const layout = layoutOf(root)
      const make = (owner: string, folder = layout.tmp, suffix = "") => {
        const made = path.join(folder, `${owner}-${random}${suffix}`)
        fs.mkdirSync(folder, { recursive: true })
        fs.writeFileSync(made, "")
        return made
      }
      const own = temporaryPath(layout.tmp)
      fs.mkdirSync(own)
      const dead = make(ownerKey({ ...ownIdentity(), started: "1" }))
      const present = make(ownerKey(elsewhere))
      make(ownerKey(elsewhere), layout.live, ".held")
      const absent = make(ownerKey({ ...elsewhere, pid: 8 }))
      const young = make(ownerKey({ ...elsewhere, pid: 9 }))
      const gone = make(ownerKey({ ...elsewhere, pid: 8 }), layout.live, ".held")
      for (const old of [own, dead, present, absent]) stamp(old, -3650 * day)
      stamp(gone, -expiry - 5000)
      const outside = path.join(root, "outside")
      fs.writeFileSync(outside, "")
      fs.symlinkSync(
        outside,
        path.join(layout.tmp, `${ownerKey({ ...ownIdentity(), started: "1" })}-${random}.x`)
      )
      sweep(layout.root, layout.tmp, fileSystemNow(layout.tmp))
      expect(fs.readdirSync(layout.tmp).sort()).toEqual(
        [own, present, young].map((p) => path.basename(p)).sort()
      )
      expect(fs.existsSync(gone)).toBe(false)
      expect(fs.existsSync(outside)).toBe(true)
      presenceOf(root).close()
    }).pipe(Effect.scoped)
  )

  it("C25 - leases and presences are renewed while the main thread computes", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const root = yield* temporaryFolder
        yield* Effect.promise(async () => {
          // Its main thread waits for standard input in one blocking call.
          const holder = hold.start(root, "n")
          await said(holder, "held")
          const files = ["leases", "live"].flatMap((folder) =>
            fs.readdirSync(path.join(root, folder)).map((name) => path.join(root, folder, name))
          )
          expect(files).toHaveLength(2)
          const before = files.map((renewed) => fs.statSync(renewed).mtimeMs)
          const isRenewed = (at: number) => fs.statSync(files[at]!).mtimeMs > before[at]!
          for (let i = 0; i < 300 && !(isRenewed(0) && isRenewed(1)); i++)
            await new Promise((resolve) => setTimeout(resolve, 100))
          expect([isRenewed(0), isRenewed(1)]).toEqual([true, true])
          const ended = outputOf(holder)
          holder.stdin!.end()
          await ended
          expect([
            ...fs.readdirSync(path.join(root, "leases")),
            ...fs.readdirSync(path.join(root, "live"))
          ]).toEqual([])
        })
      }).pipe(Effect.scoped)
    ))
})
