import { describe, expect, it } from "@effect/vitest"
import { DuckDBInstance } from "@duckdb/node-api"
import * as arrow from "apache-arrow"
import * as fc from "fast-check"
import { execFileSync, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { openArrowFile } from "../../../artifacts/codecs/arrow/ArrowFile.ts"
import { matrixCodec } from "../../../artifacts/codecs/matrix.ts"
import { decodeLz4Frames } from "../../../artifacts/files/lz4Frame.ts"
import { readMatrix } from "../../../artifacts/files/readMatrix.ts"
import { readSparse } from "../../../artifacts/files/readSparse.ts"
import { writeMatrix } from "../../../artifacts/files/writeMatrix.ts"
import type { Matrix } from "../../../schemas/Matrix.ts"
import { encode } from "../encoding.ts"
import { temporaryFolder, Vectors } from "../fixtures.ts"
import { absent, python } from "./python.ts"

const matrix: Matrix<Float32Array> = {
  keys: ["a", 'β, "quoted"', "", "𝒸"],
  dims: 3,
  data: Float32Array.from({ length: 12 }, (_, i) => Math.fround(Math.sin(i + 1) * 10 ** (i - 4)))
}

const noLz4 = spawnSync("lz4", ["--version"]).status !== 0
if (noLz4) console.warn("skipped: LZ4 frames, since the lz4 command is not installed (apt-get install lz4)")

describe("files that Python writes", () => {
  it.effect.skipIf(absent !== undefined)(
    "npy: versions 1 to 3, every number type, both orders and endians",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const types = [
          "<f4",
          ">f4",
          "<f8",
          ">f8",
          "<f2",
          "i1",
          "u1",
          "<i2",
          ">u2",
          "<i4",
          ">i4",
          "<u4",
          "<i8",
          ">u8",
          "?"
        ]
        python(
          folder,
          `a = np.array([[0, 1, 2], [3, 100, 5]])
for i, t in enumerate(${JSON.stringify(types)}):
    np.save(f"c{i}.npy", a.astype(t)); np.save(f"f{i}.npy", np.asfortranarray(a.astype(t)))
for v in [(1, 0), (2, 0), (3, 0)]:
    with open(f"v{v[0]}.npy", "wb") as f: np.lib.format.write_array(f, a.astype("<f4"), version=v)`
        )
        for (const [i, type] of types.entries())
          for (const order of ["c", "f"]) {
            const read = yield* readMatrix(path.join(folder, `${order}${i}.npy`))
            const expected = type === "?" ? [0, 1, 1, 1, 1, 1] : [0, 1, 2, 3, 100, 5]
            expect({ type, order, ...read, data: [...read.data] }).toEqual({
              type,
              order,
              keys: ["0", "1"],
              keyed: false,
              ownKeys: false,
              dims: 3,
              data: expected,
              notes: type === "?" ? ["The values are booleans; they are read as 0 and 1."] : []
            })
          }
        for (const version of [1, 2, 3])
          expect([...(yield* readMatrix(path.join(folder, `v${version}.npy`))).data]).toEqual([
            0, 1, 2, 3, 100, 5
          ])
      }).pipe(Effect.scoped)
  )

  it.effect.skipIf(absent !== undefined)("npz: plain, compressed, with keys, and by name", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      python(
        folder,
        `a = np.arange(6, dtype="float32").reshape(2, 3)
np.savez("one.npz", a); np.savez_compressed("small.npz", x=a)
np.savez("two.npz", x=a, y=2 * a)
np.savez("keyed.npz", words=np.array(["é", "longer"]), vectors=a)`
      )
      for (const name of ["one", "small"])
        expect(yield* readMatrix(path.join(folder, `${name}.npz`))).toMatchObject({ keyed: false, dims: 3 })
      const y = yield* readMatrix(path.join(folder, "two.npz"), { array: "y" })
      expect([...y.data]).toEqual([0, 2, 4, 6, 8, 10])
      expect((yield* Effect.flip(readMatrix(path.join(folder, "two.npz")))).message).toContain(
        "2 arrays of numbers"
      )
      expect(yield* readMatrix(path.join(folder, "keyed.npz"))).toMatchObject({
        keys: ["é", "longer"],
        keyed: true
      })
    }).pipe(Effect.scoped)
  )

  it.effect.skipIf(absent !== undefined)("SciPy's sparse rows, sorted or not", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      python(
        folder,
        `m = sp.csr_matrix((np.array([1., 2., 3.]), np.array([4, 1, 0]), np.array([0, 2, 2, 3])), shape=(3, 5))
sp.save_npz("csr.npz", m); sp.save_npz("csc.npz", m.tocsc())`
      )
      const rows = yield* readSparse(path.join(folder, "csr.npz"))
      expect(rows).toEqual({
        keys: ["0", "1", "2"],
        keyed: false,
        dims: 5,
        indptr: Float64Array.of(0, 2, 2, 3),
        indices: Uint32Array.of(1, 4, 0),
        values: Float32Array.of(2, 1, 3)
      })
      const dense = yield* readMatrix(path.join(folder, "csr.npz"))
      expect([...dense.data]).toEqual([0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0])
      expect((yield* Effect.flip(readSparse(path.join(folder, "csc.npz")))).message).toContain("tocsr()")
    }).pipe(Effect.scoped)
  )

  it.effect.skipIf(absent !== undefined)("pandas' csv, with and without an index", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      python(
        folder,
        `d = pd.DataFrame(np.array([[0.5, 1], [2, 1e-30]]), index=["x, y", 'a "b"'])
d.to_csv("index.csv"); d.to_csv("plain.csv", index=False); d.to_csv("tabs.tsv", sep="\\t")
np.savetxt("bare.csv", d.values, delimiter=",")`
      )
      // pandas quotes in tsv too, where quotes are ordinary characters: they stay, and a note says so.
      for (const [name, second, notes] of [
        ["index.csv", 'a "b"', 0],
        ["tabs.tsv", '"a ""b"""', 1]
      ] as const) {
        const read = yield* readMatrix(path.join(folder, name))
        expect(read).toMatchObject({
          keys: ["x, y", second],
          keyed: true,
          ownKeys: true,
          dims: 2,
          data: Float64Array.of(0.5, 1, 2, 1e-30)
        })
        expect(read.notes).toHaveLength(notes)
      }
      expect(yield* readMatrix(path.join(folder, "plain.csv"))).toMatchObject({ keyed: false, dims: 2 })
      expect((yield* Effect.flip(readMatrix(path.join(folder, "bare.csv")))).message).toContain(
        "The first line holds numbers"
      )
    }).pipe(Effect.scoped)
  )
})

