import type { VariableName } from './variables.ts';

/** The environment, or what a test puts in its place. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A variable to read, and the list that takes what is wrong with it. */
export interface EnvReading {
  readonly env: Env;
  readonly name: VariableName;
  readonly problems: string[];
}

/** `setInterval` takes at most this. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Empty text means absent (OpenTelemetry specification, environment variables). */
export function readText(env: Env, name: VariableName): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

export function readMs(
  { env, name, problems }: EnvReading,
  range: { readonly defaultMs: number; readonly minMs: number },
): number {
  const text = readText(env, name);
  if (text === undefined) return range.defaultMs;
  const ms = Number(text);
  if (Number.isInteger(ms) && ms >= range.minMs && ms <= MAX_TIMER_MS) return ms;
  const wanted = `a number of milliseconds from ${range.minMs} to ${MAX_TIMER_MS}`;
  problems.push(`${name}=${showValue(text)}: not ${wanted}; ${range.defaultMs} it is`);
  return range.defaultMs;
}

/** @returns the choice, of which the first is the default. */
export function readChoice<Choice extends string>(
  { env, name, problems }: EnvReading,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const text = readText(env, name);
  const found = choices.find((choice) => choice === text?.toLowerCase());
  if (text === undefined || found !== undefined) return found ?? choices[0];
  problems.push(`${name}=${showValue(text)}: not one of ${choices.join(', ')}; ${choices[0]} it is`);
  return choices[0];
}

export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Cut, and without the password that a URL may carry. */
export function showValue(text: string): string {
  return JSON.stringify(hideCredentials(text).slice(0, 60));
}

/** Passwords of URLs in a text, also where the scheme is missing. They may themselves hold `@` and `/`. */
export function hideCredentials(text: string): string {
  return text
    .replaceAll(/(?!file:)\b([a-z][\w+.-]*:\/\/)[^\s'"]*@/gi, '$1***@')
    .replaceAll(/(?<=^|[\s'"=])[^\s'"/:@=]+:(?!\/\/)[^\s'"]+@/g, '***@');
}
