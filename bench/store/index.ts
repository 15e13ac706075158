/**
 * The index of the store: append-only segments (ours) against one record file a node and against LMDB.
 *
 * For n nodes: open, look every node up, read its outputs, and stat every output. In turn, each in a process of its
 * own, the files in the page cache. LMDB is no dependency of the project; to take part it is installed anywhere and
 * named: `node bench/run.mjs bench/store/index.ts [--nodes 1001] [--rounds 5] [--json] [--lmdb <folder of the lmdb package>]`.
 */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { NodeRecord } from "../../artifacts/NodeRecord.ts"
import { canonicalJson } from "../../artifacts/canonicalJson.ts"
import { FileStore } from "../../artifacts/store/FileStore.ts"
import { Index } from "../../artifacts/store/Index.ts"
import { layoutOf, manifestPath, objectPath, recordPath } from "../../artifacts/store/layout.ts"
import { Store } from "../../artifacts/Store.ts"

const argument = (name: string, otherwise: string): string => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : process.argv[at + 1]
}
const idOf = (text: string): string => createHash("sha256").update(text).digest("hex")

/** Twenty local files and a few packages, as a real stage's code component has. */
const code = {
  hash: idOf("code"),
  files: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`stages/part-${i}.ts`, idOf(`file ${i}`)])),
  packages: { effect: "4.1.0", hyparquet: "1.31.5" }
}

const recordOf = (n: number): NodeRecord => ({
  fingerprint: idOf(`record ${n}`),
  pipeline: "bench",
  node: `node-${n}`,
  run: "run",
  components: {
    stage: "bench/stage",
    code,
    params: { n, k: 10, text: "a parameter" },
    inputs: n === 0 ? {} : { before: idOf(`object ${n - 1}`) },
    seed: "0123456789abcdef0123456789abcdef",
    numerics: null,
    format: { out: "json@1" }
  },
  outputs: { out: idOf(`object ${n}`) },
  started: new Date(Date.UTC(2026, 0, 1) + n).toISOString(),
  seconds: 1,
  provenance: { host: "bench", node: process.version }
})

interface Lmdb {
  readonly open: (options: object) => {
    readonly get: (key: string) => { readonly outputs: NodeRecord["outputs"]; readonly bytes: number }
    readonly put: (key: string, value: unknown) => Promise<boolean>
    readonly close: () => Promise<void>
  }
}
const lmdb = async (): Promise<Lmdb> =>
  (await import(pathToFileURL(path.join(argument("lmdb", ""), "index.js")).href)) as Lmdb

const fill = async (root: string, nodes: number): Promise<void> => {
  const layout = layoutOf(root)
  for (const folder of Object.values(layout)) fs.mkdirSync(folder, { recursive: true })
  const index = new Index(layout.index)
  const db = argument("lmdb", "") === "" ? undefined : (await lmdb()).open({ path: path.join(root, "lmdb") })
  for (let n = 0; n < nodes; n++) {
    const record = recordOf(n)
    const digest = record.outputs.out
    const object = objectPath(layout, digest, "json")
    for (const file of [object, recordPath(layout, record.fingerprint)])
      fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(object, "{}\n")
    const manifest = canonicalJson({ digest, bytes: 3, extension: "json" })
    fs.writeFileSync(manifestPath(layout, digest), manifest)
    const file = recordPath(layout, record.fingerprint)
    fs.writeFileSync(file, canonicalJson(record))
    const { size, mtimeMs } = fs.statSync(file)
    index.addRecord(record, { bytes: size, mtime: mtimeMs })
    index.addObject(digest, { bytes: 3, manifestBytes: manifest.length, extension: "json" })
    await (n % 1000 === 999 ? db?.put(record.fingerprint, { ...record, bytes: 3 }) : undefined)
    if (n % 1000 !== 999) void db?.put(record.fingerprint, { ...record, bytes: 3 })
  }
  index.close()
  await db?.close()
}

/** Looks all nodes up; returns how many were found whole. */
const lookUps: {
  readonly [name: string]: (root: string, fingerprints: ReadonlyArray<string>) => Promise<number>
} = {
  "segments (the store)": (root, fingerprints) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const store = yield* Store
        let found = 0
        for (const fingerprint of fingerprints) {
          const record = yield* store.record(fingerprint)
          if (Option.isSome(record) && (yield* store.present(Object.values(record.value.outputs)))) found++
        }
        return found
      }).pipe(Effect.provide(FileStore.layer(root)))
    ),
  "record files": async (root, fingerprints) => {
    const layout = layoutOf(root)
    let found = 0
    for (const fingerprint of fingerprints) {
      const record = JSON.parse(fs.readFileSync(recordPath(layout, fingerprint), "utf8")) as NodeRecord
      const manifest = JSON.parse(fs.readFileSync(manifestPath(layout, record.outputs.out), "utf8")) as {
        readonly bytes: number
      }
      if (fs.statSync(objectPath(layout, record.outputs.out, "json")).size === manifest.bytes) found++
    }
    return found
  },
  lmdb: async (root, fingerprints) => {
    const layout = layoutOf(root)
    const db = (await lmdb()).open({ path: path.join(root, "lmdb"), readOnly: true })
    let found = 0
    for (const fingerprint of fingerprints) {
      const { outputs, bytes } = db.get(fingerprint)
      if (fs.statSync(objectPath(layout, outputs.out, "json")).size === bytes) found++
    }
    await db.close()
    return found
  }
}

const one = async (name: string, root: string, nodes: number): Promise<void> => {
  const fingerprints = Array.from({ length: nodes }, (_, n) => idOf(`record ${n}`))
  const cpu = process.cpuUsage()
  const begin = performance.now()
  const found = await lookUps[name](root, fingerprints)
  const milliseconds = performance.now() - begin
  const { user, system } = process.cpuUsage(cpu)
  if (found !== nodes) throw new Error(`${name} found ${found} of ${nodes}`)
  console.log(JSON.stringify({ milliseconds, cpu: (user + system) / 1000 }))
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]

const all = async (): Promise<void> => {
  const nodes = Number(argument("nodes", "1001"))
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "asterism-bench-"))
  try {
    await fill(root, nodes)
    const names = Object.keys(lookUps).filter((name) => name !== "lmdb" || argument("lmdb", "") !== "")
    const results = new Map(names.map((name) => [name, [] as Array<{ milliseconds: number; cpu: number }>]))
    for (let round = 0; round < Number(argument("rounds", "5")); round++)
      for (const name of names) {
        const command = [process.argv[1], "--one", name, "--root", root, "--nodes", String(nodes)]
        command.push("--lmdb", argument("lmdb", ""))
        const printed = execFileSync(process.execPath, command, { encoding: "utf8" })
        results.get(name)?.push(JSON.parse(printed) as { milliseconds: number; cpu: number })
      }
    const table = [...results].map(([index, runs]) => ({
      index,
      nodes,
      milliseconds: Number(median(runs.map(({ milliseconds }) => milliseconds)).toFixed(1)),
      "CPU milliseconds": Number(median(runs.map(({ cpu }) => cpu)).toFixed(1))
    }))
    if (process.argv.includes("--json")) console.log(JSON.stringify({ table }))
    else console.table(table)
    if (!names.includes("lmdb")) console.log("lmdb: left out; name its folder with --lmdb")
  } finally {
    fs.rmSync(root, { recursive: true, force: true })
  }
}

if (process.argv.includes("--one"))
  await one(argument("one", ""), argument("root", ""), Number(argument("nodes", "0")))
else await all()
