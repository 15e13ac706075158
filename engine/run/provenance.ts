/** Where a record was made: what the byte-for-byte guarantee depends on, and what a reader may want to know. */
import { readFileSync } from "node:fs"
import { arch, cpus, hostname, platform } from "node:os"
import type { BackendChoice } from "../services/Backend.ts"

/** The widest vector instructions, which decide how sums are ordered in native kernels. */
const instructionSet = (): string => {
  if (arch() !== "x64" || platform() !== "linux") return arch()
  try {
    const flags = new Set(/^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1]?.split(" "))
    for (const set of ["avx512f", "avx2", "avx", "sse4_2"]) if (flags.has(set)) return `x64 ${set}`
  } catch {
    // No such file: the architecture is all we know.
  }
  return arch()
}

let machine: { readonly [name: string]: string } | undefined

export const provenanceOf = (backend: BackendChoice | null): { readonly [name: string]: string } => {
  machine ??= {
    host: hostname(),
    platform: platform(),
    instructionSet: instructionSet(),
    cpu: cpus()[0]?.model ?? "unknown",
    node: process.versions.node
  }
  return backend === null ? machine : { ...machine, backend: backend.backend, device: backend.device }
}
