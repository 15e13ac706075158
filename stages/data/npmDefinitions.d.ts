/** npm's own table of configuration keys, which ships with `@npmcli/config` without types. */
declare module "@npmcli/config/lib/definitions/index.js" {
  import type Config from "@npmcli/config"
  export const definitions: Config.DefinitionsObject
  export const shorthands: Config.ShortFlags
  export const flatten: (
    object: Record<string, unknown>,
    flat?: Record<string, unknown>
  ) => Record<string, unknown>
}