describe("files we write", () => {
  it.effect("come back as they were, in every format", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const [extension, keyed] of [
        ["npy", false],
        ["npz", true],
        ["csv", true],
        ["tsv", true],
        ["parquet", true]
      ] as const) {
        const file = path.join(folder, `m.${extension}`)
        yield* writeMatrix(file, matrix)
        const read = yield* readMatrix(file)
        expect({ extension, ...read, data: Float32Array.from(read.data) }).toEqual({
          extension,
          ...matrix,
          keyed,
          ownKeys: keyed,
          notes: [],
          keys: keyed ? matrix.keys : ["0", "1", "2", "3"]
        })
      }
      const keys = path.join(folder, "m.npy.keys.txt")
      expect((yield* readMatrix(path.join(folder, "m.npy"), { keys })).keys).toEqual(matrix.keys)
      const artifact = yield* encode(matrixCodec, Vectors, matrix, folder)
      expect(yield* readMatrix(artifact.path)).toEqual({ ...matrix, keyed: true, ownKeys: true, notes: [] })
    }).pipe(Effect.scoped)
  )

  it.effect.skipIf(absent !== undefined)("are read by numpy and pandas", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const name of ["m.npy", "m.npz", "m.csv"]) yield* writeMatrix(path.join(folder, name), matrix)
      yield* writeMatrix(path.join(folder, "d.npy"), { ...matrix, data: Float64Array.from(matrix.data) })
      const seen = python(
        folder,
        `a = np.load("m.npy"); z = np.load("m.npz"); d = np.load("d.npy")
c = pd.read_csv("m.csv", index_col="key", keep_default_na=False)
print(json.dumps({
  "dtype": [a.dtype.str, d.dtype.str, z["values"].dtype.str], "shape": a.shape, "order": bool(a.flags["C_CONTIGUOUS"]),
  "values": a.astype("f8").ravel().tolist(),
  "same": bool((a == z["values"]).all() and (a == d).all() and (a == c.values.astype("f4")).all()),
  "keys": [str(k) for k in z["keys"]], "index": [str(k) for k in c.index]}))`
      )
      expect(seen).toEqual({
        dtype: ["<f4", "<f8", "<f4"],
        shape: [4, 3],
        order: true,
        values: Array.from(matrix.data),
        same: true,
        keys: matrix.keys,
        index: matrix.keys
      })
    }).pipe(Effect.scoped)
  )

  it.effect("are read by DuckDB: float lists beside their keys, past one row group", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "m.parquet")
      const dims = 600
      const rows = 2000
      yield* writeMatrix(file, {
        keys: Array.from({ length: rows }, (_, i) => `k${i}`),
        dims,
        data: Float32Array.from({ length: rows * dims }, (_, i) => i % 251)
      })
      const seen = yield* Effect.promise(async () => {
        const connection = await (await DuckDBInstance.create(":memory:")).connect()
        const sql = `select count(*)::integer, sum(list_sum(values))::double, max(typeof(values)),
          sum((len(values) = ${dims})::integer)::integer, max(key) from '${file}'`
        return (await connection.runAndReadAll(sql)).getRowsJS()
      })
      const sum = Array.from({ length: rows * dims }, (_, i) => i % 251).reduce((a, b) => a + b)
      expect(seen).toEqual([[rows, sum, "FLOAT[]", rows, "k999"]])
    }).pipe(Effect.scoped)
  )
})

