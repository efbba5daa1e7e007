import { cutText } from '../markup/code-name.ts';

/** Longest first sentence that a title bears. */
const TITLE_CHARS = 120;

/** Our messages say what failed, with the value seen, and then what to do; this is what failed, for a title. */
export function firstSentence(message: string): string {
  const [sentence = ''] = message.split(/[.;\n](?=\s|$)/u, 1);
  // What stands in brackets is the value seen; the whole message is on the page, too.
  return cutText(sentence.replaceAll(/\s*\([^()]*\)/gu, '').trim(), TITLE_CHARS);
}

/** A sentence as it goes on after a colon: an article loses its capital, a name keeps it. */
export function goingOn(sentence: string): string {
  return sentence.replace(/^(?:The|An?|No|There)(?= )/u, (word) => word.toLowerCase());
}
