/**
 * What passes between a reader's thread and its caller. The numbers are moved, not copied; the keys are one text with
 * their lengths, which costs a tenth of sending an array of texts.
 */
import { ArtifactError, InputError } from "../../schemas/errors.ts"
import type { GuardedFormat } from "./guardedReaders.ts"
import type { RawMatrix, ReadOptions } from "./UserMatrix.ts"

export interface Request {
  readonly format: GuardedFormat
  readonly path: string
  readonly options: ReadOptions
}

interface Keys {
  readonly text: string
  readonly lengths: Uint32Array
}

export type Reply =
  | { readonly matrix: Omit<RawMatrix, "keys">; readonly keys: Keys | null }
  | { readonly input: ConstructorParameters<typeof InputError>[0] }
  | { readonly artifact: ConstructorParameters<typeof ArtifactError>[0] }
  | { readonly unknown: string }

/** A reply and what of it is moved. */
export const packed = ({ keys, ...matrix }: RawMatrix): readonly [Reply, ReadonlyArray<ArrayBuffer>] => {
  const { buffer } = matrix.data
  return [
    {
      matrix,
      keys:
        keys === null ? null : { text: keys.join(""), lengths: Uint32Array.from(keys, (key) => key.length) }
    },
    buffer instanceof ArrayBuffer ? [buffer] : []
  ]
}

export const packedError = (error: unknown): Reply => {
  if (error instanceof InputError) {
    const { what, where, expected, next } = error
    return { input: present({ what, where, expected, next }) }
  }
  if (error instanceof ArtifactError) {
    const { reason, path, detail, next } = error
    return { artifact: present({ reason, path, detail, next }) }
  }
  return { unknown: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

/** Optional fields that are absent have no key. */
const present = <T extends object>(fields: T): { [name in keyof T]: Exclude<T[name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [name in keyof T]: Exclude<T[name], undefined>
  }

/** The matrix, or throws what the reader threw. */
export const unpacked = (reply: Reply): RawMatrix => {
  if ("input" in reply) throw new InputError(reply.input)
  if ("artifact" in reply) throw new ArtifactError(reply.artifact)
  if ("unknown" in reply) throw new Error(reply.unknown)
  return { ...reply.matrix, keys: reply.keys === null ? null : separated(reply.keys) }
}

const separated = ({ text, lengths }: Keys): ReadonlyArray<string> => {
  let at = 0
  return Array.from(lengths, (length) => text.slice(at, (at += length)))
}
