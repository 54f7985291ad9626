import { openStagedHall } from './staged-hall.ts';
const hall = await openStagedHall();
const { stage } = hall;
const s = stage.strips.get('strip-w01')!;
const t0 = performance.now();
const now = () => (performance.now() - t0).toFixed(0).padStart(6);
let last = '';
const log = () => {
  const v = stage.checker.verdict('strip-w01');
  const l = `${v} | ${s.simulator.texts().join(' / ')}`;
  if (l !== last) {
    last = l;
    console.log(
      now(),
      l,
      v === 'wrong' ? JSON.stringify(stage.truth.expected('strip-w01').map((x) => ({ ...x, key: x.key.slice(0, 5) }))) : '',
    );
  }
};
s.simulator.onChange(() => {
  setImmediate(log);
});
s.simulator.onFrame((f: any) => {
  console.log(now(), '  frame', f.direction, f.describe.zh.slice(0, 160));
});
const iv = setInterval(log, 20);
const post = async (p: string, b: unknown) => {
  const r = await fetch(stage.url + p, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(b),
  });
  const j = await r.json();
  console.log(now(), JSON.stringify(b), JSON.stringify(j));
};
const until = async (f: () => boolean) => {
  while (!f()) await new Promise((r) => setTimeout(r, 50));
};
await until(() => stage.checker.verdict('strip-w01') === 'right');
await post('/api/act', { act: 'take', service: hall.content.windows[0]!.services[0] });
await post('/api/act', { act: 'call', window: 'w01' });
await new Promise((r) => setTimeout(r, 700));
await post('/api/fault', { what: 'unplug', strip: 'strip-w01' });
await until(() => stage.checker.verdict('strip-w01') === 'safe');
await new Promise((r) => setTimeout(r, 700));
await post('/api/fault', { what: 'plug', strip: 'strip-w01' });
await until(() => stage.checker.verdict('strip-w01') === 'right');
await new Promise((r) => setTimeout(r, 2500));
console.log(stage.checker.tally(), stage.checker.findings);
clearInterval(iv);
await hall.close();
