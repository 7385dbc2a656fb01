const start = 0x811c9dc5;

/**
 * FNV-1a, 32 bits: spreads names evenly over buckets and costs next to nothing. `from` is the hash to go on from, where a key has several parts
 * or is to be unpredictable.
 */
export function hashText(text: string, from = start): number {
  let hash = from;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
