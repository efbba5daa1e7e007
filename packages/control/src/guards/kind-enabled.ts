import { allow, refuse, type Guard } from './guard.ts';

const NAME = 'kind-enabled';

/** Each kind is off until the app's owner enables it. */
export const kindEnabled: Guard = ({ kind, policy }) =>
  policy.enabledKinds.includes(kind)
    ? allow(NAME, `${kind} is enabled`)
    : refuse(
        NAME,
        `${kind} is not enabled; HEAPFLOOR_CONTROL_KINDS lists ${policy.enabledKinds.join(', ') || 'none'}`,
      );
