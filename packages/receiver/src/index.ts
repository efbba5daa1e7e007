export { createApp } from './create-app.ts';
export type { AppDependencies, Pages } from './http/app-dependencies.ts';
export {
  createControlClient,
  type CaptureCommandInput,
  type ControlClient,
  type ControlClientOptions,
  type WaitOptions,
} from './control/control-client.ts';
export type { ControlTls } from './control/send-control-request.ts';
export { createKeyPair, loadOrCreateKeyPair, type KeyPair, type StoredKeyPair } from './control/key-pair.ts';
export { RECEIVER_ERRORS, ReceiverError, type ReceiverErrorCode } from './errors.ts';
export type { InstanceView } from './instances/instance-registry.ts';
export type { JobStore } from './jobs/job-store.ts';
export type { Log, LogEntry } from './log.ts';
export { receiverOptions, type ReceiverOptions, type ReceiverOptionsInput } from './options.ts';
export { startReceiver, type RunningReceiver, type StartOptions } from './start-receiver.ts';
export type { Target } from './targets/target.ts';
