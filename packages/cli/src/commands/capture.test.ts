import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type {
  CaptureOperation,
  CaptureResponse,
  ControlCommand,
  GuardResult,
  Verdict,
} from '@heapfloor/contract';
import { createKeyPair } from '@heapfloor/receiver';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { captureCommand } from './capture.ts';

const AT = '2026-11-24T10:00:00.000Z';
const CONTENT = 'evidence';

let directory: string;
let server: Server;
/** Of every request, in order. */
let commands: ControlCommand[];
/** Answers by action; the last of each list stays. */
let answers: Partial<Record<ControlCommand['action'], ((id: string) => object | number)[]>>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hf-cli-capture-'));
  await writeFile(join(directory, 'key.pem'), createKeyPair().privateKeyPem);
  commands = [];
  answers = {};
  server = createServer((request, response) => {
    const claims = request.headers.authorization?.split('.')[1] ?? '';
    const payload = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { heapfloor: ControlCommand };
    const { heapfloor: command } = payload;
    commands.push(command);
    const id = 'captureId' in command ? command.captureId : '';
    const list = answers[command.action] ?? [];
    const answer = (list.length > 1 ? list.shift() : list[0])?.(id) ?? {};
    if (request.url?.includes('/artifacts/') === true) response.end(CONTENT);
    else if (typeof answer === 'number')
      response.writeHead(answer).end('{"code":"CONTROL_CAPTURE_NOT_STOPPABLE"}');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  server.listen(join(directory, 'c.sock'));
  await once(server, 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

interface Run {
  readonly code: number;
  readonly stdout: string;
}

async function run(flags: readonly string[] = [], signal = new AbortController().signal): Promise<Run> {
  let stdout = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      stdout += chunk.toString();
      done();
    },
  });
  const args = [
    `unix:${join(directory, 'c.sock')}`,
    '--instance=app-1',
    `--key=${join(directory, 'key.pem')}`,
    `--out=${directory}`,
    ...flags,
  ];
  const code = await captureCommand.run(args, { env: {}, stdout: stream, stderr: stream, signal });
  return { code, stdout };
}

function buildVerdict(differs: Partial<Verdict> = {}): Verdict {
  return {
    requestedKind: 'heap-profile',
    grantedKind: 'heap-profile',
    outcome: 'allowed',
    dryRun: false,
    instance: 'app-1',
    evaluatedAt: AT,
    steps: [],
    explanation: 'Heap profile allowed.',
    ...differs,
  };
}

function buildOperation(captureId: string, differs: Partial<CaptureOperation> = {}): CaptureOperation {
  return {
    captureId,
    state: 'running',
    kind: 'heap-profile',
    startedAt: AT,
    finishedAt: null,
    artifacts: [],
    phase: null,
    isolates: [],
    inspector: null,
    error: null,
    ...differs,
  };
}

const running =
  (differs: Partial<CaptureOperation> = {}) =>
  (id: string): CaptureResponse => ({ verdict: buildVerdict(), operation: buildOperation(id, differs) });

function succeeded(id: string): CaptureResponse {
  const verdict = buildVerdict();
  const artifacts = [
    {
      fileName: `${id}.heapprofile`,
      kind: 'heap-profile' as const,
      sizeBytes: CONTENT.length,
      sha256: createHash('sha256').update(CONTENT).digest('hex'),
      startedAt: AT,
      finishedAt: AT,
      stallMs: 3,
      captureId: id,
      alertFingerprint: null,
      instance: 'app-1',
      pid: 1,
      isolate: 'main',
      nodeVersion: 'v26.10.0',
      v8Version: '14',
      heapUsedBytes: 1,
      rssGrowthBytes: null,
      verdict,
    },
  ];
  return { verdict, operation: buildOperation(id, { state: 'succeeded', finishedAt: AT, artifacts }) };
}

/** The endpoint offers a file that would replace the key. */
function succeededElsewhere(id: string): CaptureResponse {
  const done = succeeded(id);
  const [artifact] = done.operation?.artifacts ?? [];
  if (artifact !== undefined) artifact.fileName = 'key.pem';
  return done;
}

const headroom: GuardResult = {
  guard: 'memory-headroom',
  outcome: 'refused',
  reason: 'Needs 300 MiB free, 100 MiB is there.',
  numbers: { neededBytes: 300 * 2 ** 20, availableBytes: 100 * 2 ** 20 },
  retryAt: AT,
};
const refusedStep = {
  kind: 'heap-snapshot' as const,
  outcome: 'refused' as const,
  guards: [headroom],
  drains: false,
};

