/** Refuses a Node that is too old, with one sentence: the sources use what 20.19 brought. */
export const checkNode = () => {
  const [major, minor] = process.versions.node.split(".").map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(
    `asterism: Node ${process.versions.node} is too old. Expected: Node 20.19 or newer. Next: install a newer Node from https://nodejs.org and run the command again.`
  )
  process.exit(2)
}
