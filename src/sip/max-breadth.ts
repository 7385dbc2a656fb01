import type { SipRequest } from './message.ts';

/** What a request without Max-Breadth has, and the most that one can have here (rfc5393 5.3.3.3). */
const largestBreadth = 60;

/** In how many branches a request may still be at the same time, all proxies on its way together (rfc5393 5.3.3.2). */
export function incomingBreadth(request: SipRequest): number {
  const text = request.get('Max-Breadth');
  // what cannot be read is none
  return text === undefined || !/^\d+$/.test(text) ? largestBreadth : Math.min(Number(text), largestBreadth);
}

/** That breadth as it is shared out among branches that go out at once; undefined where it does not suffice for them. */
export function shareBreadth(incoming: number, branches: number): readonly number[] | undefined {
  if (incoming < branches) return undefined;
  const each = Math.floor(incoming / branches);
  const more = incoming - each * branches;
  return Array.from({ length: branches }, (_, at) => (at < more ? each + 1 : each));
}
