import { describe, expect, it } from "@effect/vitest"
import fsModule from "node:fs"
import * as fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Store } from "../../../artifacts/Store.ts"
import { Index } from "../../../artifacts/store/Index.ts"
import { layoutOf } from "../../../artifacts/store/layout.ts"
import { Records } from "../../../artifacts/store/records.ts"
import { idOf, inStore, recordOf, Summary, temporaryFolder } from "../fixtures.ts"

/** The full count is for `ASTERISM_DAMAGES=5000`; its seed is printed. */
const damages = Number(process.env.ASTERISM_DAMAGES ?? 300)
const seed = Number(process.env.ASTERISM_SEED ?? 20260412)

/** mulberry32: small, and the same everywhere. */
const randomFrom = (state: number) => () => {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

type Random = () => number
const below = (random: Random, n: number): number => Math.floor(random() * n)
const pick = <A>(random: Random, values: ReadonlyArray<A>): A => values[below(random, values.length)]!

/** What may become of a file of lines. */
const kinds: { readonly [name: string]: (bytes: Buffer, random: Random) => Buffer } = {
  "a bit": (bytes, random) => {
    const at = below(random, bytes.length)
    bytes[at] = bytes[at]! ^ (1 << below(random, 8))
    return bytes
  },
  "many bytes": (bytes, random) => {
    for (let i = 0; i < 20; i++) bytes[below(random, bytes.length)] = below(random, 256)
    return bytes
  },
  "a digit": (bytes, random) => {
    const digits = [...bytes.keys()].filter((i) => /[0-9a-f]/.test(String.fromCharCode(bytes[i]!)))
    bytes[pick(random, digits)] = "0123456789abcdef".charCodeAt(below(random, 16))
    return bytes
  },
  "a cut": (bytes, random) => bytes.subarray(0, below(random, bytes.length)),
  "a hole": (bytes, random) => {
    const at = below(random, bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + below(random, 200))])
  },
  zeros: (bytes, random) => bytes.fill(0, below(random, bytes.length)),
  "lines joined": (bytes, random) =>
    lines(bytes, (all) => {
      const at = below(random, all.length - 1)
      const cut = below(random, 200)
      all.splice(at, 2, all[at]!.slice(0, cut) + all[at + 1]!.slice(cut))
    }),
  "a line twice": (bytes, random) =>
    lines(bytes, (all) => all.splice(below(random, all.length), 0, pick(random, all))),
  "a line lost": (bytes, random) => lines(bytes, (all) => all.splice(below(random, all.length), 1)),
  "fields swapped": (bytes, random) =>
    lines(bytes, (all) => {
      const [a, b] = [below(random, all.length), below(random, all.length)]
      const [x, y] = [all[a]!.split("\t"), all[b]!.split("\t")]
      const field = below(random, Math.min(x.length, y.length))
      ;[x[field], y[field]] = [y[field]!, x[field]!]
      all[a] = x.join("\t")
      all[b] = y.join("\t")
    }),
  "fields moved": (bytes, random) =>
    lines(bytes, (all) => {
      const at = below(random, all.length)
      const fields = all[at]!.split("\t")
      fields.splice(below(random, fields.length), 0, fields.splice(below(random, fields.length), 1)[0]!)
      all[at] = fields.join("\t")
    }),
  gone: () => Buffer.alloc(0)
}

const lines = (bytes: Buffer, change: (all: Array<string>) => void): Buffer => {
  const all = bytes.toString("latin1").split("\n")
  change(all)
  return Buffer.from(all.join("\n"), "latin1")
}

