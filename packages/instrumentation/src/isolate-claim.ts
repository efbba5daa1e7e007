import { diag } from '@opentelemetry/api';
import { quietly } from './quietly.ts';

const WAITING =
  'heapfloor: another copy of the instrumentation watches this isolate; this one waits for its end';

/** On the global object, because two copies or two versions of this package share nothing else. */
const KEY = Symbol.for('heapfloor.instrumentation.claims');

/**
 * Two copies that watch one isolate would export each series twice and pay for each GC twice. The first one that asks
 * watches; when it lets go, the next one does.
 * @param onGranted - called at once or later.
 * @returns lets go, or stops waiting.
 */
export function claimIsolate(onGranted: () => void): () => void {
  const claims = readClaims();
  // An own function, as one caller may claim twice.
  const claim = (): void => onGranted();
  claims.push(claim);
  if (claims[0] === claim) claim();
  else quietly('logging', () => diag.warn(WAITING));
  return () => {
    const at = claims.indexOf(claim);
    if (at >= 0) claims.splice(at, 1);
    if (at === 0) claims[0]?.();
  };
}

function readClaims(): (() => void)[] {
  const holder = globalThis as { [KEY]?: unknown };
  const claims = holder[KEY];
  if (Array.isArray(claims)) return claims as (() => void)[];
  const created: (() => void)[] = [];
  // On a frozen global object every copy is alone.
  Reflect.defineProperty(holder, KEY, { value: created, configurable: true, writable: true });
  return created;
}
