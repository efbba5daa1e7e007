import { registerOnce } from './register/register-once.ts';

// For `--require`, which refuses a module that waits: the app starts before we have.
void registerOnce();
