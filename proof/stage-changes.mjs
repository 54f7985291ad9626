// Watches the stage at the given address: passes when at least three windows changed within 60 s.
// Reads the same event stream as the page. Dependency-free, runs on the machine that started the hall.
const address = process.argv[2];
const response = await fetch(new URL('/stage/events', address));
if (!response.ok || !response.body) throw new Error(`the stage answered ${response.status}`);
const changed = new Set();
const until = Date.now() + 60_000;
let text = '';
for await (const chunk of response.body) {
  text += Buffer.from(chunk).toString('utf8');
  for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
    const found = /"device":"([^"]+)"/.exec(text.slice(0, end));
    if (found) changed.add(found[1]);
    text = text.slice(end + 2);
  }
  if (changed.size >= 3) {
    console.log(`stage reached, ${changed.size} screens changed`);
    process.exit(0);
  }
  if (Date.now() > until) break;
}
console.log(`only ${changed.size} screens changed within 60 s`);
process.exit(1);
