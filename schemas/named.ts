/**
 * Plain objects as tables of names that users give. Every object inherits `constructor`, `toString` and the like, and
 * assigning to `__proto__` sets no field: names are looked up and set through these, or kept in a Map.
 */

/** The object's own field; undefined for what it only inherits. */
export const own = <T>(object: { readonly [name: string]: T }, name: string): T | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined

/** Sets a field of any name, `__proto__` included. */
export const setOwn = <T>(object: { [name: string]: T }, name: string, value: T): void => {
  if (name !== "__proto__") object[name] = value
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
}
