import type { Binding } from '../model/binding.ts';
import { isDeclaredInstance, publicGruu } from '../services/registrar/gruu.ts';
import { usesOutbound } from '../services/registrar/registration.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest } from '../sip/message.ts';
import { quoted } from '../sip/parameters.ts';

/** What a client may require of the registrar. Not `path` (rfc3327): between a client and us there is nobody to write one. */
export const registrarExtensions: ReadonlySet<string> = new Set(['gruu', 'outbound']);

/** A flow on which a client that uses outbound says nothing for so long may be taken for dead (rfc5626 4.4), seconds. */
const flowTimerSeconds = 120;

/** What the answer to a REGISTER is made of. */
export interface RegistrationAnswer {
  readonly request: SipRequest;
  /** The flow the REGISTER came over. */
  readonly flow: string;
  /** The user's bindings after it. */
  readonly bindings: readonly Binding[];
  /** The registrar's time, by which bindings expire, milliseconds since 1970. */
  readonly nowMs: number;
  /** The machine's time, milliseconds since 1970. */
  readonly dateMs: number;
}

/** The headers of the 200 to a REGISTER (rfc3261 10.3 step 8), with GRUUs for a client that knows them (rfc5627 5.2). */
export function registrationHeaders({ request, flow, bindings, nowMs, dateMs }: RegistrationAnswer): HeaderLine[] {
  const knowsGruu = request.list('Supported').some(tag => tag.toLowerCase() === 'gruu');
  const headers = bindings.map((binding): HeaderLine => ['Contact', contactValue(binding, nowMs, knowsGruu)]);
  headers.push(['Date', new Date(dateMs).toUTCString()], ['Supported', [...registrarExtensions].join(', ')]);
  const isOutbound = usesOutbound(request) && bindings.some(binding => binding.flow === flow && binding.regId !== undefined);
  // rfc5626 6: by this the client knows that it is reached over this flow
  if (isOutbound) headers.push(['Require', 'outbound'], ['Flow-Timer', String(flowTimerSeconds)]);
  return headers;
}

function contactValue({ aor, instance, contactUri, regId, expiresAtMs }: Binding, nowMs: number, knowsGruu: boolean): string {
  let value = `<${contactUri}>;expires=${Math.max(0, Math.round((expiresAtMs - nowMs) / 1000))}`;
  if (isDeclaredInstance(instance)) value += `;+sip.instance=${quoted(instance)}`;
  if (regId !== undefined) value += `;reg-id=${regId}`;
  const gruu = knowsGruu ? publicGruu(aor, instance) : undefined;
  return gruu === undefined ? value : `${value};pub-gruu=${quoted(gruu)}`;
}
