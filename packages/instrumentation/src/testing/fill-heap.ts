/** Says what limit we believe in, then fills the heap until V8 says what limit it believes in. */
import { readOldSpaceLimit } from '../limit/read-limit.ts';

process.stdout.write(`limit=${JSON.stringify(readOldSpaceLimit())}\n`, () => {
  const kept: object[] = [];
  for (;;) kept.push(Array.from({ length: 1000 }, (_, index) => ({ index })));
});
