import { type Failure, failure } from '../base/failure.ts';
import { checkRequire } from './required-extensions.ts';
import type { RoutedRequest } from './routed-request.ts';
import { proceed, refuse, type Step } from './step.ts';

/** What one way into a server asks of every request. */
export interface RequestShape<C> {
  /** Methods served on this way; without it all, because policy says which may pass. */
  readonly methods?: ReadonlySet<string>;
  /** Extensions known (lower case) of methods that are answered here, whoever they go to; Require of any other is for who answers it. */
  readonly extensions?: ReadonlyMap<string, ReadonlySet<string>>;
  /** Puts the request into its dialog, if it is in one, and says who really sends to whom there; the failure of one that has no place. */
  place(context: C): Failure | undefined;
}

/**
 * The step that looks at nothing but the request: a method we serve, extensions we know, hops left, addresses that can be read, and a
 * dialog that is ours. Refuses with METHOD_NOT_SUPPORTED, EXTENSION_NOT_SUPPORTED, what `readParties` finds, and what `place` finds, in
 * this order (rfc3261 8.2, 16.3).
 */
export function shapeStep<C extends RoutedRequest<unknown>>(shape: RequestShape<C>): Step<C> {
  return {
    name: 'shape',
    run(context) {
      const failed = checkMethod(shape, context) ?? context.readParties() ?? shape.place(context);
      return failed ? refuse(failed) : proceed;
    },
  };
}

function checkMethod<C extends RoutedRequest<unknown>>(shape: RequestShape<C>, { request }: C): Failure | undefined {
  const { method } = request;
  if (shape.methods && !shape.methods.has(method)) return failure('METHOD_NOT_SUPPORTED', { method });
  const known = shape.extensions?.get(method);
  return known && checkRequire(request, known);
}
