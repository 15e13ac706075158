import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { acquireLease, expiry } from "../../../artifacts/store/leases.ts"
import { Store } from "../../../artifacts/Store.ts"
import { inStore, temporaryFolder } from "../fixtures.ts"
import { bundled, outputOf, said } from "./programs.ts"

type Program = Awaited<ReturnType<typeof bundled>>
let race: Program
let hold: Program

beforeAll(async () => {
  race = await bundled("race")
  hold = await bundled("hold")
})
afterAll(() => {
  race.discard()
  hold.discard()
})

const leaseFile = (root: string, name: string) => path.join(root, "leases", `${name}.lease`)

/** Makes a lease look as if it had last been renewed `milliseconds` ago. */
const age = (file: string, milliseconds: number): void => {
  const then = (Date.now() - milliseconds) / 1000
  fs.utimesSync(file, then, then)
}

/** Makes a lease's holder one of another machine, of which nothing can be seen but its renewals. */
const moveAway = (file: string): void => {
  const lease = JSON.parse(fs.readFileSync(file, "utf8")) as { holder: { machine: string; host: string } }
  lease.holder.machine = "another boot"
  lease.holder.host = "elsewhere"
  fs.writeFileSync(file, JSON.stringify(lease))
}

describe("leases", () => {
  it.effect("are held once at a time, until their scope closes", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      yield* inStore(
        root,
        Effect.gen(function* () {
          const store = yield* Store
          yield* Effect.scoped(
            Effect.gen(function* () {
              expect(yield* store.lease("n")).toBe(true)
              expect(yield* Effect.scoped(store.lease("n"))).toBe(false)
              expect(yield* Effect.scoped(store.lease("other/name with spaces"))).toBe(true)
            })
          )
          expect(yield* Effect.scoped(store.lease("n"))).toBe(true)
        })
      )
      expect(fs.readdirSync(`${root}/leases`)).toEqual([])
      expect(fs.readdirSync(`${root}/tmp`)).toEqual([])
    }).pipe(Effect.scoped)
  )

  it("go to exactly one of the processes that race for them", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const root = yield* temporaryFolder
        const count = 200
        yield* Effect.promise(async () => {
          const racers = [1, 2].map(() => race.start(root, String(count)))
          const outputs = racers.map(outputOf)
          await Promise.all(racers.map((racer) => said(racer, "ready")))
          const done = racers.map((racer) => said(racer, "done"))
          for (const racer of racers) racer.stdin?.write("\n")
          await Promise.all(done)
          for (const racer of racers) racer.stdin?.end()
          const got = (await Promise.all(outputs)).map((output) => output.match(/lease-\d+/g) ?? [])
          expect(got.flat().sort()).toEqual(Array.from({ length: count }, (_, i) => `lease-${i}`).sort())
        })
        expect(fs.readdirSync(`${root}/leases`)).toEqual([])
      }).pipe(Effect.scoped)
    ))

  it("of a killed process are free at once on the same machine", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const root = yield* temporaryFolder
        yield* Effect.promise(async () => {
          const holder = hold.start(root, "n")
          await said(holder, "held")
          await Effect.runPromise(
            inStore(
              root,
              Effect.flatMap(Store, (store) => Effect.scoped(store.lease("n")))
            ).pipe(Effect.map((taken) => expect(taken).toBe(false)))
          )
          const ended = outputOf(holder)
          holder.kill("SIGKILL")
          await ended
          expect(fs.existsSync(leaseFile(root, "n"))).toBe(true)
        })
        const taken = yield* inStore(
          root,
          Effect.flatMap(Store, (store) => Effect.scoped(store.lease("n")))
        )
        expect(taken).toBe(true)
      }).pipe(Effect.scoped)
    ))

  it.effect("of another machine are free once they were not renewed for long enough", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      const [leases, tmp] = [path.join(root, "leases"), path.join(root, "tmp")]
      for (const folder of [leases, tmp]) fs.mkdirSync(folder)
      const file = leaseFile(root, "n")
      const gone = acquireLease(leases, tmp, "n")
      moveAway(file)
      expect(acquireLease(leases, tmp, "n")).toBe(undefined)
      age(file, expiry + 5000)
      const successor = acquireLease(leases, tmp, "n")
      expect(successor).toBeDefined()
      // The first holder wakes up: it must not free what is another's by now.
      gone?.release()
      expect(fs.existsSync(file)).toBe(true)
      expect(acquireLease(leases, tmp, "n")).toBe(undefined)
      successor?.release()
      expect(fs.readdirSync(leases)).toEqual([])
    }).pipe(Effect.scoped)
  )

  it.effect("are not blocked for ever by a process that died while it took one over", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      const [leases, tmp] = [path.join(root, "leases"), path.join(root, "tmp")]
      for (const folder of [leases, tmp]) fs.mkdirSync(folder)
      const file = leaseFile(root, "n")
      acquireLease(leases, tmp, "n")
      moveAway(file)
      fs.copyFileSync(file, `${file}.next`)
      for (const left of [file, `${file}.next`]) age(left, expiry + 5000)
      expect(acquireLease(leases, tmp, "n")).toBe(undefined)
      expect(acquireLease(leases, tmp, "n")).toBeDefined()
    }).pipe(Effect.scoped)
  )

  it.effect("that cannot be read are free after the same time", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      const [leases, tmp] = [path.join(root, "leases"), path.join(root, "tmp")]
      for (const folder of [leases, tmp]) fs.mkdirSync(folder)
      fs.writeFileSync(leaseFile(root, "n"), "half a le")
      expect(acquireLease(leases, tmp, "n")).toBe(undefined)
      age(leaseFile(root, "n"), expiry + 5000)
      expect(acquireLease(leases, tmp, "n")).toBeDefined()
    }).pipe(Effect.scoped)
  )
})
