export declare const visible: (text: string) => string
