type Look = (inputs: ReadonlyArray<readonly [path: string, content: string]>) => ReadonlyArray<string>
export declare const changedSources: Look
export declare const changedSinceStart: Look
