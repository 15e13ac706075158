/** What is wrong with a Parquet file, in a phrase that goes on from "it cannot be read: …" and needs no knowledge of a library. */
export class ParquetFault extends Error {
  /** What the user can do, where it is not to write the file again. */
  readonly next: string | undefined
  constructor(what: string, next?: string) {
    super(what)
    this.name = "ParquetFault"
    this.next = next
  }
}

/** Runs a decoding step; whatever it throws that is neither ours nor the system's is damage at `where`. */
export const decoding = <A>(where: string, step: () => A): A => {
  try {
    return step()
  } catch (error) {
    if (error instanceof ParquetFault || (error instanceof Error && "code" in error && "syscall" in error))
      throw error
    throw new ParquetFault(`${where} cannot be decoded`)
  }
}
