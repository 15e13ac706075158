/** What both sides of the bench compute on: sizes, and arrays in files of raw little-endian float32. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { HostTensor } from "../../compute/Engine.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"

export interface Sizes {
  readonly sae: {
    readonly batch: number
    readonly dims: number
    readonly dictionary: number
    readonly k: number
    readonly rows: number
  }
  readonly contrastive: { readonly queries: number; readonly documents: number; readonly dims: number }
  readonly gemm: readonly [m: number, k: number, n: number]
}

export interface Settings extends Sizes {
  readonly threads: number
  readonly folder: string
}

/** The sizes that the speed targets are about. */
export const fullSizes: Sizes = {
  sae: { batch: 1024, dims: 768, dictionary: 8192, k: 32, rows: 8192 },
  contrastive: { queries: 5000, documents: 1000, dims: 64 },
  gemm: [2048, 768, 8192]
}

export const load = (folder: string, name: string, shape: ReadonlyArray<number>): HostTensor => {
  const bytes = readFileSync(join(folder, `${name}.f32`))
  return {
    shape,
    data: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  }
}

/** Writes the starting weights, the rows and the labels. */
export const writeInputs = (settings: Settings): void => {
  const write = (name: string, data: Float32Array): void =>
    writeFileSync(join(settings.folder, `${name}.f32`), data)
  const random = makeRandom("bench", "compute")
  const { dims, dictionary, rows } = settings.sae
  const encoder = new Float32Array(dictionary * dims)
  random.fillUniform(encoder, -1 / Math.sqrt(dims), 1 / Math.sqrt(dims))
  const decoder = new Float32Array(dictionary * dims)
  random.fillUniform(decoder, -Math.sqrt(6 / dictionary), Math.sqrt(6 / dictionary))
  const data = new Float32Array(rows * dims)
  random.fillGaussian(data, 1 / Math.sqrt(dims))
  write("encoder", encoder)
  write("decoder", decoder)
  write("data", data)
  write("centre", new Float32Array(dims))
  const { queries, documents, dims: width } = settings.contrastive
  const [u, v] = [new Float32Array(queries * width), new Float32Array(documents * width)]
  random.fillGaussian(u)
  random.fillGaussian(v)
  write("queries", u)
  write("documents", v)
  const labels = new Float32Array(queries * documents)
  for (let i = 0; i < labels.length; i++) labels[i] = random.uniform() < 0.01 ? 1 : -1
  write("labels", labels)
}
