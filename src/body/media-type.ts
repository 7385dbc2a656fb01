import { type Parameters, parseParameters, tokenEnd } from '../sip/parameters.ts';

/** A Content-Type value, or one element of Accept (rfc3261 20.15). */
export interface MediaType {
  /** `type/subtype`, lower case; `*` may stand for either in Accept. */
  readonly name: string;
  readonly parameters: Parameters;
}

/** Parses `application/pidf+xml;charset=UTF-8`, spaces around the slash allowed; `undefined` if malformed. */
export function parseMediaType(text: string): MediaType | undefined {
  const trimmed = text.trim();
  const typeEnd = tokenEnd(trimmed, 0, trimmed.length);
  const slash = skipBlank(trimmed, typeEnd);
  if (typeEnd === 0 || trimmed.charCodeAt(slash) !== 0x2f) return undefined;
  const subtypeStart = skipBlank(trimmed, slash + 1);
  const subtypeEnd = tokenEnd(trimmed, subtypeStart, trimmed.length);
  if (subtypeEnd === subtypeStart) return undefined;
  const parameters = parseParameters(trimmed.slice(subtypeEnd).trim());
  if (parameters === undefined) return undefined;
  const name = `${trimmed.slice(0, typeEnd)}/${trimmed.slice(subtypeStart, subtypeEnd)}`.toLowerCase();
  return { name, parameters };
}

/**
 * True if the elements of Accept take a body of the type `name` (lower case). An empty Accept takes nothing (rfc3261 20.1), as does `q=0`. A
 * more exact element counts before a range. What no Accept at all takes is for the caller to know.
 */
export function acceptsMediaType(accept: readonly string[], name: string): boolean {
  const range = `${name.slice(0, name.indexOf('/'))}/*`;
  const wanted = [name, range, '*/*'];
  let best = wanted.length;
  let accepted = false;
  for (const element of accept) {
    const type = parseMediaType(element);
    const exactness = type === undefined ? -1 : wanted.indexOf(type.name);
    if (type === undefined || exactness < 0 || exactness >= best) continue;
    best = exactness;
    accepted = !/^0(\.0{0,3})?$/.test(type.parameters.get('q') ?? '1');
  }
  return accepted;
}

function skipBlank(text: string, start: number): number {
  let i = start;
  while (text.charCodeAt(i) === 0x20 || text.charCodeAt(i) === 0x09) i++;
  return i;
}
