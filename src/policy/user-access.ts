import { type Failure, failure } from '../base/failure.ts';
import type { Configuration } from '../model/configuration.ts';
import { effectiveExternalAccessPolicy } from '../model/effective-policy.ts';
import type { User } from '../model/user.ts';
import type { DecisionTrace } from '../observe/decision-trace.ts';
import type { SourceNetwork } from './domain-class.ts';
import { traceStep } from './trace-steps.ts';

/** Whether a user's policy lets the user meet anybody outside at all; a user with every bit off is told so (1012) before DNS is asked. */
export function decideAnyAccess(configuration: Configuration, user: User, trace: DecisionTrace): Failure | undefined {
  const effective = effectiveExternalAccessPolicy(configuration, user);
  const { policy } = effective;
  if (!policy.enableFederationAccess && !policy.enableXmppAccess && !policy.enablePublicCloudAccess) {
    return trace.refuse(traceStep.access, failure('NOT_AUTHORISED_OUTSIDE', detailsOf(user, effective.source)), effective);
  }
  trace.pass(traceStep.access, effective);
  return undefined;
}

/** Whether a user's policy has the bit that the network of the other side needs (D13). */
export function decideNetworkAccess(
  configuration: Configuration,
  user: User,
  network: SourceNetwork,
  offersAudioVideo: boolean,
  trace: DecisionTrace,
): Failure | undefined {
  const effective = effectiveExternalAccessPolicy(configuration, user);
  const { policy } = effective;
  const refuse = (code: 'NOT_AUTHORISED_FEDERATION' | 'NOT_AUTHORISED_PUBLIC' | 'PUBLIC_AUDIO_VIDEO_DENIED') =>
    trace.refuse(traceStep.network, failure(code, detailsOf(user, effective.source)), effective);
  if (network === 'federation') {
    if (!policy.enableFederationAccess) return refuse('NOT_AUTHORISED_FEDERATION');
  } else {
    if (!policy.enablePublicCloudAccess) return refuse('NOT_AUTHORISED_PUBLIC');
    if (offersAudioVideo && !policy.enablePublicCloudAudioVideoAccess) return refuse('PUBLIC_AUDIO_VIDEO_DENIED');
  }
  trace.pass(traceStep.network, effective);
  return undefined;
}

/** The policy is named by its identity, so that the fix can be typed as it stands. */
function detailsOf(user: User, source: string) {
  return { user: user.aor, policy: source.startsWith('user:') ? `tag:${source.slice('user:'.length)}` : source };
}
