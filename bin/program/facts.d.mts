export interface Facts {
  readonly hash: string
  readonly assets: ReadonlyArray<string>
  readonly neighbours: boolean
  readonly captures: ReadonlyArray<{ readonly names: ReadonlyArray<string> }>
}

export declare const factsOf: (text: string, loader: "ts" | "js", path: string) => Promise<Facts>
