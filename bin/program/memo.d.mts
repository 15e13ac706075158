export declare class Memo {
  constructor(file: string | null, compiler: string)
  readonly save: () => void
}
