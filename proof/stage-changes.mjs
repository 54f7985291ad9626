// Watches the stage at the given address: passes when the pictures of at least three strips changed within 60 s.
// Reads the same event stream as the page. Dependency-free, for a machine that was fresh a moment ago.
const address = process.argv[2];
const began = Date.now();
const response = await fetch(new URL('/api/stream', address));
if (!response.ok || !response.body) throw new Error(`the stage answered ${response.status}`);
const pictures = new Map();
const changed = new Set();
let text = '';
for await (const chunk of response.body) {
  text += Buffer.from(chunk).toString('utf8');
  for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
    const data = text
      .slice(0, end)
      .split('\n')
      .filter((line) => line.startsWith('data:'));
    text = text.slice(end + 2);
    if (data.length === 0) continue;
    for (const { id, picture } of JSON.parse(data.map((line) => line.slice(5)).join('\n')).strips ?? []) {
      if (pictures.has(id) && pictures.get(id) !== picture) changed.add(id);
      pictures.set(id, picture);
    }
  }
  if (changed.size >= 3) {
    console.log(`stage reached: ${pictures.size} strips seen, ${changed.size} changed within ${(Date.now() - began) / 1000} s`);
    process.exit(0);
  }
  if (Date.now() - began > 60_000) break;
}
console.log(`only ${changed.size} of ${pictures.size} strips changed within 60 s`);
process.exit(1);
