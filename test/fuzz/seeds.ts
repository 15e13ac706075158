/** Small valid files of every format, made by writers of ours and of others: what the mutations start from. */
import * as fs from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { gzipSync } from "node:zlib"
import { zipSync } from "fflate"
import { matrixCodec } from "../../artifacts/codecs/matrix.ts"
import { layOut } from "../../artifacts/codecs/safetensors.ts"
import { sparseCodec } from "../../artifacts/codecs/sparse.ts"
import { zstdCompressors } from "../../artifacts/codecs/parquet/write.ts"
import { tableCodec } from "../../artifacts/codecs/table.ts"
import { writeParquetMatrix } from "../../artifacts/files/writeParquetMatrix.ts"
import { withSum } from "../../artifacts/store/sums.ts"
import { objectLine, recordLine, sharedLine, sharedText } from "../../artifacts/store/indexLines.ts"
import type { Codec } from "../../artifacts/codecs/Codec.ts"
import type { Kind } from "../../schemas/Kind.ts"
import { HashingSink } from "../../artifacts/store/HashingSink.ts"
import { loadZstd } from "../../artifacts/codecs/parquet/zstd.ts"
import { arrowFile, arrowStream, field, none, type TestArrow, texts } from "../artifacts/files/arrowBytes.ts"
import { Codes, idOf, recordOf, Scores, Vectors } from "../artifacts/fixtures.ts"
import { makeTarball } from "../support/makeTarball.ts"

type Files = ReadonlyArray<Uint8Array>

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
const text = (...lines: ReadonlyArray<string>): Uint8Array => Buffer.from(`${lines.join("\n")}\n`)
const values = (count: number): Array<number> =>
  Array.from({ length: count }, (_, i) => ((i * 37) % 64) / 8 - 3)
const names = ["alpha", "b", "zwei Wörter", "δ", "e5"]

