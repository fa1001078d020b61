/** A simulated routing manager in a process of its own; tells its parent where it is. */
import { startRoutingManager } from '@numberyard/simulator-arm/routing-manager';

const credentials = { username: 'operator', password: 'for the bench' };
const { address } = await startRoutingManager({
  ...credentials,
  users: { count: Number(process.argv[2]), firstNumber: '+493000000000' },
});
process.send?.({ address, ...credentials });
process.once('disconnect', () => process.exit(0));
