/** The graph of a compiled program, as `bin/program/graph.mjs` writes it beside the program. */

export interface SourceFile {
  /** SHA-256 of the syntax tree; of the bytes where the file is no module. */
  readonly hash: string
  /** SHA-256 of the bytes. */
  readonly content: string
  /** True paths of the local files it leads to. */
  readonly imports: ReadonlyArray<string>
  readonly packages: ReadonlyArray<readonly [name: string, version: string]>
  /** Name and folder of the package whose folder it lies in. */
  readonly owner: readonly [name: string, folder: string] | null
  /** Read from its own path while the program runs, not part of the program. */
  readonly inPlace?: true
  /** `Stage.make` calls inside functions that use values of the function without declaring them. */
  readonly captures?: ReadonlyArray<{ readonly names: ReadonlyArray<string> }>
}

export interface SourceGraph {
  /** By true path. */
  readonly files: { readonly [path: string]: SourceFile }
}
