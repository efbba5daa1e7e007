import { describe, expect, it } from 'vitest';
import type { Target } from '../targets/target.ts';
import { decide, describeResolved, type DecisionState } from './decide.ts';
import { ALERT_AT, buildEvent } from './payload.fixture.ts';

const policy = { alertNames: ['NodejsHeapFloorHigh'], maxAlertAgeSeconds: 900, maxOpenJobs: 2 };
const target: Target = {
  instance: 'shop-1',
  service: 'shop',
  version: null,
  address: 'unix:/run/shop.sock',
  match: { instance: 'shop-1' },
};

function state(differs: Partial<DecisionState> = {}): DecisionState {
  return {
    now: new Date(Date.parse(ALERT_AT) + 10_000),
    targets: [target],
    episodeCapture: null,
    cooldown: null,
    openJobCount: 0,
    ...differs,
  };
}

function stateAfter(seconds: number): DecisionState {
  return state({ now: new Date(Date.parse(ALERT_AT) + seconds * 1000) });
}

describe('decide', () => {
  it('captures at the first notice of an episode', () => {
    expect(decide(buildEvent(), state(), policy)).toEqual({ action: 'capture', target });
  });

  it('captures once per episode, however often it is told', () => {
    const known = state({ episodeCapture: { id: 'capture-1', isResolved: false } });
    expect(decide(buildEvent(), known, policy)).toEqual({ action: 'duplicate', captureId: 'capture-1' });
  });

  it.each([
    ['TestAlert', 'test-alert'],
    ['DatasourceNoData', 'datasource-no-data'],
    ['DatasourceError', 'datasource-error'],
    ['NodejsDown', 'unknown-alertname'],
  ])('never captures for %s', (alertname, reason) => {
    expect(decide(buildEvent({ alertname }), state(), policy)).toEqual({ action: 'ignore', reason });
  });

  it('never captures for a state that no value caused, though the rule’s name stands on it', () => {
    const event = buildEvent({ source: 'grafana', annotations: { grafana_state_reason: 'NoData' } });
    expect(decide(event, state(), policy)).toEqual({ action: 'ignore', reason: 'grafana-state-reason' });
  });

  it('captures up to the allowed age of an alert and not after', () => {
    expect(decide(buildEvent(), stateAfter(900), policy).action).toBe('capture');
    expect(decide(buildEvent(), stateAfter(900.001), policy)).toEqual({ action: 'ignore', reason: 'stale' });
  });

  it('needs exactly one target', () => {
    expect(decide(buildEvent(), state({ targets: [] }), policy)).toEqual({
      action: 'ignore',
      reason: 'unknown-target',
    });
    expect(decide(buildEvent(), state({ targets: [target, target] }), policy)).toEqual({
      action: 'ignore',
      reason: 'ambiguous-target',
    });
  });

  it('ignores a new episode of the same source within the cooldown', () => {
    const cooling = state({ cooldown: { captureId: 'capture-1', source: 'alertmanager' } });
    expect(decide(buildEvent(), cooling, policy)).toEqual({ action: 'ignore', reason: 'cooldown' });
  });

  it('joins another source’s notice of the same incident to its capture', () => {
    const cooling = state({ cooldown: { captureId: 'capture-1', source: 'alertmanager' } });
    expect(decide(buildEvent({ source: 'grafana' }), cooling, policy)).toEqual({
      action: 'join',
      captureId: 'capture-1',
    });
  });

  it('is overloaded by new captures only', () => {
    const full = state({ openJobCount: 2 });
    expect(decide(buildEvent(), full, policy)).toEqual({ action: 'overload' });
    expect(decide(buildEvent({ alertname: 'TestAlert' }), full, policy).action).toBe('ignore');
    const known = { ...full, episodeCapture: { id: 'capture-1', isResolved: false } };
    expect(decide(buildEvent(), known, policy).action).toBe('duplicate');
  });

  it('notes the end of an episode once and does nothing else', () => {
    const event = buildEvent({ status: 'resolved', endsAt: '2026-11-22T10:58:05.118Z' });
    const open = state({ episodeCapture: { id: 'capture-1', isResolved: false } });
    expect(decide(event, open, policy)).toEqual({
      action: 'annotate',
      captureId: 'capture-1',
      detail: 'NodejsHeapFloorHigh resolved at 2026-11-22T10:58:05.118Z.',
    });
    const noted = state({ episodeCapture: { id: 'capture-1', isResolved: true } });
    expect(decide(event, noted, policy)).toEqual({ action: 'ignore', reason: 'resolved' });
    expect(decide(event, state(), policy)).toEqual({ action: 'ignore', reason: 'resolved' });
  });
});

describe('describeResolved', () => {
  it('does not take a vanished series for a recovery', () => {
    const annotations = { grafana_state_reason: 'MissingSeries' };
    expect(describeResolved(buildEvent({ status: 'resolved', annotations }))).toContain('no recovery');
  });
});
