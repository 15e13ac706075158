import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { Index } from "../../../artifacts/store/Index.ts"
import { idOf, recordOf, temporaryFolder } from "../fixtures.ts"

/** A record file's size and time; which ones, these tests do not care. */
const file = { bytes: 900, mtime: 1.25 }

const segmentsOf = (folder: string) => fs.readdirSync(folder).map((name) => path.join(folder, name))

const at = (n: number, started: string) => recordOf(n, {}, { node: "sae", started })

describe("the index", () => {
  it.effect("gives records back with the code component they share, stored once", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const records = [1, 2, 3].map((n) => recordOf(n, { out: idOf(100 + n) }))
      const writing = new Index(folder)
      for (const record of records) writing.addRecord(record, file)
      writing.addObject(idOf(7), { bytes: 5, extension: "json", manifestBytes: 7 })
      writing.close()
      const [segment] = segmentsOf(folder)
      expect(fs.readFileSync(segment!, "utf8").match(/f11e/g)).toHaveLength(1)
      const reading = new Index(folder)
      expect(records.map(({ fingerprint }) => reading.record(fingerprint))).toEqual(
        records.map((record) => ({ record, file }))
      )
      expect(reading.object(idOf(7))).toEqual({ bytes: 5, extension: "json", manifestBytes: 7 })
      expect(reading.record(idOf(4))).toBe(undefined)
    }).pipe(Effect.scoped)
  )

  it.effect("survives being cut off at any byte", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const records = [1, 2].map((n) => recordOf(n, { out: idOf(100 + n) }))
      const writing = new Index(folder)
      for (const record of records) writing.addRecord(record, file)
      writing.close()
      const [segment] = segmentsOf(folder)
      const bytes = fs.readFileSync(segment!)
      for (let length = bytes.byteLength; length >= 0; length -= 13) {
        fs.writeFileSync(segment!, bytes.subarray(0, length))
        const reading = new Index(folder)
        for (const record of records)
          expect([record, undefined]).toContainEqual(reading.record(record.fingerprint)?.record)
      }
      // Zeros, as a power cut leaves them.
      fs.writeFileSync(segment!, Buffer.alloc(bytes.byteLength))
      expect(new Index(folder).record(idOf(1))).toBe(undefined)
    }).pipe(Effect.scoped)
  )

  it.effect("reads what other processes appended, and merges many segments into one", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (let n = 0; n < 20; n++) {
        const writing = new Index(folder)
        writing.addRecord(recordOf(n, { out: idOf(100 + n) }), file)
        writing.close()
      }
      expect(segmentsOf(folder)).toHaveLength(20)
      expect(new Index(folder).size).toBe(20)
      for (const segment of segmentsOf(folder)) fs.utimesSync(segment, new Date(2020, 0), new Date(2020, 0))
      new Index(folder).close()
      expect(segmentsOf(folder)).toHaveLength(1)
      const merged = new Index(folder)
      for (let n = 0; n < 20; n++)
        expect(merged.record(idOf(n))?.record).toEqual(recordOf(n, { out: idOf(100 + n) }))
    }).pipe(Effect.scoped)
  )

  it.effect("forgets for good, also what was not on disk yet and what another process wrote", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const index = new Index(folder)
      const other = new Index(folder)
      index.addRecord(recordOf(1, {}), file)
      index.addRecord(recordOf(2, {}), file)
      other.addRecord(recordOf(3, {}), file)
      other.addRecord(recordOf(4, {}), file)
      other.close()
      index.drop([idOf(1), idOf(3)], [])
      index.close()
      const found = [...new Index(folder).fingerprints()]
      expect(found.toSorted()).toEqual([idOf(2), idOf(4)])
    }).pipe(Effect.scoped)
  )

  it.effect("finds the newest record of a node, whatever order they were written in", () =>
    Effect.gen(function* () {
      const index = new Index(yield* temporaryFolder)
      index.addRecord(at(1, "2026-01-02T00:00:00.000Z"), file)
      index.addRecord(at(2, "2026-01-03T00:00:00.000Z"), file)
      expect(index.latest("test", "sae", undefined)).toBe(idOf(2))
      index.addRecord(at(3, "2026-01-01T00:00:00.000Z"), file)
      expect(index.latest("test", "sae", undefined)).toBe(idOf(2))
      expect(index.latest("test", "other", undefined)).toBe(undefined)
      expect(index.latest("test", "other", "test/stage")).toBe(idOf(2))
      index.close()
    }).pipe(Effect.scoped)
  )
})