/** Four records, of two code components, and the objects they name. */
const filled = Effect.gen(function* () {
  const root = yield* temporaryFolder
  const records = yield* inStore(
    root,
    Effect.gen(function* () {
      const store = yield* Store
      const made = []
      for (let n = 1; n <= 4; n++) {
        const { digest } = yield* store.write(Summary, { name: `value ${n}`, score: n }, null, [])
        const record = recordOf(n, { out: digest }, { run: n < 3 ? "run-1" : "run-2" })
        yield* store.writeRecord(record)
        made.push(record)
      }
      return made
    })
  )
  const layout = layoutOf(root)
  const [segment] = fs.readdirSync(layout.index).map((name) => path.join(layout.index, name))
  return { root, layout, records, segment: segment!, bytes: fs.readFileSync(segment!) }
})

describe("C23 - a damaged index", () => {
  it.effect(
    `serves no wrong record and never fails, in ${damages} trials`,
    () =>
      Effect.gen(function* () {
        const { layout, records, segment, bytes } = yield* filled
        console.log(`damaged indexes: ${damages}, seed ${seed}`)
        const names = Object.keys(kinds)
        const counts = { known: 0, wrong: 0, latest: 0 }
        for (let trial = 0; trial < damages; trial++) {
          const random = randomFrom(seed + trial)
          const kind = names[trial % names.length]!
          let damaged = kinds[kind]!(Buffer.from(bytes), random)
          if (random() < 0.2 && damaged.length > 0) damaged = kinds[pick(random, names)]!(damaged, random)
          fs.writeFileSync(segment, damaged)
          const index = new Index(layout.index)
          const served = new Records(layout, index)
          for (const record of records) {
            const known = index.record(record.fingerprint)?.record
            if (known !== undefined) counts.known++
            if (known !== undefined && JSON.stringify(known) !== JSON.stringify(record)) counts.wrong++
            expect([undefined, record], `${kind}, trial ${trial}`).toContainEqual(known)
            expect(served.find(record.fingerprint), `${kind}, trial ${trial}`).toEqual(record)
          }
          expect(served.find(idOf(9))).toBe(undefined)
          const latest = yield* new Records(layout, new Index(layout.index)).latest(
            "test",
            "node-2",
            undefined
          )
          if (Option.isSome(latest) && latest.value.fingerprint === idOf(2)) counts.latest++
          index.close()
          for (const name of fs.readdirSync(layout.index))
            if (path.join(layout.index, name) !== segment) fs.rmSync(path.join(layout.index, name))
        }
        expect(counts.wrong).toBe(0)
        expect(counts.latest).toBe(damages)
        // Not vacuous: most damage leaves some lines whole, and none leaves all of them in every trial.
        expect(counts.known).toBeGreaterThan(damages)
        expect(counts.known).toBeLessThan(4 * damages)
      }).pipe(Effect.scoped),
    900_000
  )

  it.effect("of objects only misleads where to look: what is there is present, what is not is absent", () =>
    Effect.gen(function* () {
      const { root, records, segment, bytes } = yield* filled
      const text = bytes.toString("utf8")
      const [first] = Object.values(records[0]!.outputs)
      for (const [from, to] of [
        [`O\t${first}\t`, `O\t${first}\t9`],
        ["\tjson\n", "\t../../x\n"],
        ["\tjson\n", "\tj\u0000n\n"],
        ["\tjson\n", "\tbin\n"]
      ] as const) {
        const changed = text.replaceAll(from, to)
        expect(changed).not.toBe(text)
        fs.writeFileSync(segment, changed)
        yield* inStore(
          root,
          Effect.flatMap(Store, (store) =>
            Effect.map(store.present([first!]), (present) => expect(present).toBe(true))
          )
        )
      }
      const object = path.join(root, "objects", first!.slice(0, 2), `${first}.json`)
      fs.writeFileSync(segment, bytes)
      fs.truncateSync(object, 3)
      const there = inStore(
        root,
        Effect.flatMap(Store, (store) => store.present([first!]))
      )
      expect(yield* there).toBe(false)
      fs.rmSync(object)
      expect(yield* there).toBe(false)
    }).pipe(Effect.scoped)
  )

  it.effect("that is gone, a file, or deleted while it is used costs time only, and is made again", () =>
    Effect.gen(function* () {
      const { root, layout, records } = yield* filled
      const all = inStore(
        root,
        Effect.gen(function* () {
          const store = yield* Store
          const found = yield* Effect.forEach(records, ({ fingerprint }) => store.record(fingerprint))
          fs.rmSync(layout.index, { recursive: true, force: true })
          yield* store.writeRecord(records[0]!)
          return [...found.map(Option.getOrUndefined), ...(yield* store.records)]
        })
      )
      for (const spoil of [
        () => fs.rmSync(layout.index, { recursive: true }),
        () => {
          fs.rmSync(layout.index, { recursive: true })
          fs.writeFileSync(layout.index, "x")
        }
      ]) {
        fs.mkdirSync(layout.index, { recursive: true })
        spoil()
        expect(yield* all).toEqual([...records, ...records])
      }
      fs.rmSync(layout.index, { recursive: true, force: true })
      fs.writeFileSync(layout.index, "x")
      const made = yield* inStore(
        root,
        Effect.flatMap(Store, (store) => store.rebuildIndex)
      )
      expect(made).toEqual({ records: 4, objects: 4 })
      expect(new Index(layout.index).size).toBe(4)
    }).pipe(Effect.scoped)
  )

  it.effect("whose write was cut short goes on in a new segment, with the whole line", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = { bytes: 900, mtime: 1.5 }
      const index = new Index(folder)
      index.addRecord(recordOf(1, { out: idOf(101) }), file)
      index.flush()
      const { writeSync } = fsModule
      try {
        fsModule.writeSync = ((descriptor: number, bytes: Uint8Array) => {
          fsModule.writeSync = writeSync
          syncBuiltinESMExports()
          return writeSync(descriptor, bytes, 0, bytes.byteLength >> 1)
        }) as typeof writeSync
        syncBuiltinESMExports()
        index.addRecord(recordOf(2, { out: idOf(102) }), file)
        index.flush()
        index.addRecord(recordOf(3, { out: idOf(103) }), file)
        index.close()
      } finally {
        fsModule.writeSync = writeSync
        syncBuiltinESMExports()
      }
      expect(fs.readdirSync(folder)).toHaveLength(2)
      const reading = new Index(folder)
      for (const n of [1, 2, 3])
        expect(reading.record(idOf(n))).toEqual({ record: recordOf(n, { out: idOf(100 + n) }), file })
    }).pipe(Effect.scoped)
  )

  it.effect("never stands for a record whose file is gone, cut, or another one", () =>
    Effect.gen(function* () {
      const { root, layout, records } = yield* filled
      const fileOf = (n: number) => path.join(layout.records, idOf(n).slice(0, 2), `${idOf(n)}.json`)
      fs.rmSync(fileOf(1))
      fs.truncateSync(fileOf(2), 20)
      const again = { ...records[2]!, outputs: { out: idOf(77) } }
      yield* inStore(
        root,
        Effect.gen(function* () {
          const store = yield* Store
          expect(yield* store.record(idOf(1))).toEqual(Option.none())
          expect(yield* store.record(idOf(2))).toEqual(Option.none())
          yield* store.writeRecord(again)
          yield* store.writeRecord(records[1]!)
          expect(yield* store.record(idOf(2))).toEqual(Option.some(records[1]))
        })
      )
      // The old segment read last, as a process that lived longer may have left it.
      const names = fs.readdirSync(layout.index).sort()
      expect(names.length).toBeGreaterThan(1)
      fs.renameSync(path.join(layout.index, names[0]!), path.join(layout.index, `zz${names[0]}`))
      yield* inStore(
        root,
        Effect.gen(function* () {
          const store = yield* Store
          expect(yield* store.record(idOf(3))).toEqual(Option.some(again))
          expect((yield* store.records).map(({ fingerprint }) => fingerprint)).toEqual([2, 3, 4].map(idOf))
        })
      )
    }).pipe(Effect.scoped)
  )
})
