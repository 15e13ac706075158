/**
 * Stages made inside functions: what such a stage's `run` and `files` take from the function around them is code that the
 * module's text does not show (`makeStage(5)` in another file), so it must be declared as `captures`.
 */
import { isNode, nameOf, walk } from "./syntax.mjs"

const isFunction = (node) =>
  node.type === "FunctionDeclaration" ||
  node.type === "FunctionExpression" ||
  node.type === "ArrowFunctionExpression"

/** Names that a pattern binds. */
const bound = (pattern, into) => {
  switch (pattern?.type) {
    case "Identifier":
      return void into.add(pattern.name)
    case "ObjectPattern":
      for (const property of pattern.properties) bound(property.value ?? property.argument, into)
      return undefined
    case "ArrayPattern":
      for (const element of pattern.elements) if (element !== null) bound(element, into)
      return undefined
    case "AssignmentPattern":
      return bound(pattern.left, into)
    case "RestElement":
      return bound(pattern.argument, into)
  }
}

/** Names that a function binds: its parameters and what its body declares, functions inside it apart. */
const bindings = (node) => {
  const names = new Set()
  for (const parameter of node.params) bound(parameter, names)
  declared(node.body, names)
  return names
}

const declared = (node, names) => {
  if (node.type === "VariableDeclarator") bound(node.id, names)
  if ((node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") && node.id)
    names.add(node.id.name)
  if (isFunction(node) && node.type !== "FunctionDeclaration") return
  if (node.type === "FunctionDeclaration") return
  for (const key in node) {
    const value = node[key]
    for (const inner of Array.isArray(value) ? value : [value]) if (isNode(inner)) declared(inner, names)
  }
}

/** Names of `scope` that are read below `node` and not bound again on the way. */
const reads = (node, scope, found) => {
  if (isFunction(node)) {
    const own = bindings(node)
    scope = new Set([...scope].filter((name) => !own.has(name)))
  }
  if (node.type === "Identifier") return void (scope.has(node.name) && found.add(node.name))
  for (const key in node) {
    if (key === "key" && node.computed !== true) continue
    if (key === "property" && node.type === "MemberExpression" && node.computed !== true) continue
    const value = node[key]
    for (const inner of Array.isArray(value) ? value : [value]) if (isNode(inner)) reads(inner, scope, found)
  }
}

const isOwnUrl = (node) =>
  node?.type === "MemberExpression" && node.object.type === "MetaProperty" && nameOf(node.property) === "url"

/** `{names}` for each `Stage.make` of this module that captures without saying so. */
export const undeclaredCaptures = (tree) => {
  const results = []
  walk(tree, new Set(), (node, scope) => {
    if (isFunction(node)) return new Set([...scope, ...bindings(node)])
    if (scope.size === 0 || node.type !== "CallExpression" || node.callee.type !== "MemberExpression")
      return scope
    const { object, property } = node.callee
    if (nameOf(object) !== "Stage" || nameOf(property) !== "make") return scope
    const options = node.arguments[1]
    if (options?.type !== "ObjectExpression") return scope
    const fields = new Map(options.properties.map((field) => [field.key && nameOf(field.key), field.value]))
    if (fields.has("captures") || !isOwnUrl(fields.get("source"))) return scope
    const names = new Set()
    for (const field of ["run", "files"]) if (fields.has(field)) reads(fields.get(field), scope, names)
    if (names.size > 0) results.push({ names: [...names].sort() })
    return scope
  })
  return results
}
