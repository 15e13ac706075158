export declare const sourceModule: (path: string) => { contents: string; loader: "ts" | "js" }
