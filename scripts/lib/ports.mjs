/** Which port is whose, and whether it is free. */
import { createServer } from 'node:net';
import { Stop } from './say.mjs';

const STRIPS = 60;
const AGENTS = 4;

/** Usual ports; with a base, everything from there on. */
export function choosePorts(base) {
  const at = (usual, offset) => (base === undefined ? usual : base + offset);
  return {
    http: at(8080, 0),
    mqtt: at(1883, 1),
    mqtts: at(8883, 3),
    stage: at(8090, 2),
    kiosks: Array.from({ length: AGENTS }, (_, n) => at(8100, 10) + n),
    newKiosk: at(8104, 14),
    cables: Array.from({ length: AGENTS }, (_, n) => at(8110, 20) + n),
    strips: Array.from({ length: STRIPS }, (_, n) => at(15_000, 100) + n),
  };
}

const free = (port) =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Throws a Stop that names the ports that are taken and the way out. */
export async function requireFree(ports) {
  const names = {
    http: '控制台 console',
    mqtt: 'MQTT',
    mqtts: 'MQTT TLS',
    stage: '虚拟大厅 stage',
    kiosks: '大屏 boards',
    newKiosk: '新代理的屏幕 screen of a new agent',
    cables: '代理网线 agent cables',
    strips: '条屏 strips',
  };
  const taken = [];
  for (const [name, value] of Object.entries(ports)) {
    for (const port of [value].flat()) if (!(await free(port))) taken.push(`${port} (${names[name]})`);
  }
  if (taken.length === 0) return;
  const shown = taken.slice(0, 6).join(', ') + (taken.length > 6 ? ` … +${taken.length - 6}` : '');
  throw new Stop(`端口已被占用：${shown}。`, `Ports are taken: ${shown}.`, [
    '大厅可能已在运行。否则请停止占用端口的程序，或换一组端口：',
    'The hall may be running already. Otherwise stop what holds them, or choose other ports:',
    '    npm start -- --port-base 20000',
  ]);
}
