import { ALERT_NODEJS_HEAP_FLOOR_HIGH } from '@heapfloor/contract/rule';
import {
  ALERTMANAGER_HOOK_PATH,
  GROUP_BY,
  GROUP_INTERVAL,
  GROUP_WAIT,
  RECEIVER_BASE_URL,
} from '../alerts/receiver-webhook.ts';
import { GENERATED_BY } from '../rule-file.ts';

export function formatAlertmanagerConfig(): string {
  return `# ${GENERATED_BY}
#
#   alertmanager --config.file=alertmanager.yml
#
# With a configuration of your own: take over the route and the receiver "heapfloor".
route:
  receiver: nobody
  routes:
    - matchers:
        - alertname="${ALERT_NODEJS_HEAP_FLOOR_HIGH}"
      receiver: heapfloor
      # Your own routes below still get the alert: the receiver captures evidence, it pages nobody.
      continue: true
      # One notification per instance, at once: a leak does not wait for 30 s and 5 min, the defaults.
      group_by: [${GROUP_BY.join(', ')}]
      group_wait: ${GROUP_WAIT}
      group_interval: ${GROUP_INTERVAL}

receivers:
  - name: nobody
  - name: heapfloor
    webhook_configs:
      - url: ${RECEIVER_BASE_URL}${ALERTMANAGER_HOOK_PATH}
        send_resolved: true
        # The receiver acknowledges within a second and works afterwards.
        timeout: 10s
        http_config:
          authorization:
            type: Bearer
            # The same token as in the receiver's HEAPFLOOR_RECEIVER_ALERTMANAGER_BEARER_TOKEN_FILE.
            credentials_file: /etc/heapfloor/alertmanager-token
`;
}
