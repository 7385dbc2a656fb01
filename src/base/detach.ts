/**
 * A copy of `text` that shares no memory with the message it was sliced from. A slice keeps its whole parent alive, so
 * everything that outlives its message (a binding's contact, a Call-ID in a table) goes through here.
 */
export function detach(text: string): string {
  // Concatenation makes a rope; slicing it flattens the rope into fresh memory. Shorter slices are copies already.
  return text.length < 13 ? text : ` ${text}`.slice(1);
}
