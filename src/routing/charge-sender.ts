import { failure } from '../base/failure.ts';
import type { RequestOwner } from '../transaction/request-limits.ts';
import type { RoutedRequest } from './routed-request.ts';
import { proceed, refuse, type StepOutcome } from './step.ts';

/** Counts a request for who was found to send it; refuses with SERVER_BUSY where that one has too much under way. */
export function chargeSender({ transaction }: Pick<RoutedRequest<unknown>, 'transaction'>, owner: RequestOwner): StepOutcome {
  return transaction.chargeTo(owner) ? proceed : refuse(failure('SERVER_BUSY', { limit: owner.outstanding }));
}
