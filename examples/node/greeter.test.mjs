import { test } from 'node:test';

import { greeter } from './greeter.mjs';
import { startSandbox } from './sandbox.mjs';

test('a newcomer is greeted', async t => {
  const sandbox = await startSandbox(t, '--seed', 7);
  const club = await sandbox.guild('Club');
  await club.role('guest');
  const bot = await greeter(sandbox);
  sandbox.after(() => bot.destroy());
  await sandbox.expect({ connection: true });

  const ada = await club.member('ada');
  await ada.joinsThrough(await club.invite({ max_uses: 1 }));

  await sandbox.expect({ message: `Welcome <@${ada.id}>!` });
  await sandbox.expect({ request: ['PUT', /\/members\/\d+\/roles\/\d+$/] });
});
