/** npm's own table of configuration keys, which ships with `@npmcli/config` as CommonJS and without types. */
declare module "@npmcli/config/lib/definitions/index.js" {
  import type Config from "@npmcli/config"
  interface Definitions {
    readonly definitions: Config.DefinitionsObject
    readonly shorthands: Config.ShortFlags
    readonly flatten: (
      object: Record<string, unknown>,
      flat?: Record<string, unknown>
    ) => Record<string, unknown>
  }
  const definitions: Definitions
  export default definitions
}
