import { isMainThread } from 'node:worker_threads';
import { describeStartFailure } from './register/describe-start-failure.ts';
import { writeLine } from './register/write-line.ts';

// Workers inherit `--import` with the same instance id; their series would collide with ours.
if (isMainThread) await register();

async function register(): Promise<void> {
  try {
    // Loaded here and not above, so that a missing package is one line and not the end of the app.
    const { startRegister } = await import('./register/start-register.ts');
    await startRegister(process.env, writeLine);
  } catch (error) {
    writeLine(...describeStartFailure(error));
  }
}
