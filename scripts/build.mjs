// npm run build: compiles and bundles what has changed, and nothing else.
import { buildAll } from './lib/builds.mjs';
import { giveUp, say } from './lib/say.mjs';

const built = await buildAll().catch(giveUp);
say(built.length === 0 ? '无变化 unchanged' : `已构建 built: ${built.join(', ')}`);
