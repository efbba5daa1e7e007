/** A process that does to one ledger what its arguments say; started by tests. */
import { writeSync } from 'node:fs';
import { claimFile } from './claim-file.ts';
import { openAttemptLedger } from './attempt-ledger.ts';
import { noteExit } from './note-exit.ts';
import { readOwnIdentity } from './process-identity.ts';

const [, , mode = '', base = '', name = '', count = '0'] = process.argv;
const self = readOwnIdentity();
const say = (text: string): void => void writeSync(1, `${text}\n`);

/** Until all processes of the test have started. */
async function awaitGo(): Promise<void> {
  say('ready');
  await new Promise((resolve) => {
    process.stdin.once('data', resolve);
  });
}

switch (mode) {
  case 'append': {
    const ledger = openAttemptLedger({
      base,
      service: 'shop',
      instance: name,
      self,
      compactAboveBytes: 4_000,
    });
    await awaitGo();
    for (let ordinal = 0; ordinal < Number(count); ordinal += 1) {
      const captureId = `${name}-${ordinal}`;
      ledger.begin({ captureId, kind: 'heap-profile', instance: name });
      ledger.end(captureId, 'succeeded');
    }
    break;
  }
  case 'claim': {
    await awaitGo();
    const claim = claimFile({
      directory: base,
      name: 'owner',
      self,
      isFree: ({ token }) => token.startsWith('dead'),
    });
    say(claim.isTaken ? 'taken' : 'refused');
    setInterval(() => {}, 1_000);
    break;
  }
  case 'begin-and-wait':
  case 'begin-and-exit': {
    const ledger = openAttemptLedger({ base, service: 'shop', instance: name, self });
    process.once('exit', () => noteExit(ledger.exitNote));
    ledger.begin({ captureId: `${name}-0001`, kind: 'heap-snapshot', instance: name });
    say('begun');
    if (mode === 'begin-and-exit') process.exit(0);
    setInterval(() => {}, 1_000);
    break;
  }
  default:
    throw new Error(`unknown mode ${mode}`);
}
if (mode === 'append') process.exit(0);
