import { expect, it } from 'vitest';
import { describeAccess } from './describe-access.ts';

const access = {
  webSocketUrl: 'ws://127.0.0.1:45011/abc-DEF_123',
  port: 45_011,
  expiresAt: '2026-01-02T03:04:05.000Z',
  provenClosedAt: null,
};
const place = { instance: 'app-1', captureId: 'look-0001' };

it('says how to get there, what to open, and when it closes', () => {
  const text = describeAccess(access, { ...place, host: 'ops@app.example' }).join('\n');
  expect(text).toContain('is open until 2026-01-02T03:04:05.000Z, for one session');
  expect(text).toContain('ssh -N -L 45011:127.0.0.1:45011 ops@app.example\n');
  expect(text).toContain('kubectl port-forward <pod> 45011:45011\n');
  expect(text).toContain(
    'devtools://devtools/bundled/js_app.html?v8only=true&ws=127.0.0.1:45011/abc-DEF_123\n',
  );
  expect(text).toContain('stop capture look-0001');
});

it.each(['', '-oProxyCommand=x', 'a; rm b'])('puts no host %j into the ssh line', (host) => {
  expect(describeAccess(access, { ...place, host }).join('\n')).toContain(':45011 <host>\n');
});

it('gives no URL of an inspector that is closed', () => {
  const closed = { ...access, provenClosedAt: '2026-01-02T03:04:06.000Z' };
  expect(describeAccess(closed, place)).toEqual([
    'The inspector of app-1 is closed: 127.0.0.1:45011 refused a connection at 2026-01-02T03:04:06.000Z.',
  ]);
});

it('claims no proof, and gives no steps, where the URL is gone but no connection was refused', () => {
  expect(describeAccess({ ...access, webSocketUrl: '' }, place)).toEqual([
    'The inspector of app-1 is closed, but no connection to 127.0.0.1:45011 was refused yet.',
  ]);
});
