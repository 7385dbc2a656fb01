/** Parameters of one statement stay far below the limits of every engine. */
export const rowsPerStatement = 400;

/** Cuts a list into pieces that fit one statement. */
export function* inChunks<T>(list: readonly T[], size: number = rowsPerStatement): Generator<readonly T[]> {
  for (let start = 0; start < list.length; start += size) yield list.slice(start, start + size);
}
