import { describe, expect, it } from 'vitest';
import {
  instanceId,
  markProcess,
  parseResourceAttributes,
  readResource,
  type ProcessIdentity,
} from './read-resource.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const ALONE = { pid: 100, ppid: 1, clusterWorkerId: undefined };

describe('readResource', () => {
  it('names the process, and never its arguments', () => {
    const { attributes, problems } = readResource({}, ALONE);
    expect(Object.keys(attributes).toSorted()).toEqual([
      'host.name',
      'process.pid',
      'process.runtime.name',
      'process.runtime.version',
      'service.instance.id',
      'service.name',
    ]);
    expect(attributes['service.name']).toBe('unknown_service:node');
    expect(attributes['service.instance.id']).toMatch(UUID);
    expect(attributes['process.pid']).toBe(100);
    expect(problems).toEqual([]);
  });

  it('has another instance id each time', () => {
    const ids = [1, 2].map(() => readResource({}, ALONE).attributes['service.instance.id']);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('takes what the environment says, the service name from its own variable first', () => {
    const env = {
      OTEL_SERVICE_NAME: 'shop',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,service.instance.id=pod-1,k8s.pod.name=pod,host.name=h',
    };
    expect(readResource(env, ALONE).attributes).toMatchObject({
      'service.name': 'shop',
      'service.instance.id': 'pod-1',
      'k8s.pod.name': 'pod',
      'host.name': 'h',
    });
  });
});

/** Id of a process that was given `pod-1`. */
function id(mark: string | undefined, own: Partial<ProcessIdentity>): string {
  return instanceId('pod-1', mark, { ...ALONE, ...own });
}

describe('instanceId', () => {
  it('is a UUID where none is given, also for children', () => {
    for (const given of [undefined, '']) {
      expect(instanceId(given, undefined, ALONE)).toMatch(UUID);
      expect(instanceId(given, '7', { pid: 8, ppid: 7, clusterWorkerId: 3 })).toMatch(UUID);
    }
  });

  it('is as given in the first process, also after an exec, which keeps the pid', () => {
    expect(id(undefined, { pid: 100 })).toBe('pod-1');
    expect(id('100', { pid: 100 })).toBe('pod-1');
    expect(id('garbage', { pid: 100 })).toBe('pod-1');
  });

  it('has the pid in child processes, at each level, also after an exec', () => {
    expect(id('100', { pid: 200, ppid: 100 })).toBe('pod-1-200');
    // Behind a shell.
    expect(id('100', { pid: 200, ppid: 150 })).toBe('pod-1-200');
    expect(id('100,200', { pid: 300, ppid: 200 })).toBe('pod-1-300');
    expect(id('100,200', { pid: 200, ppid: 100 })).toBe('pod-1-200');
  });

  it('has the number of a child of cluster, which is the same after a restart', () => {
    expect(id('100', { pid: 200, ppid: 100, clusterWorkerId: 3 })).toBe('pod-1-3');
    // The primary has no register mode.
    expect(id(undefined, { pid: 200, ppid: 100, clusterWorkerId: 3 })).toBe('pod-1-3');
  });

  it('tells the children of two clusters apart that share an id', () => {
    expect(id('100,200', { pid: 300, ppid: 200, clusterWorkerId: 3 })).toBe('pod-1-200-3');
    expect(id('100', { pid: 300, ppid: 200, clusterWorkerId: 3 })).toBe('pod-1-200-3');
  });
});

describe('markProcess', () => {
  it.each([
    [undefined, '200'],
    ['200', '200'],
    ['100', '100,200'],
    ['100,150', '100,200'],
    ['100,200', '100,200'],
    ['garbage', '200'],
  ])('turns %j into %s', (before, after) => {
    const env = { HEAPFLOOR_REGISTERED_PID: before };
    markProcess(env, 200);
    expect(env.HEAPFLOOR_REGISTERED_PID).toBe(after);
  });

  it('leaves a frozen environment as it is', () => {
    const env = Object.freeze({});
    expect(() => markProcess(env, 200)).not.toThrow();
    expect(env).toEqual({});
  });
});

describe('parseResourceAttributes', () => {
  it('decodes percent signs and trims', () => {
    expect(parseResourceAttributes(' a = x%2Cy , b=1=2,').attributes).toEqual({ a: 'x,y', b: '1=2' });
  });

  it.each(['a', '=x', 'a=%zz', 'a=1,b'])('discards all of %j', (text) => {
    const { attributes, problems } = parseResourceAttributes(text);
    expect(attributes).toEqual({});
    expect(problems).toHaveLength(1);
  });
});
