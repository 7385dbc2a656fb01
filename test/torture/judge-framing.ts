import { errorRegistry } from '../../src/base/errors/registry.ts';
import { type Framed, StreamFramer } from '../../src/sip/stream-framer.ts';
import type { TortureRow } from './torture-row.ts';

/** All rows of the table are judged so: what the framer and parser say first, in words that can be compared. */
export function wantedOf({ verdict }: TortureRow): string {
  switch (verdict.kind) {
    case 'accept':
    case 'tolerate':
      return 'message';
    case 'reject':
      return verdict.by === 'parser' ? `bad, answered ${verdict.status}${verdict.closes ? ', closes' : ''}` : 'message';
    case 'drop':
      return `bad, not answered${verdict.closes ? ', closes' : ''}`;
    case 'wait':
      return 'more';
  }
}

/** What became of one message. */
export function outcomeOf(framed: Framed): string {
  switch (framed.kind) {
    case 'message':
      return 'message';
    case 'keep-alive':
      return 'keep-alive';
    case 'need-more':
      return 'more';
    case 'bad': {
      const status = errorRegistry[framed.failure.code].sip?.insideStatus;
      return `bad, ${framed.request === undefined ? 'not answered' : `answered ${status}`}${framed.fatal ? ', closes' : ''}`;
    }
  }
}

/** Everything a framer finds in these chunks, keep-alives left out: how many there are depends on the chunks. */
export function framesOf(chunks: readonly Uint8Array[]): readonly Framed[] {
  const framer = new StreamFramer();
  const found: Framed[] = [];
  for (const chunk of chunks) {
    framer.push(chunk);
    for (let framed = framer.next(); framed.kind !== 'need-more'; framed = framer.next()) {
      if (framed.kind !== 'keep-alive') found.push(framed);
      if (framed.kind === 'bad' && framed.fatal) return found;
    }
  }
  return found;
}

/** How many bytes of its body a message does not have. */
export function missingBytes(message: string): number {
  const length = Number(/^Content-Length: *(\d+)/im.exec(message)?.[1]);
  return length - (message.length - message.indexOf('\r\n\r\n') - 4);
}

/** What the frames say, in full: two ways to receive the same bytes have to agree in it. */
export function digestOf(frames: readonly Framed[]): string {
  return frames
    .map(framed => {
      if (framed.kind === 'message') {
        return `${framed.message.kind}\n${framed.message.head}\n${Buffer.from(framed.message.body).toString('latin1')}`;
      }
      return framed.kind === 'bad' ? `${outcomeOf(framed)}\n${framed.failure.text}\n${framed.request?.head ?? ''}` : framed.kind;
    })
    .join('\n\n');
}
