import type { StringTable } from '../snapshot/string-table.ts';

const UNKNOWN = 0;
const YES = 1;
const NO = 2;

/** A question about strings, asked once per string and not once per node. */
export type NameTest = (stringIndex: number) => boolean;

export function createNameTest(strings: StringTable, test: (text: string) => boolean): NameTest {
  let answers = new Uint8Array(strings.count);
  return (stringIndex) => {
    // Strings that the analysis adds later are rare, so room for them is made when the first one is asked for.
    if (stringIndex >= answers.length) {
      const larger = new Uint8Array(strings.count);
      larger.set(answers);
      answers = larger;
    }
    const known = answers[stringIndex];
    if (known !== UNKNOWN) return known === YES;
    const answer = test(strings.get(stringIndex));
    answers[stringIndex] = answer ? YES : NO;
    return answer;
  };
}
