import { z } from 'zod';
import { switchParameter } from './parameter-kind.ts';

/** Schema of whatIf, confirm and expectedVersion, which every change command takes. */
export const changeParameters = {
  whatIf: switchParameter('say what would change, change nothing'),
  confirm: switchParameter('$false: go ahead without asking'),
  expectedVersion: z.int().min(0).optional().describe('version of the object as it was read; another one is a conflict'),
};
