import { describe, expect, it } from 'vitest';
import { instanceId, parseResourceAttributes, readResource } from './read-resource.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('readResource', () => {
  it('names the process, and never its arguments', () => {
    const { attributes, problems } = readResource({});
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
    expect(problems).toEqual([]);
  });

  it('has another instance id each time', () => {
    const ids = [readResource({}), readResource({})].map((one) => one.attributes['service.instance.id']);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('takes what the environment says, the service name from its own variable first', () => {
    const { attributes } = readResource({
      OTEL_SERVICE_NAME: 'shop',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,service.instance.id=pod-1,k8s.pod.name=pod,host.name=h',
    });
    expect(attributes).toMatchObject({
      'service.name': 'shop',
      'service.instance.id': 'pod-1',
      'k8s.pod.name': 'pod',
      'host.name': 'h',
    });
  });
});

describe('instanceId', () => {
  it('tells the children of a cluster apart that share one id', () => {
    expect(instanceId('pod-1', 3)).toBe('pod-1-3');
    expect(instanceId('pod-1', undefined)).toBe('pod-1');
    expect(instanceId(undefined, 3)).toMatch(UUID);
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
