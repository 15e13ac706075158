/** Where a record was made: what the byte-for-byte guarantee depends on, and what a reader may want to know. */
import { cpus, hostname, platform } from "node:os"
import { instructionSet } from "../../compute/processor.ts"
import type { BackendChoice } from "../services/Backend.ts"

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
