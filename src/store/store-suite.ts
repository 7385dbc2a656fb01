import { describe } from 'node:test';
import { bindingSuite } from './suite/binding-suite.ts';
import { configurationSuite } from './suite/configuration-suite.ts';
import { feedSuite } from './suite/feed-suite.ts';
import type { StoreUnderTest } from './suite/samples.ts';
import { uniquenessSuite } from './suite/uniqueness-suite.ts';
import { userSuite } from './suite/user-suite.ts';

/** The behaviour every store has, whatever the engine; `open` makes a new, empty one. */
export function storeSuite(engine: string, open: () => Promise<StoreUnderTest>): void {
  describe(`store on ${engine}`, () => {
    configurationSuite(open);
    uniquenessSuite(open);
    userSuite(open);
    bindingSuite(open);
    feedSuite(open);
  });
}
