/** Jobs that start their own poll inside a request: the request's context lives as long as the poll, for ever. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { makeRows, makeText } from '../make-records.ts';

interface RequestContext {
  readonly requestId: number;
  readonly body: string;
}

const context = new AsyncLocalStorage<RequestContext>();
const jobs = makeRows(50);

function startPoll(): void {
  const poll = (): void => {
    const index = context.getStore()?.requestId ?? 0;
    if (jobs[index % jobs.length] !== undefined) setTimeout(poll, 20_000);
  };
  poll();
}

let requestId = 0;
setInterval(() => {
  requestId += 1;
  context.run({ requestId, body: makeText(28_000) }, startPoll);
}, 25);
