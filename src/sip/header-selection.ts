import { type HeaderName, headerIdOf, unknownHeaderId } from './header-name.ts';

/** Names of headers with their ids worked out: made once, used for every message. */
export interface HeaderSelection {
  /** Ids of those in the table. */
  readonly ids: readonly number[];
  /** Lower-case names of all others. */
  readonly others: readonly string[];
}

/** A selection of headers, for example of those taken out at a border. */
export function selectHeaders(names: readonly HeaderName[]): HeaderSelection {
  const isKnown = (name: HeaderName) => headerIdOf(name) !== unknownHeaderId;
  return {
    ids: names.filter(isKnown).map(headerIdOf),
    others: names.filter(name => !isKnown(name)).map(name => name.toLowerCase()),
  };
}
