import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { pidfMediaType } from '../body/pidf.ts';
import { checkRequire } from '../routing/required-extensions.ts';
import type { Notifier } from '../services/events/notifier.ts';
import { createResponse } from '../sip/create-message.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest } from '../sip/message.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { registrarExtensions } from './registration-answer.ts';
import { methodsForOutside, methodsForUsers } from './served-methods.ts';

/** Who asks: a user's client, or a server of another organisation. */
type Asker = 'client' | 'outside';

/** What this server can (rfc3261 11.2, rfc6665 4.4.4); what only a user's own client may ask for is nothing to others. */
const abilities: Readonly<Record<Asker, readonly HeaderLine[]>> = {
  client: [['Allow', methodsForUsers], ['Supported', [...registrarExtensions].join(', ')], ...bodies()],
  outside: [['Allow', methodsForOutside], ['Supported', 'gruu'], ...bodies()],
};

function bodies(): readonly HeaderLine[] {
  return [
    ['Accept', pidfMediaType],
    ['Accept-Encoding', 'identity'],
    ['Accept-Language', 'en'],
  ];
}

/** Answers an OPTIONS to the server itself. Fails with EXTENSION_NOT_SUPPORTED. */
export function answerOptions(
  request: SipRequest,
  asker: Asker,
  events: Pick<Notifier, 'allowEvents'>,
): Result<OutgoingMessage, Failure> {
  const unsupported = checkRequire(request);
  if (unsupported) return err(unsupported);
  const allowEvents: HeaderLine = ['Allow-Events', events.allowEvents(asker === 'client' ? 'owner' : 'everybody')];
  return ok(createResponse(request, 200, { headers: [...abilities[asker], allowEvents] }));
}
