import { once } from 'node:events';
import { receiverOptions, startReceiver } from '@heapfloor/receiver';
import { describeFlags, parseArguments } from '../arguments.ts';
import type { Command } from '../command.ts';

export const receiverCommand: Command = {
  name: 'receiver',
  summary: 'Receive alerts and metrics, capture evidence, show the reports.',
  help: ['heapfloor receiver [flags]', '', describeFlags(receiverOptions)].join('\n'),
  async run(args, { env, signal, stdout, stderr }) {
    const { options } = parseArguments(receiverOptions, args, {
      command: 'heapfloor receiver',
      positionals: [0, 0],
      env,
      envPrefix: 'HEAPFLOOR_RECEIVER_',
    });
    const receiver = await startReceiver(options, {
      log: (entry) => stderr.write(`${JSON.stringify(entry)}\n`),
    });
    stdout.write(`heapfloor receiver on ${receiver.url}\n`);
    stdout.write(`public key for the apps: ${receiver.publicKeyFile}\n`);
    if (!signal.aborted) await once(signal, 'abort');
    await receiver.close();
    return 0;
  },
};
