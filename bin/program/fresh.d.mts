export declare const changedSources: (
  inputs: ReadonlyArray<readonly [path: string, content: string]>
) => ReadonlyArray<string>
export declare const changedSinceStart: (
