import { afterEach, describe, expect, it, vi } from 'vitest';
import { listenToSignal } from './listen-to-signal.ts';

afterEach(() => {
  process.removeAllListeners('SIGUSR2');
});

describe('listenToSignal', () => {
  it('tells of each signal until it is stopped', async () => {
    const onSignal = vi.fn<() => void>();
    const listener = listenToSignal('SIGUSR2', onSignal);
    process.kill(process.pid, 'SIGUSR2');
    await vi.waitFor(() => expect(onSignal).toHaveBeenCalledOnce());
    if ('problem' in listener) throw new Error(listener.problem);
    listener.stop();
    expect(process.listenerCount('SIGUSR2')).toBe(0);
  });

  it('leaves a signal alone that somebody listens to', () => {
    process.on('SIGUSR2', () => {});
    expect(listenToSignal('SIGUSR2', () => {})).toEqual({
      problem: 'signal: SIGUSR2 has 1 listener(s) already; choose another signal',
    });
    expect(process.listenerCount('SIGUSR2')).toBe(1);
  });

  it.each(['SIGTERM', 'SIGUSR1', 'SIGKILL', 'SIGNONE'])('refuses %s', (signal) => {
    expect(listenToSignal(signal, () => {})).toEqual({ problem: expect.stringContaining(signal) as string });
  });
});
