/** What can become of a file, in the order of the table's columns; a fault makes the run fail. */
export const outcomes = {
  equal: { title: "read, and equal", fault: false },
  refused: { title: "refused in our words", fault: false },
  different: { title: "read, and different", fault: true },
  "raw message": { title: "internals as the message", fault: true },
  end: { title: "process ended", fault: true },
  hang: { title: "not done in 10 s", fault: true },
  "stack trace": { title: "stack trace", fault: true }
} as const

export type Outcome = keyof typeof outcomes
