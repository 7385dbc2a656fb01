/** Methods this project gives a meaning to; any other token is a method too (rfc3261 25.1). */
export const knownMethods = [
  'ACK',
  'BENOTIFY',
  'BYE',
  'CANCEL',
  'INFO',
  'INVITE',
  'MESSAGE',
  'NEGOTIATE',
  'NOTIFY',
  'OPTIONS',
  'PRACK',
  'PUBLISH',
  'REFER',
  'REGISTER',
  'SERVICE',
  'SUBSCRIBE',
  'UPDATE',
] as const;

/** A method of the table above. */
export type KnownMethod = (typeof knownMethods)[number];

/** A method; upper case matters (rfc3261 7.1). */
export type Method = KnownMethod | (string & {});

const byFirstLetter: (readonly string[])[] = [];
for (let code = 65; code <= 90; code++) {
  byFirstLetter[code] = knownMethods.filter(method => method.charCodeAt(0) === code);
}

/**
 * The method at `start`…`end` of `text`: the shared string of a known method, so that comparing it is comparing pointers,
 * or a slice for an extension method.
 */
export function methodAt(text: string, start: number, end: number): Method {
  const candidates = byFirstLetter[text.charCodeAt(start)];
  if (candidates !== undefined) {
    for (const method of candidates) {
      if (method.length === end - start && text.startsWith(method, start)) return method;
    }
  }
  return text.slice(start, end);
}

/** True for requests that are answered by no response: ACK (rfc3261 17) and BENOTIFY (ms-sip 3.1). */
export function isUnanswered(method: Method): boolean {
  return method === 'ACK' || method === 'BENOTIFY';
}