const npy = (descr: string, shape: ReadonlyArray<number>, body: Uint8Array, fortran = false): Uint8Array => {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${tuple}, }`
  const length = Math.ceil((11 + header.length) / 64) * 64 - 10
  return Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]),
    Buffer.from(`${header.padEnd(length - 1)}\n`),
    body
  ])
}

const wide = (texts: ReadonlyArray<string>): Uint8Array => {
  const width = Math.max(...texts.map((word) => word.length))
  const points = new Uint32Array(texts.length * width)
  texts.forEach((word, i) =>
    points.set(
      Array.from(word, (letter) => letter.codePointAt(0)!),
      i * width
    )
  )
  return npy(`<U${width}`, [texts.length], bytesOf(points))
}

const npyFiles = (): Files => [
  npy("<f4", [5, 3], bytesOf(Float32Array.from(values(15)))),
  npy("<f8", [5, 3], bytesOf(Float64Array.from(values(15))), true),
  npy("<i8", [4, 2], bytesOf(BigInt64Array.from(values(8), (x) => BigInt(Math.round(x))))),
  npy(
    "|u1",
    [3, 4],
    Uint8Array.from({ length: 12 }, (_, i) => i)
  ),
  npy("<f2", [2, 4], bytesOf(Uint16Array.from({ length: 8 }, (_, i) => 0x3c00 + i))),
  npy("|b1", [2, 3], Uint8Array.of(1, 0, 1, 1, 0, 0))
]

const npzFiles = (): Files => {
  const [x, y] = npyFiles() as [Uint8Array, Uint8Array]
  const when = { mtime: new Date(2020, 0, 1) }
  return [
    zipSync({ "x.npy": x }, { level: 0, ...when }),
    zipSync({ "x.npy": y }, { level: 6, ...when }),
    zipSync({ "values.npy": x, "keys.npy": wide(names) }, { level: 6, ...when }),
    zipSync(
      { "values.npy": y, "keys.npy": npy("|S2", [5], Buffer.from("a1b2c3d4e5")) },
      { level: 0, ...when }
    )
  ]
}

const sparseFiles = (): Files =>
  [0, 6].map((level) =>
    zipSync(
      {
        "indices.npy": npy("<i4", [5], bytesOf(Int32Array.of(1, 3, 0, 2, 5))),
        "indptr.npy": npy("<i4", [5], bytesOf(Int32Array.of(0, 2, 2, 4, 5))),
        "format.npy": npy("|S3", [], Buffer.from("csr")),
        "shape.npy": npy("<i8", [2], bytesOf(BigInt64Array.of(4n, 6n))),
        "data.npy": npy("<f8", [5], bytesOf(Float64Array.of(1, 0.5, -2, 3, 1)))
      },
      { level: level as 0 | 6, mtime: new Date(2020, 0, 1) }
    )
  )

const safetensorsFile = (tensors: {
  readonly [name: string]: readonly [string, ReadonlyArray<number>, Uint8Array]
}): Uint8Array => {
  let at = 0
  const header: Record<string, unknown> = { __metadata__: { made: "by a test" } }
  for (const [name, [dtype, shape, { length }]] of Object.entries(tensors))
    header[name] = { dtype, shape, data_offsets: [at, (at += length)] }
  const json = Buffer.from(JSON.stringify(header))
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, 0x20)])
  const head = Buffer.alloc(8)
  head.writeBigUInt64LE(BigInt(padded.length))
  return Buffer.concat([head, padded, ...Object.values(tensors).map(([, , body]) => body)])
}

const safetensorsFiles = (): Files => [
  safetensorsFile({ emb: ["F32", [5, 3], bytesOf(Float32Array.from(values(15)))] }),
  safetensorsFile({
    emb: ["F64", [2, 3], bytesOf(Float64Array.from(values(6)))],
    bias: ["F32", [3], bytesOf(Float32Array.from(values(3)))]
  }),
  safetensorsFile({ emb: ["BF16", [2, 4], bytesOf(Uint16Array.from({ length: 8 }, (_, i) => 0x3f80 + i))] }),
  safetensorsFile({ emb: ["F16", [2, 4], bytesOf(Uint16Array.from({ length: 8 }, (_, i) => 0x3c00 + i))] }),
  safetensorsFile({ emb: ["I64", [2, 2], bytesOf(BigInt64Array.of(1n, -2n, 3n, 4n))] }),
  Buffer.concat(
    layOut({ tensors: { w: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } }, metadata: { a: "b" } })
  )
]

const csvFiles = (): Files => [
  text(
    "key,d0,d1,d2",
    ...names.map(
      (name, i) =>
        `${name},${values(15)
          .slice(3 * i, 3 * i + 3)
          .join(",")}`
    )
  ),
  text("d0,d1", "1.5,2", "-3,4.25", "0.125,6e-3"),
  text('"id","x","y"', '"a, b",1,2', '"c ""d""",3,4', "e,5.5,6"),
  text(",0,1,2", "0,0.5,1.5,2.5", "1,3.5,4.5,5.5"),
  text("word;x;y", "a;1;2", "b;3;4"),
  text("id,a,b,note", "1,0.5,0.25,x", "2,1.5,1.25,y")
]

const tsvFiles = (): Files =>
  csvFiles().map((file) =>
    Buffer.from(Buffer.from(file).toString("utf8").replaceAll(/[,;]/g, "\t").replaceAll('"', ""))
  )

const jsonlFiles = (): Files => [
  text(
    '{"query-id": "q1", "corpus-id": "d1", "score": 1}',
    '{"query-id": "q1", "corpus-id": "d2", "score": 0}',
    '{"query-id": "q2", "corpus-id": "d2", "score": 2}'
  ),
  text(
    '{"query_id": 9007199254740993, "doc_id": 1, "score": 1.5}',
    '{"query_id": 2, "doc_id": 3, "score": 1}'
  ),
  text('{"qid":"ü","docid":"\\ud83c\\udf0c"}', '{"qid":"b","docid":"c"}')
]

const qrelsFiles = (): Files => [
  text("q1 0 d1 1", "q1 0 d2 0", "q2 0 d3 2"),
  text("1\t0\tdoc one\t1", "2\t0\tdoc two\t-1"),
  text("query-id\tcorpus-id\tscore", "q1\td1\t1", "q2\td2\t0.5"),
  text("q1\td1\t1", "q2\td2\t0")
]

const keyFiles = (): Files => [
  text(...names),
  text("a", "", "c", "d", "e"),
  Buffer.from("a\r\nb\r\nc\r\nd\r\ne")
]

const parquetFiles = async (folder: string): Promise<Files> => {
  const { parquetWriteBuffer } = await import("hyparquet-writer")
  const compressors = await zstdCompressors()
  const write = (columnData: Array<unknown>, codec: "UNCOMPRESSED" | "SNAPPY" | "ZSTD"): Uint8Array =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: columnData as never,
        codec,
        compressors
      })
    )
  const keys = { name: "key", data: names, type: "STRING" }
  const lists = join(folder, "lists.parquet")
  await writeParquetMatrix(lists, names, 3, Float32Array.from(values(15)))
  const own = (["UNCOMPRESSED", "SNAPPY", "ZSTD"] as const).flatMap((codec) => [
    write(
      [keys, { name: "x", data: values(5), type: "FLOAT" }, { name: "y", data: values(5), type: "DOUBLE" }],
      codec
    ),
    write(
      [
        keys,
        { name: "x", data: values(5), type: "DOUBLE", nullable: true },
        { name: "n", data: [1, 2, 3, 4, 5], type: "INT32" }
      ],
      codec
    )
  ])
  const duckdb = await import("@duckdb/node-api")
  const connection = await (await duckdb.DuckDBInstance.create(":memory:")).connect()
  const made: Array<Uint8Array> = []
  for (const [query, options] of [
    ["select 'k' || i as key, i / 4.0::double as x, (i * 2)::float as y from range(6) t(i)", ""],
    [
      "select 'k' || i as key, [i::float, 1.5::float, -2::float] as v from range(6) t(i)",
      "compression uncompressed"
    ],
    [
      "select 'k' || i as key, (i % 3)::double as x, (i % 2)::double as y from range(40) t(i)",
      "compression gzip"
    ],
    [
      "select 'k' || i as key, (i / 8.0)::double as x, i::bigint as n, current_date as d, true as b, (i/10.0)::decimal(9,2) as c from range(6) t(i)",
      "compression uncompressed, parquet_version v2"
    ]
  ] as const) {
    const file = join(folder, `duck-${made.length}.parquet`)
    await connection.run(
      `copy (${query}) to '${file}' (format parquet${options === "" ? "" : `, ${options}`})`
    )
    made.push(fs.readFileSync(file))
  }
  return [...own, fs.readFileSync(lists), ...made]
}

const arrowFiles = async (format: "file" | "stream"): Promise<Files> => {
  const flechette = await import("@uwdata/flechette")
  const { float32, float64, fixedSizeList, list, utf8, int32, float16 } = flechette
  const key = names
  const lists = names.map((_, i) => values(15).slice(3 * i, 3 * i + 3))
  const tables = [
    flechette.tableFromArrays(
      { key, values: lists },
      { types: { key: utf8(), values: fixedSizeList(float32(), 3) } }
    ),
    flechette.tableFromArrays({ key, values: lists }, { types: { key: utf8(), values: list(float64()) } }),
    flechette.tableFromArrays(
      { key, x: values(5), y: values(5) },
      { types: { key: utf8(), x: float64(), y: float16() } }
    ),
    flechette.tableFromArrays({ n: [1, 2, 3], m: [4, 5, 6] }, { types: { n: int32(), m: int32() } }),
    flechette.tableFromArrays({ key, x: [1.5, null, 2, 3, 4] }, { types: { key: utf8(), x: float64() } }),
    flechette.tableFromArrays({ key: ["a", "b", "a", "b"], x: values(4) })
  ]
  return tables.map((table) => flechette.tableToIPC(table, { format })!)
}

/** A buffer as Arrow compresses it: its length, then the frame. */
const framed = (bytes: Uint8Array, frame: Uint8Array): Uint8Array => {
  const length = Buffer.alloc(8)
  length.writeBigInt64LE(BigInt(bytes.length))
  return Buffer.concat([length, frame])
}

/** apache-arrow's writer gives the length of the frame in place of the content's, so these are made by hand. */
const compressedArrow = (codec: "zstd" | "lz4", compress: (bytes: Uint8Array) => Uint8Array): Files => {
  const pack = (view: ArrayBufferView): Uint8Array => framed(bytesOf(view), compress(bytesOf(view)))
  const arrow: TestArrow = {
    fields: [field.utf8("key"), field.double("x"), field.float("y")],
    batches: ["", "2"].map((ending) => {
      const [offsets, letters] = texts(...names.map((name) => name + ending))
      return {
        rows: 5,
        nodes: [
          [5, 0],
          [5, 0],
          [5, 0]
        ],
        buffers: [
          none,
          pack(offsets),
          pack(letters),
          none,
          pack(Float64Array.from(values(5))),
          none,
          pack(Float32Array.from(values(5)))
        ],
        codec
      }
    })
  }
  return [arrowFile(arrow), arrowStream(arrow)]
}

const featherFiles = async (): Promise<Files> => {
  const { compress } = await loadZstd()
  return compressedArrow("zstd", (bytes) => compress(bytes, 3))
}

/** Frames with one block that is stored; the checksum of such a header is the format's. */
const lz4Files = (): Files =>
  compressedArrow("lz4", (bytes) => {
    const size = Buffer.alloc(4)
    size.writeUInt32LE(bytes.length + 0x80000000)
    return Buffer.concat([Buffer.from("04224d18604082", "hex"), size, bytes, Buffer.alloc(4)])
  })

const encoded = async (folder: string, codec: Codec, kind: Kind, value: unknown): Promise<Uint8Array> => {
  const sink = new HashingSink(folder)
  await Effect.runPromise(codec.encode(kind, value, sink))
  sink.finish()
  const bytes = fs.readFileSync(sink.path)
  fs.rmSync(sink.path)
  return bytes
}

const rows = { keys: names, dims: 3 }
const record = recordOf(7, { out: idOf(9) })
const manifest = {
  digest: idOf(9),
  kind: "Scores",
  format: "table",
  codec: 1,
  extension: "parquet",
  bytes: 100,
  rows: 3,
  dims: 2,
  layout: { a: "utf8" },
  producer: null,
  lineage: [idOf(1)],
  created: "2026-01-01T00:00:00.000Z"
}

/** By target. */
export const makeSeeds = async (folder: string): Promise<{ readonly [target: string]: Files }> => {
  const score = { name: "a", note: null, value: 0.5, low: null, count: 3, kept: true }
  return {
    npy: npyFiles(),
    npz: npzFiles(),
    scipy: sparseFiles(),
    safetensors: safetensorsFiles(),
    csv: csvFiles(),
    tsv: tsvFiles(),
    jsonl: jsonlFiles(),
    qrels: qrelsFiles(),
    keys: keyFiles(),
    parquet: await parquetFiles(folder),
    arrow: [
      ...(await arrowFiles("file")),
      await encoded(folder, matrixCodec, Vectors, { ...rows, data: Float32Array.from(values(15)) })
    ],
    stream: await arrowFiles("stream"),
    feather: await featherFiles(),
    lz4: lz4Files(),
    "codec-matrix": [
      await encoded(folder, matrixCodec, Vectors, { ...rows, data: Float32Array.from(values(15)) }),
      await encoded(folder, matrixCodec, Vectors, { ...rows, data: Float64Array.from(values(15)) })
    ],
    "codec-sparse": [
      await encoded(folder, sparseCodec, Codes, {
        keys: ["a", "b"],
        dims: 9,
        indptr: Float64Array.of(0, 2, 3),
        indices: Uint32Array.of(1, 8, 0),
        values: Float32Array.of(0.5, -1, 2)
      })
    ],
    "codec-tensors": safetensorsFiles(),
    "codec-table": [
      await encoded(folder, tableCodec, Scores, [score, { ...score, name: "b", note: "x", low: 1 }])
    ],
    "codec-json": [text('{"name":"a","score":0.5}'), text('{"name":"b","score":null}')],
    manifest: [Buffer.from(withSum(manifest.digest, manifest)), text(JSON.stringify(manifest))],
    record: [Buffer.from(withSum(record.fingerprint, record)), text(JSON.stringify(record))],
    index: [
      text(
        sharedLine("0".repeat(32), sharedText(record)),
        recordLine(record, "0".repeat(32), { bytes: 10, mtime: 5 }),
        objectLine(idOf(9), { bytes: 3, manifestBytes: 4, extension: "arrow" })
      )
    ],
    tarball: [
      await makeTarball({ "words.txt": "a 1 2\nb 3 4\n", "index.json": '[["a",1],["b",2]]' }),
      gzipSync(new Uint8Array(1024))
    ]
  }
}
