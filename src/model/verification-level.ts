import { z } from 'zod';

/** How far a peer's statement about its senders is believed. */
export const VerificationLevel = z.enum(['AlwaysVerifiable', 'AlwaysUnverifiable', 'UseSourceVerification']);
export type VerificationLevel = z.infer<typeof VerificationLevel>;