describe("files others write", () => {
  it.effect("Parquet from DuckDB: numeric columns and lists", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* Effect.promise(async () => {
        const connection = await (await DuckDBInstance.create(":memory:")).connect()
        await connection.run(
          "create table t as select 'k' || i as word, i::float as x, (i * i)::double as y from range(3) r(i)"
        )
        await connection.run(`copy t to '${folder}/columns.parquet' (format parquet, compression snappy)`)
        await connection.run(
          `copy (select word, [x, y] as v from t) to '${folder}/lists.parquet' (format parquet, compression zstd)`
        )
        await connection.run(
          `copy (select row_number() over () + 6 as id, x, y from t) to '${folder}/numbered.parquet' (format parquet)`
        )
      })
      for (const name of ["columns", "lists"])
        expect(yield* readMatrix(path.join(folder, `${name}.parquet`))).toEqual({
          keys: ["k0", "k1", "k2"],
          keyed: true,
          ownKeys: true,
          dims: 2,
          data: Float64Array.of(0, 0, 1, 1, 2, 4),
          notes: []
        })
      expect(yield* readMatrix(path.join(folder, "numbered.parquet"))).toMatchObject({
        keys: ["7", "8", "9"],
        dims: 2
      })
    }).pipe(Effect.scoped)
  )

  it.skipIf(noLz4)("LZ4 frames decode to what the lz4 command compressed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 400 }))),
        fc.constantFrom([], ["-BD", "-B4"], ["--content-size", "-9"], ["--no-frame-crc", "-BX"]),
        (runs, flags) => {
          const data = Buffer.concat(
            runs.flatMap(([bytes, times]) => Array.from({ length: times }, () => bytes))
          )
          const frame = execFileSync("lz4", ["-z", "-c", ...flags], {
            input: data,
            stdio: ["pipe", "pipe", "ignore"]
          })
          expect(Buffer.from(decodeLz4Frames(frame)).equals(data)).toBe(true)
        }
      ),
      { numRuns: 40 }
    )
  })

  it.effect.skipIf(noLz4)("a Feather file that is compressed with LZ4, as pandas writes it", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "m.feather")
      const { CompressionType, compressionRegistry } = arrow
      compressionRegistry.set(CompressionType.LZ4_FRAME, {
        encode: (input) =>
          execFileSync("lz4", ["-z", "-c", "-BD"], { input, stdio: ["pipe", "pipe", "ignore"] }),
        decode: decodeLz4Frames
      })
      const table = arrow.tableFromArrays({
        word: ["a", "b", "c"],
        x: Float32Array.of(1, 2, 3),
        y: Float32Array.of(0, 0, 0)
      })
      const writer = new arrow.RecordBatchFileWriter({ compressionType: CompressionType.LZ4_FRAME })
      writer.writeAll(table.batches)
      writer.finish()
      fs.writeFileSync(file, writer.toUint8Array(true))
      expect(openArrowFile(file).batches.map(({ compressed }) => compressed)).toEqual([true])
      expect(yield* readMatrix(file)).toMatchObject({
        keys: ["a", "b", "c"],
        dims: 2,
        data: Float64Array.of(1, 0, 2, 0, 3, 0)
      })
    }).pipe(Effect.scoped)
  )
})
