import { canonicalHeaderName } from './header-name.ts';
import { skipSpace, trimEnd } from './parameters.ts';

/**
 * Renders a head anew in canonical form: folded lines joined by one space, white space around the value removed, compact
 * names spelled out. The start line stays as it is. The head ends in CRLF and holds no bare CR or LF; `undefined` if the
 * first header line begins with white space, or a line has no name (rfc3261 7.3.1).
 */
export function normaliseHead(head: string): string | undefined {
  const lines = head.slice(0, -2).split('\r\n');
  const rendered: string[] = [lines[0] as string];
  let name = '';
  let value: string[] = [];
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (name === '') return undefined;
      const part = trimSpace(line);
      if (part !== '') value.push(part);
      continue;
    }
    if (name !== '') rendered.push(`${name}: ${value.join(' ')}`);
    const colon = line.indexOf(':');
    name = canonicalHeaderName(trimSpace(line.slice(0, Math.max(colon, 0))));
    if (name === '' || /[ \t]/.test(name)) return undefined;
    const first = trimSpace(line.slice(colon + 1));
    value = first === '' ? [] : [first];
  }
  if (name !== '') rendered.push(`${name}: ${value.join(' ')}`);
  return `${rendered.join('\r\n')}\r\n`;
}

/** Without spaces and tabs at both ends; linear in time also for lines full of them. */
function trimSpace(text: string): string {
  const start = skipSpace(text, 0, text.length);
  return text.slice(start, trimEnd(text, start, text.length));
}
