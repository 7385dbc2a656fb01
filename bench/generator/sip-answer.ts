const noBody = 'Content-Length: 0\r\n\r\n';

/** Status code of the message at `start`; 0 for a request. */
export function statusAt(text: string, start: number): number {
  return text.startsWith('SIP/2.0 ', start) ? Number(text.slice(start + 8, start + 11)) : 0;
}

/**
 * A 200 to the request between `start` and `bodyStart`: its Via, Record-Route, From, To, Call-ID and CSeq as they came (rfc3261 8.2.6), then
 * `more`: further header lines and what follows them.
 */
export function answerOk(text: string, start: number, bodyStart: number, more = noBody): string {
  const stop = bodyStart - 2;
  let answer = 'SIP/2.0 200 OK\r\n';
  for (let at = text.indexOf('\r\n', start) + 2; at < stop; ) {
    const end = text.indexOf('\r\n', at) + 2;
    switch (text.charCodeAt(at)) {
      case 86: // Via
      case 70: // From
        answer += text.slice(at, end);
        break;
      case 67: // Call-ID and CSeq, but neither Contact nor Content-Type
        if (text.charCodeAt(at + 1) !== 111) answer += text.slice(at, end);
        break;
      case 82: // Record-Route
        if (text.startsWith('Record-Route', at)) answer += text.slice(at, end);
        break;
      case 84: // To
        if (text.startsWith('To:', at)) answer += toWithTag(text.slice(at, end));
        break;
    }
    at = end;
  }
  return answer + more;
}

function toWithTag(line: string): string {
  return line.includes(';tag=') ? line : `${line.slice(0, -2)};tag=b1\r\n`;
}
