export type { Command, CommandContext } from './command.ts';
export { captureCommand } from './commands/capture.ts';
export { compareCommand } from './commands/compare.ts';
export { keysCommand } from './commands/keys.ts';
export { demoCommand } from './commands/demo.ts';
export { receiverCommand } from './commands/receiver.ts';
export { DemoError } from './errors.ts';
