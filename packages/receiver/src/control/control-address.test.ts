import { describe, expect, it } from 'vitest';
import { parseControlAddress, validateControlAddress } from './control-address.ts';

describe('validateControlAddress', () => {
  it.each([
    'unix:/run/app/control.sock',
    'http://localhost:9465',
    'http://127.0.0.1:9465',
    'http://127.8.9.10',
    'http://[::1]:9465',
    'https://10.1.2.3:9465',
    'http://172.31.255.1',
    'http://192.168.0.7',
    'http://100.64.1.1',
    'http://[fd12:3456::1]:9465',
    'http://[::ffff:10.1.2.3]:9465',
  ])('takes %s', (address) => {
    expect(validateControlAddress(address)).toBeNull();
  });

  it.each([
    ['unix:control.sock', 'absolute path'],
    ['app.sock', 'neither unix:/path nor http'],
    ['ftp://127.0.0.1', 'neither unix:, http: nor https:'],
    ['http://user:pass@127.0.0.1', 'address and port alone'],
    ['http://127.0.0.1/v1?x=1', 'address and port alone'],
    ['http://example.com', 'no loopback or private address'],
    ['http://localhost.example.com', 'no loopback or private address'],
    ['http://8.8.8.8', 'no loopback or private address'],
    ['http://172.32.0.1', 'no loopback or private address'],
    // Cloud metadata services.
    ['http://169.254.169.254', 'no loopback or private address'],
    ['http://2852039166', 'no loopback or private address'],
    ['http://[::ffff:169.254.169.254]', 'no loopback or private address'],
    ['http://[fd00:ec2::254]', 'no loopback or private address'],
    ['http://100.100.100.200', 'no loopback or private address'],
    ['http://0.0.0.0:9465', 'no loopback or private address'],
  ])('refuses %s', (address, problem) => {
    expect(validateControlAddress(address)).toContain(problem);
  });
});

describe('parseControlAddress', () => {
  it('tells a socket from a host', () => {
    expect(parseControlAddress('unix:/run/a.sock')).toEqual({ kind: 'unix', socketPath: '/run/a.sock' });
    expect(parseControlAddress('http://127.0.0.1:9465')).toMatchObject({ kind: 'http' });
  });
});
