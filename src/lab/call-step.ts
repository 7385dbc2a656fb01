import { arrivalMs, described, fail, pass, type StepVerdict } from './step-verdict.ts';
import type { TestEndpoint } from './test-endpoint.ts';

/** One call, answered, confirmed at both ends and ended by one of them. */
export async function callAndEnd(from: TestEndpoint, to: TestEndpoint, endedBy: 'caller' | 'callee'): Promise<StepVerdict> {
  const expected = `A call from ${from.address} to ${to.address} rings, is answered with 200, and ends at both ends with one BYE.`;
  const placed = await from.call(to.address);
  if (!placed.ok) return fail(expected, `The INVITE had no answer: ${described(placed)}.`);
  const { callId, statuses, final } = placed.value;
  const seen = `INVITE ${statuses.join(', ')}`;
  if (statuses.join() !== '180,200') return fail(expected, `Seen: ${seen} ${final.reason}.`);
  if (!(await to.waitForCall(callId, 'confirmed', arrivalMs))) return fail(expected, `Seen: ${seen}; the ACK did not arrive.`);
  const [ending, other] = endedBy === 'caller' ? [from, to] : [to, from];
  const ended = await ending.hangUp(callId);
  const bye = `BYE of ${ending.address} ${ended.ok ? ended.value.status : described(ended)}`;
  const arrived = await other.waitForCall(callId, 'ended', arrivalMs);
  if (!ended.ok || ended.value.status !== 200 || !arrived) return fail(expected, `Seen: ${seen}, ACK, ${bye}.`);
  return pass(`${seen}, ACK, ${bye}`);
}
