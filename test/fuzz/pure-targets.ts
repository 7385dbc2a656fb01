import { configurationTarget } from './configuration-target.ts';
import type { PureTarget } from './pure-target.ts';
import { sipTarget } from './sip-target.ts';
import { xmlTarget } from './xml-target.ts';

/** Everything that is fuzzed without a server. */
export const pureTargets: readonly PureTarget[] = [sipTarget, xmlTarget, configurationTarget];
