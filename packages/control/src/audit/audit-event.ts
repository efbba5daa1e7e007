/** What the audit log may hold. A list, not whatever a caller has at hand: tokens and inspector URLs have no field. */
const FIELDS = [
  'keyThumbprint',
  'action',
  'method',
  'kind',
  'grantedKind',
  'captureId',
  'alertFingerprint',
  'isolate',
  'dryRun',
  'outcome',
  'status',
  'code',
  'reason',
  'signal',
  'port',
  'expiresAt',
  'provenClosedAt',
  'artifactCount',
  'sizeBytes',
  'count',
  'instance',
  'pid',
] as const;

export type AuditField = (typeof FIELDS)[number];
export type AuditFields = Readonly<Partial<Record<AuditField, string | number | boolean | null>>>;

export const AUDIT_EVENTS = [
  'started',
  'stopped',
  'command',
  'refused',
  'verdict',
  'outcome',
  'inspector-opened',
  'inspector-closed',
  'reset',
  'signal',
  'deleted',
  /** Written by the log itself: after a line that was cut off, after a time in which it could not be written. */
  'resumed',
  'missed',
] as const;
export type AuditEventName = (typeof AUDIT_EVENTS)[number];

const MAX_TEXT_LENGTH = 256;

/** Only known fields, each short, on one line and without a character that changes how a terminal shows the rest. */
export function cleanFields(fields: AuditFields): Record<string, string | number | boolean | null> {
  const entries = FIELDS.flatMap((name) => {
    const value = fields[name];
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? cleanText(value) : value] as const];
  });
  return Object.fromEntries(entries);
}

/** Cut before and after: escapes are longer than what they stand for. */
export function cleanText(text: string): string {
  const short = text.slice(0, MAX_TEXT_LENGTH + 1);
  const safe = hideSecrets(short).replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return safe.length > MAX_TEXT_LENGTH || short.length > MAX_TEXT_LENGTH
    ? `${safe.slice(0, MAX_TEXT_LENGTH)}…`
    : safe;
}

/** A JWT, or the address of an inspector, inside a message: whoever has it can use it. */
function hideSecrets(text: string): string {
  return text
    .replaceAll(/\beyJ[\w-]*(?:\.[\w-]*){0,2}/g, '[token]')
    .replaceAll(/\b(?:wss?|devtools):\/\/\S+/gi, '[url]');
}
