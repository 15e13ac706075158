/**
 * C31 - what can change bytes besides code is declared: by an independent walk of the imports, every stage that reaches a
 * kernel with relaxed SIMD says `kernels`, every stage that reaches a backend says `compute`, and no other does.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { transform } from "esbuild"
import { init, parse } from "es-module-lexer"
import { beforeAll, describe, expect, it } from "vitest"
import type { Stage } from "../../engine/Stage.ts"
import { isStage } from "../../engine/Stage.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const named = (path: string): string => relative(root, path)
const filesOf = (folder: string, end: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(end))
    .map((path) => join(root, folder, path))

/** The files that a module names, by imports (types are none) and by `new URL`. */
const namedBy = new Map<string, ReadonlyArray<string>>()
const read = async (path: string): Promise<ReadonlyArray<string>> => {
  const known = namedBy.get(path)
  if (known !== undefined) return known
  const { code } = await transform(readFileSync(path, "utf8"), {
    loader: path.endsWith(".ts") ? "ts" : "js",
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } }
  })
  const imports = parse(code)[0].flatMap(({ n }) => (n?.startsWith(".") === true ? [n] : []))
  const assets = [...code.matchAll(/new URL\(\s*"([^"]+)",\s*import\.meta\.url\s*\)/g)].map(
    ([, name]) => name!
  )
  const found = [...imports, ...assets].map((name) => join(dirname(path), name)).filter(existsSync)
  namedBy.set(path, found)
  return found
}

/** Every file reached from one; what `stop` names is reached, and not gone into. */
const reach = async (from: string, stop: RegExp): Promise<ReadonlySet<string>> => {
  const seen = new Set([from])
  for (const path of seen) {
    if (!/\.(ts|mjs)$/.test(path) || stop.test(named(path))) continue
    for (const next of await read(path)) seen.add(next)
  }
  return new Set([...seen].map(named))
}

/** Whether it holds an opcode from 0x100 to 0x113, after the prefix of vector instructions. */
const isRelaxed = (path: string): boolean => {
  const bytes = readFileSync(path)
  return bytes.some(
    (byte, at) =>
      byte === 0xfd && (bytes[at + 1] ?? 0) - 0x80 <= 0x13 && bytes[at + 2] === 2 && bytes[at + 1]! >= 0x80
  )
}

const stages: Array<Stage> = []
beforeAll(async () => {
  await init
  for (const path of filesOf("stages", ".ts").filter((path) => !path.endsWith(".d.ts"))) {
    const module = (await import(pathToFileURL(path).href)) as { readonly [name: string]: unknown }
    for (const value of new Set(Object.values(module))) if (isStage(value)) stages.push(value)
  }
})

describe("C31 - stages declare what can change bytes", () => {
  it("reaching relaxed SIMD is `kernels`, reaching a backend is `compute`", async () => {
    expect(stages.length).toBeGreaterThan(40)
    const wrong: Array<string> = []
    for (const stage of stages) {
      // Backends are chosen at run time, and their numerics cover their kernels; the engine is no part of a stage.
      const reached = await reach(fileURLToPath(stage.source), /^(compute\/backends|engine)\//)
      const kernels = reached.has("compute/kernels/relaxedSimd.ts")
      const compute = [...reached].some((path) => path.startsWith("compute/backends/"))
      if (kernels !== stage.kernels) wrong.push(`${stage.id} reaches relaxed SIMD: ${kernels}`)
      if (compute !== stage.compute) wrong.push(`${stage.id} reaches a backend: ${compute}`)
    }
    expect(wrong).toEqual([])
    expect(
      stages
        .filter(({ kernels }) => kernels)
        .map(({ id }) => id)
        .sort()
    ).toEqual(["constellation/measure-trained", "constellation/train", "constellation/train-large"])
  })

  it("every module that holds relaxed SIMD is compiled by way of relaxedSimd.ts", async () => {
    const binaries = filesOf("compute", ".wasm")
    const relaxed = binaries.filter(isRelaxed).map(named).sort()
    expect(relaxed).toEqual(["compute/constellation/kernel/contrastive.wasm", "compute/kernels/sparse.wasm"])
    const seen = new Set<string>()
    for (const path of filesOf("compute", ".ts")) {
      const holds = (await read(path)).map(named).filter((name) => relaxed.includes(name))
      for (const name of holds) seen.add(name)
      if (holds.length > 0) expect(await reach(path, /^never$/)).toContain("compute/kernels/relaxedSimd.ts")
    }
    expect([...seen].sort()).toEqual(relaxed)
  })
})
