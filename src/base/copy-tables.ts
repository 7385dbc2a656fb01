/** Copies of the tables of some names, each made once and empty where there was none: what is to be changed of many that are never changed. */
export function copyTables<N, K, V>(tables: ReadonlyMap<N, ReadonlyMap<K, V>>, names: Iterable<N>): Map<N, Map<K, V>> {
  return new Map([...new Set(names)].map(name => [name, new Map(tables.get(name))]));
}
