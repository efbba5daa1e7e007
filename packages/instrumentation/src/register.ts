import { isMainThread } from 'node:worker_threads';
import { registerOnce } from './register/register-once.ts';

const started = registerOnce();
// The app shall find everything in place; a worker needs nothing of it.
if (isMainThread) await started;
