import type { Handlers } from '#core/broker/handlers.ts';
import type { vaultTrafficContract } from '#shared/contract/vault/traffic.ts';
import type { TrafficSwitch } from '../traffic/traffic.ts';

export function trafficHandlers(traffic: TrafficSwitch): Handlers<typeof vaultTrafficContract> {
  return {
    'vault.traffic': () => traffic.view(),
    async 'vault.limitTraffic'(input, context) {
      context.undo('vault.limitTraffic', { ...(await traffic.limit(input)) });
      return traffic.view();
    },
  };
}
