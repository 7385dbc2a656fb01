/** Adds an item to those of a key. */
export function addTo<K, T>(index: Map<K, Set<T>>, key: K, item: T): void {
  const items = index.get(key);
  if (items) items.add(item);
  else index.set(key, new Set([item]));
}

/** Takes an item from those of a key, and the key with the last one; one that is not there is no matter. */
export function removeFrom<K, T>(index: Map<K, Set<T>>, key: K, item: T): void {
  const items = index.get(key);
  items?.delete(item);
  if (items?.size === 0) index.delete(key);
}
