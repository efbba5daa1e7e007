import { describe, expect, it } from 'vitest';
import { hideCredentials, showValue } from './env-values.ts';

describe('hideCredentials', () => {
  it.each([
    ['http://user:secret@collector:4318/v1', 'http://***@collector:4318/v1'],
    ['http://token@collector', 'http://***@collector'],
    ['https://user:se/cr@et@collector', 'https://***@collector'],
    ['user:se/cr@et@collector:4318', '***@collector:4318'],
    ["cannot parse 'http://u:secret@c' here", "cannot parse 'http://***@c' here"],
    ['url=user:secret@c', 'url=***@c'],
  ])('of %s is %s', (text, hidden) => {
    expect(hideCredentials(text)).toBe(hidden);
  });

  it.each([
    '@opentelemetry/api: too old',
    'file:///app/node_modules/@opentelemetry/api.js:1:2',
    'a@b',
    '4318',
  ])('leaves %s alone', (text) => {
    expect(hideCredentials(text)).toBe(text);
  });
});

describe('showValue', () => {
  it('cuts what is long, after it has hidden the credentials', () => {
    expect(showValue(`http://u:${'secret'.repeat(20)}@c/${'x'.repeat(200)}`)).toBe(
      `"http://***@c/${'x'.repeat(47)}"`,
    );
  });
});