describe('heapfloor capture', () => {
  it('takes, shows what goes on, fetches, and deletes what it has fetched', async () => {
    answers = { capture: [running()], read: [running({ phase: 'sampling, 20 s left' }), succeeded] };
    const { code, stdout } = await run(['--kind=heap-profile', '--duration=20s', '--isolate=worker-3']);
    expect(code).toBe(0);
    expect(commands.map(({ action }) => action)).toEqual(['capture', 'read', 'read', 'read', 'delete']);
    expect(commands[0]).toMatchObject({
      kind: 'heap-profile',
      profileDurationMs: 20_000,
      isolate: 'worker-3',
    });
    expect(stdout).toContain('sampling, 20 s left');
    const [, file = ''] = /^(\S+\.heapprofile) {2}0\.0 MiB, stall 3 ms$/m.exec(stdout) ?? [];
    expect(await readFile(file, 'utf8')).toBe(CONTENT);
  });

  it('names each guard that refused with its numbers, and when to ask again; exit 3', async () => {
    const verdict = buildVerdict({
      grantedKind: null,
      outcome: 'refused',
      steps: [refusedStep],
      explanation: 'Nothing is taken.',
    });
    answers = {
      capture: [(id) => ({ verdict, operation: buildOperation(id, { state: 'refused', kind: null }) })],
    };
    const { code, stdout } = await run();
    expect(code).toBe(3);
    expect(stdout).toContain('✖ verdict         Nothing is taken.');
    expect(stdout).toContain('memory-headroom: Needs 300 MiB free, 100 MiB is there.');
    expect(stdout).toContain('neededBytes 300.0 MiB, availableBytes 100.0 MiB');
    expect(stdout).toContain(`again from ${new Date(AT).toLocaleString()} on`);
  });

  it('says what is taken instead; a dry run takes nothing and ends with 0', async () => {
    const verdict = buildVerdict({ outcome: 'downgraded', steps: [refusedStep], dryRun: true });
    answers = { capture: [() => ({ verdict, operation: null })] };
    const { code, stdout } = await run(['--dry-run']);
    expect([code, commands.length]).toEqual([0, 1]);
    expect(commands[0]).toMatchObject({ dryRun: true });
    expect(stdout).toContain('instead: heap-profile');
  });

  it('ends with 1 and the code when the capture failed', async () => {
    const failed = {
      state: 'failed' as const,
      error: { code: 'CONTROL_CAPTURE_FAILED', message: 'disk full' },
    };
    answers = { capture: [running()], read: [running(failed)] };
    const { code, stdout } = await run();
    expect(code).toBe(1);
    expect(stdout).toContain('CONTROL_CAPTURE_FAILED: disk full');
  });

  it('opens an inspector, prints the way to it, and closes it on Ctrl-C', async () => {
    const controller = new AbortController();
    const access = {
      webSocketUrl: 'ws://127.0.0.1:39111/token',
      port: 39_111,
      expiresAt: AT,
      provenClosedAt: null,
    };
    const closed = { ...access, provenClosedAt: AT };
    answers = {
      capture: [running()],
      read: [
        running({ inspector: access }),
        (id) => {
          setImmediate(() => controller.abort());
          return running({ inspector: access })(id);
        },
        running({ state: 'succeeded', inspector: closed }),
      ],
      stop: [running({ inspector: access })],
    };
    const { code, stdout } = await run(['--kind=inspector', '--duration=5m'], controller.signal);
    expect(code).toBe(0);
    expect(commands.map(({ action }) => action)).toEqual(['capture', 'read', 'read', 'stop', 'read']);
    expect(commands[0]).toMatchObject({ inspectorTtlMs: 300_000 });
    expect(stdout).toContain('ssh -N -L 39111:127.0.0.1:39111 ');
    expect(stdout).toContain('devtools://devtools/bundled/js_app.html?v8only=true&ws=127.0.0.1:39111/token');
    expect(stdout).toContain('inspector closed; port 39111 refused a connection at');
  });

  it('says that a snapshot goes on when Ctrl-C can’t stop it', async () => {
    const controller = new AbortController();
    answers = {
      capture: [running()],
      read: [
        (id) => {
          setImmediate(() => controller.abort());
          return running()(id);
        },
      ],
      stop: [() => 409],
    };
    await expect(run([], controller.signal)).rejects.toMatchObject({
      code: 'CLI_INTERRUPTED',
      kind: 'dependency',
      message: expect.stringMatching(/goes on in the app.*CONTROL_CAPTURE_NOT_STOPPABLE/) as string,
    });
  });

  it('stops a capture and resets a kind by flags', async () => {
    answers = { stop: [running({ phase: 'closing' })], reset: [() => ({})] };
    expect(await run(['--stop=cli-12345678'])).toEqual({ code: 0, stdout: 'cli-12345678: closing\n' });
    expect(await run(['--reset=heap-snapshot'])).toEqual({
      code: 0,
      stdout: 'heap-snapshot may be taken again\n',
    });
    expect(commands).toEqual([
      { action: 'stop', captureId: 'cli-12345678' },
      { action: 'reset', kind: 'heap-snapshot' },
    ]);
  });

  it.each([
    [['--duration=30'], /--duration/],
    [['--kind=inspector', '--duration=11m'], /--duration/],
    [['--isolate=worker'], /--isolate/],
    [['--cert=a'], /--cert, --cert-key: one needs the other\n.*only for an https: target/],
    [['--stop=cli-12345678', '--reset=heap-profile'], /one at a time/],
    [['--address=http://127.0.0.1:1'], /<target>: name one/],
  ])('%j is a mistake of the caller', async (flags, message) => {
    await expect(run(flags)).rejects.toMatchObject({
      code: 'CLI_OPTIONS',
      message: expect.stringMatching(message) as string,
    });
    expect(commands).toEqual([]);
  });

  it('takes no file that is not of its capture', async () => {
    answers = { capture: [running()], read: [succeededElsewhere] };
    await expect(run()).rejects.toMatchObject({ code: 'CLI_ANSWER_INVALID' });
    expect(await readFile(join(directory, 'key.pem'), 'utf8')).toContain('PRIVATE KEY');
  });
});
