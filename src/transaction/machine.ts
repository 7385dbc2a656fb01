/** Whether the transport below retransmits by itself: TCP, TLS and WebSocket do, UDP does not. */
export type TransportKind = 'reliable' | 'unreliable';

/**
 * What a state machine answers to an input. Transitions are made once and shared, so a step allocates nothing;
 * the data (messages, intervals) stays with the layer, which executes the effects in their order.
 */
export interface Transition<State extends string, Effect extends string> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** Makes a shared transition. */
export function transition<const State extends string, const Effect extends string>(
  state: State,
  ...effects: Effect[]
): Transition<State, Effect> {
  return Object.freeze({ state, effects: Object.freeze(effects) });
}
