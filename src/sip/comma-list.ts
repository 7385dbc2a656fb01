const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const lessThan = 0x3c;
const greaterThan = 0x3e;

/**
 * Where the list element starting at `start` ends: the next comma outside quotes and angle brackets, or `end`.
 * An unclosed quote or bracket reaches to `end`; the parser of the element finds that.
 */
export function elementEnd(text: string, start: number, end: number): number {
  let inBrackets = false;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === comma) {
      if (!inBrackets) return i;
    } else if (code === quote && !inBrackets) {
      for (i++; i < end; i++) {
        const quoted = text.charCodeAt(i);
        if (quoted === backslash) i++;
        else if (quoted === quote) break;
      }
    } else if (code === lessThan) inBrackets = true;
    else if (code === greaterThan) inBrackets = false;
  }
  return end;
}

/** Splits a comma-separated value (rfc3261 7.3.1) into trimmed elements; empty ones are left out. */
export function splitCommaList(text: string): string[] {
  const elements: string[] = [];
  appendCommaList(text, elements);
  return elements;
}

/** As `splitCommaList`, adding to `elements`. */
export function appendCommaList(text: string, elements: string[]): void {
  if (text.indexOf(',') < 0) {
    const element = text.trim();
    if (element !== '') elements.push(element);
    return;
  }
  for (let start = 0; start <= text.length; ) {
    const end = elementEnd(text, start, text.length);
    const element = text.slice(start, end).trim();
    if (element !== '') elements.push(element);
    start = end + 1;
  }
}
